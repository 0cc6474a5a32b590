import FoundationEssentials

/// Bytes of files as the benchmark reads them.
enum BenchFiles {
    static func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
        numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    }

    static func bytes(_ floats: [Float]) -> [UInt8] { bytes(floats.map(\.bitPattern)) }

    static func fbin(_ rows: [[Float]]) -> [UInt8] { bytes([UInt32(rows.count), UInt32(rows[0].count)]) + bytes(rows.flatMap { $0 }) }

    static func ivecs(_ rows: [[Int32]]) -> [UInt8] { rows.flatMap { bytes([Int32($0.count)] + $0) } }

    static func ibin(_ rows: [[Int32]]) -> [UInt8] { bytes([UInt32(rows.count), UInt32(rows[0].count)]) + bytes(rows.flatMap { $0 }) }

    static func npy(descriptor: String, rows: Int, columns: Int, data: [UInt8]) -> [UInt8] {
        let fields = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + bytes([UInt16(fields.utf8.count)]) + Array(fields.utf8) + data
    }
}

/// A folder that goes when the value does.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/BenchSupportTests." + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(of name: String) -> String { path + "/" + name }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], as name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: path(of: name)))
        return path(of: name)
    }
}
