/// A file of vectors: rows of one dimension that are read by position and come out as float32.
///
/// Kinds: `.npy` (float16, float32, float64; two-dimensional, row order), `.fvecs`, `.fbin`. The length of the file must be exactly what its
/// header says, so a file that was cut short is refused when it is opened. Opening an `.fvecs` file reads the length word of every row.
public struct EmbeddingFile: Sendable {
    public let name: String
    public let rowCount: Int
    public let dimension: Int
    public let elementType: ElementType
    private let source: any ByteSource
    private let dataOffset: Int
    private let rowStride: Int
    /// Bytes of each row before its components.
    private let rowPrefix: Int

    /// Vectors of more components are refused: a header that asks for more is damaged.
    public static let dimensionMax = 1 << 20

    /// Opens a file by the ending of its name.
    public static func open(path: String) throws(ClientError) -> EmbeddingFile {
        guard let format = EmbeddingFormat(path: path) else {
            throw .file(path: path, problem: "unknown kind of embedding file; the name must end in .npy, .fvecs or .fbin")
        }
        return try EmbeddingFile(FileBytes(path: path), format: format)
    }

    public init(_ source: some ByteSource, format: EmbeddingFormat) throws(ClientError) {
        let layout: EmbeddingLayout
        switch format {
        case .npy: layout = try .npy(source)
        case .fvecs: layout = try .fvecs(source)
        case .fbin: layout = try .fbin(source)
        }
        self.source = source
        name = source.name
        rowCount = layout.rowCount
        dimension = layout.dimension
        elementType = layout.elementType
        dataOffset = layout.dataOffset
        rowPrefix = layout.rowPrefix
        rowStride = layout.rowStride
    }

    /// The vectors of consecutive rows, counted from 0.
    /// - Throws: `ClientError.file` when the file can no longer be read. Rows outside `0..<rowCount` are a mistake of the program.
    public func rows(_ range: Range<Int>) throws(ClientError) -> [[Float]] {
        precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows of this file")
        let bytes = try source.bytes(at: dataOffset + range.lowerBound * rowStride, count: range.count * rowStride)
        return (0..<range.count).map { index in
            let start = index * rowStride
            return elementType.decode(bytes[start + rowPrefix..<start + rowStride])
        }
    }
}

/// The kinds of files of vectors.
public enum EmbeddingFormat: String, CaseIterable, Sendable {
    case npy
    case fvecs
    case fbin

    /// The kind that the ending of a path names, or `nil`.
    public init?(path: String) {
        guard let dot = path.lastIndex(of: ".") else { return nil }
        self.init(rawValue: path[path.index(after: dot)...].lowercased())
    }
}
