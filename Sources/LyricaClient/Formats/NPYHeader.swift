/// The header of a NumPy `.npy` file: magic, version, and a Python dictionary of the element type, order and shape.
///
/// Read: versions 1.0, 2.0 and 3.0. Written: version 1.0, always `writtenByteCount` bytes, so that the row count can be put in at the end.
public struct NPYHeader: Equatable, Sendable {
    /// The type code as written, such as `<f4`.
    public var descriptor: String
    public var isFortranOrder: Bool
    public var shape: [Int]
    /// Where the elements start.
    public var dataOffset: Int

    public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Real headers have some hundred bytes; a longer one is no header.
    private static let textBytesMax = 1 << 16

    /// - Throws: `ClientError.file` that names what is wrong with the header.
    public static func read(from source: some ByteSource) throws(ClientError) -> NPYHeader {
        func refuse(_ problem: String) -> ClientError { .file(path: source.name, problem: problem) }

        guard source.byteCount >= 10 else { throw refuse("is too short for a .npy file") }
        let start = try source.bytes(at: 0, count: 10)
        guard Array(start[0..<6]) == magic else { throw refuse("does not start like a .npy file") }
        let textOffset: Int
        let textBytes: Int
        switch start[6] {
        case 1:
            textOffset = 10
            textBytes = Int(start[8]) | Int(start[9]) << 8
        case 2, 3:
            guard source.byteCount >= 12 else { throw refuse("ends inside the .npy header") }
            let length = try source.bytes(at: 8, count: 4)
            textOffset = 12
            textBytes = length.reversed().reduce(0) { $0 << 8 | Int($1) }
        default:
            throw refuse("is a .npy file of version \(start[6]).\(start[7]); versions 1 to 3 can be read")
        }
        guard textBytes <= textBytesMax else { throw refuse("the .npy header claims \(textBytes) bytes") }
        guard textBytes <= source.byteCount - textOffset else { throw refuse("ends inside the .npy header") }
        let text = try source.bytes(at: textOffset, count: textBytes)
        guard let fields = PythonHeaderFields.parse(text) else { throw refuse("the .npy header is not the dictionary it should be") }
        return NPYHeader(
            descriptor: fields.descriptor, isFortranOrder: fields.isFortranOrder, shape: fields.shape, dataOffset: textOffset + textBytes
        )
    }

    /// The length of a header that is written here; a multiple of 64, as NumPy aligns it, with room for any row count.
    public static let writtenByteCount = 128

    /// The header of a float32 matrix in row order.
    public static func float32Matrix(rows: Int, dimension: Int) -> [UInt8] {
        let fields = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(dimension)), }"
        let textBytes = writtenByteCount - 10
        // 57 bytes of fields and two numbers of at most 19 digits always fit.
        let padding = String(repeating: " ", count: textBytes - 1 - fields.utf8.count)
        return magic + [1, 0, UInt8(textBytes), 0] + Array((fields + padding + "\n").utf8)
    }
}
