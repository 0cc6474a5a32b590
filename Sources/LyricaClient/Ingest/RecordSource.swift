/// The rows of an ingest, one after the other: lines joined with the vectors of an embedding file, if there is one.
///
/// Holds one block of lines and one window of vectors, whatever the size of the files.
public struct RecordSource {
    /// A row, checked or refused.
    public struct Row: Sendable {
        public let result: Result<IngestRecord, RowProblems>
        /// Where the next line starts in the file of lines.
        public let endOffset: Int
    }

    private static let windowRows = 256

    private var lines: LineReader
    private let reader: RecordReader
    private let embeddings: EmbeddingFile?
    private var window: [[Float]] = []
    private var windowStart = 0
    private var heldBack: Line?

    /// - Parameter embeddings: Row `n` of it, counted from 0, belongs to line `n + 1`.
    public init(lines: LineReader, reader: RecordReader, embeddings: EmbeddingFile?) {
        self.lines = lines
        self.reader = reader
        self.embeddings = embeddings
    }

    /// The next row, or `nil` at the end. Blank lines at the end of the file are no rows; one between rows is a problem of its own.
    /// - Throws: `ClientError` when a file can no longer be read, or has more lines than vectors.
    public mutating func next() throws(ClientError) -> Row? {
        guard let line = try nextLine() else { return nil }
        if line.isBlank {
            guard try skipBlankLines() else { return nil }
            return Row(result: .failure(RowProblems(row: line.number, .blankLine, "rows follow it")), endOffset: line.endOffset)
        }
        let embedding = try embedding(ofRow: line.number - 1)
        return Row(result: reader.record(from: line, embedding: embedding), endOffset: line.endOffset)
    }

    private mutating func nextLine() throws(ClientError) -> Line? {
        if let line = heldBack {
            heldBack = nil
            return line
        }
        return try lines.next()
    }

    /// Goes on to the next line that is not blank and keeps it; false when there is none.
    private mutating func skipBlankLines() throws(ClientError) -> Bool {
        while let line = try lines.next() {
            if !line.isBlank {
                heldBack = line
                return true
            }
        }
        return false
    }

    private mutating func embedding(ofRow row: Int) throws(ClientError) -> [Float]? {
        guard let embeddings else { return nil }
        guard row < embeddings.rowCount else {
            throw .data("\(embeddings.name) has \(embeddings.rowCount) rows, but there is a line \(row + 1)")
        }
        if row < windowStart || row >= windowStart + window.count {
            windowStart = row
            window = try embeddings.rows(row..<min(row + Self.windowRows, embeddings.rowCount))
        }
        return window[row - windowStart]
    }
}
