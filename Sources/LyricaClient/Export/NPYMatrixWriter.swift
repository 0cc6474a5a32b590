/// Writes a float32 `.npy` matrix row by row; the number of rows is put into the header at the end.
public final class NPYMatrixWriter {
    private let file: ReplacedFile
    private let dimension: Int
    public private(set) var rowCount = 0

    /// - Parameter path: Appears there only on `commit`.
    public init(path: String, dimension: Int) throws(ClientError) {
        file = try ReplacedFile(path: path)
        self.dimension = dimension
        try file.append(NPYHeader.float32Matrix(rows: 0, dimension: dimension))
    }

    /// Appends vectors of the matrix's dimension; another dimension is a mistake of the program.
    public func append(_ vectors: [[Float]]) throws(ClientError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(vectors.count * dimension * 4)
        for vector in vectors {
            precondition(vector.count == dimension, "all rows have one dimension")
            bytes.append(contentsOf: LittleEndianFloats.bytes(of: vector))
        }
        try file.append(bytes)
        rowCount += vectors.count
    }

    /// Completes the header and gives the file its name.
    public func commit() throws(ClientError) {
        try file.overwrite(NPYHeader.float32Matrix(rows: rowCount, dimension: dimension), at: 0)
        try file.commit()
    }
}
