public import VectorModel

/// Which rows have the largest inner product with a sparse vector? An inverted index over the sparse vectors of one part under one key.
///
/// Invariants:
/// 1. Exact: scores and their order are those of `SparseWords.innerProduct` over every row, to the last bit, negative weights included.
/// 2. A row is an answer if and only if it has an index in common with the query, be the score zero or negative.
/// 3. Every number in an image that is gone by is checked when it is opened: no byte of a file leads a search elsewhere.
///
/// Knows nothing of tombstones and filters but a set of rows that may be returned.
///
/// Search is block-max pruning (A. Mallia, T. Suel, N. Tonellotto, "Faster Learned Sparse Retrieval with Block-Max Pruning", SIGIR 2024,
/// doi:10.1145/3626772.3657906): the rows are cut into windows, each index keeps its largest weight in each window, their sum bounds the scores of
/// a window, and windows are scored in the order of their bounds until none can hold a better row. We keep the postings of windows instead of a
/// forward index, maxima as floats rather than rounded to bytes, and prune nothing approximately.
public struct SparseIndex: Sendable {
    /// What to write to a file. Starts at a multiple of `IndexImage.alignment`.
    public let image: IndexImage
    private let header: SparseHeader

    /// Opens an image.
    ///
    /// Cost: one pass over the image.
    /// - Parameter rowCount: of the part; the image must be of as many.
    /// - Throws: where the image is not one that `build` could have made.
    public init(_ image: IndexImage, rowCount: Int) throws(IndexImageDamage) {
        let header = try SparseHeader(image.bytes)
        guard header.rowCount == rowCount else {
            throw IndexImageDamage(offset: 16, reason: "the inverted index is of \(header.rowCount) rows, the part has \(rowCount)")
        }
        try SparsePostings(header, image.bytes).check()
        self.init(built: image, header)
    }

    init(built image: IndexImage, _ header: SparseHeader) {
        self.image = image
        self.header = header
    }

    /// Rows of the part, with and without a vector.
    public var rowCount: Int { header.rowCount }

    /// How many indices some vector has.
    public var dimensionCount: Int { header.dimensionCount }

    /// How many values all vectors have.
    public var postingCount: Int { header.postingCount }

    var postings: SparsePostings { SparsePostings(header, image.bytes) }

    /// How many of `rows` have a value at `index`: a term's document frequency. Cost: O(values at the index).
    public func count(of index: UInt32, among rows: OrdinalSet) -> Int {
        let postings = postings
        guard let list = postings.list(of: index) else { return 0 }
        var count = 0
        for block in list.blocks {
            let first = Int(postings.windows[block]) * SparseHeader.windowRows
            for posting in postings.postings(of: block, in: list) where rows.contains(first + Int(postings.rows[posting])) { count += 1 }
        }
        return withExtendedLifetime(image) { count }
    }
}
