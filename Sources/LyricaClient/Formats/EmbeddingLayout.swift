/// Where the rows of a file of vectors lie, checked against the file's length in 64-bit arithmetic that cannot overflow.
struct EmbeddingLayout: Equatable {
    var rowCount: Int
    var dimension: Int
    var elementType: ElementType
    var dataOffset: Int
    /// Bytes of each row before its components.
    var rowPrefix: Int

    var rowStride: Int { rowPrefix + dimension * elementType.byteCount }

    /// NumPy: the header names type, order and shape; the elements are the whole rest of the file.
    static func npy(_ source: some ByteSource) throws(ClientError) -> EmbeddingLayout {
        let header = try NPYHeader.read(from: source)
        func refuse(_ problem: String) -> ClientError { .file(path: source.name, problem: problem) }

        guard let elementType = elementType(ofDescriptor: header.descriptor) else {
            throw refuse("holds elements of type '\(header.descriptor.prefix(20))'; float16, float32 and float64 ('<f2', '<f4', '<f8') can be read")
        }
        guard header.shape.count == 2 else {
            throw refuse("holds an array of \(header.shape.count) dimensions; a matrix of one row per vector is wanted")
        }
        guard !header.isFortranOrder else {
            throw refuse("is stored by columns; save it with numpy.ascontiguousarray first")
        }
        let layout = EmbeddingLayout(
            rowCount: header.shape[0], dimension: header.shape[1], elementType: elementType, dataOffset: header.dataOffset, rowPrefix: 0
        )
        try layout.check(source)
        return layout
    }

    private static func elementType(ofDescriptor descriptor: String) -> ElementType? {
        switch descriptor {
        case "<f2": .float16
        case "<f4": .float32
        case "<f8": .float64
        default: nil
        }
    }

    /// `.fbin`: the row count and the dimension as 32-bit numbers, then float32 components.
    static func fbin(_ source: some ByteSource) throws(ClientError) -> EmbeddingLayout {
        guard source.byteCount >= 8 else { throw .file(path: source.name, problem: "is too short for an .fbin file") }
        let words = try words(source.bytes(at: 0, count: 8))
        let layout = EmbeddingLayout(rowCount: words[0], dimension: words[1], elementType: .float32, dataOffset: 8, rowPrefix: 0)
        try layout.check(source)
        return layout
    }

    /// `.fvecs`: each row is its dimension as a 32-bit number, then float32 components; all rows must have the same dimension.
    static func fvecs(_ source: some ByteSource) throws(ClientError) -> EmbeddingLayout {
        guard source.byteCount >= 4 else { throw .file(path: source.name, problem: "is too short for an .fvecs file") }
        let dimension = try words(source.bytes(at: 0, count: 4))[0]
        var layout = EmbeddingLayout(rowCount: 0, dimension: dimension, elementType: .float32, dataOffset: 0, rowPrefix: 4)
        try layout.checkDimension(source)
        guard source.byteCount.isMultiple(of: layout.rowStride) else {
            throw .file(path: source.name, problem: "ends inside a row: \(source.byteCount) bytes are no multiple of \(layout.rowStride) for dimension \(dimension)")
        }
        layout.rowCount = source.byteCount / layout.rowStride
        for row in 0..<layout.rowCount {
            let found = try words(source.bytes(at: row * layout.rowStride, count: 4))[0]
            guard found == dimension else {
                throw .file(path: source.name, problem: "row \(row + 1) claims dimension \(found), the first row has \(dimension)")
            }
        }
        return layout
    }

    private static func words(_ bytes: [UInt8]) -> [Int] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }

    private func checkDimension(_ source: some ByteSource) throws(ClientError) {
        guard (1...EmbeddingFile.dimensionMax).contains(dimension) else {
            throw .file(path: source.name, problem: "claims vectors of \(dimension) components; 1 to \(EmbeddingFile.dimensionMax) are possible")
        }
    }

    private func check(_ source: some ByteSource) throws(ClientError) {
        // A matrix without rows, as an export of an empty collection writes it, may have no columns either.
        if rowCount != 0 || dimension != 0 { try checkDimension(source) }
        let available = source.byteCount - dataOffset
        let (needed, overflow) = rowCount.multipliedReportingOverflow(by: rowStride)
        guard rowCount >= 0, !overflow, needed == available else {
            let wanted = overflow ? "more bytes than there can be" : "\(needed) bytes"
            throw .file(
                path: source.name,
                problem: "the header says \(rowCount) rows of \(dimension) \(elementType.rawValue), \(wanted), but \(available) bytes follow it"
            )
        }
    }
}
