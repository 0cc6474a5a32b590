/// The files of an ingest, opened and compared before anything is sent.
public struct IngestInput: Sendable {
    public let file: InputFile
    public let embeddings: EmbeddingFile?
    /// `nil` for the standard input, whose length nobody knows.
    public let rowCount: Int?

    /// - Throws: `ClientError` when a file cannot be read, or when lines and vectors are not equally many.
    public init(path: String, embeddingsPath: String?) throws(ClientError) {
        file = try InputFile(path: path)
        var embeddings: EmbeddingFile?
        if let embeddingsPath { embeddings = try EmbeddingFile.open(path: embeddingsPath) }
        self.embeddings = embeddings
        guard !file.isStandardInput else {
            guard embeddings == nil else {
                throw .data("standard input cannot be counted beforehand, so it does not go together with an embedding file; save it to a file first")
            }
            rowCount = nil
            return
        }
        let rows = try file.countRows()
        if let embeddings, embeddings.rowCount != rows {
            throw .data("\(file.name) has \(rows) rows, but \(embeddings.name) has \(embeddings.rowCount); nothing was sent")
        }
        rowCount = rows
    }

    /// The rows from the start, or from where a checkpoint ends.
    public func records(reader: RecordReader, after position: RowPosition = .start) throws(ClientError) -> RecordSource {
        RecordSource(
            lines: try file.lines(fromOffset: position.byteOffset, lineNumber: position.rows + 1), reader: reader, embeddings: embeddings
        )
    }
}

/// A place between two rows of a file of lines.
public struct RowPosition: Equatable, Sendable {
    /// How many rows lie before it.
    public let rows: Int
    /// Where the next row starts.
    public let byteOffset: Int

    public static let start = RowPosition(rows: 0, byteOffset: 0)

    public init(rows: Int, byteOffset: Int) {
        self.rows = rows
        self.byteOffset = byteOffset
    }
}
