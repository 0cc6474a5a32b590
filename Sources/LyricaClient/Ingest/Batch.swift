/// Consecutive rows that are sent in one request.
public struct Batch: Sendable {
    public let records: [IngestRecord]
    /// Behind the last of its rows.
    public let end: RowPosition

    public init(records: [IngestRecord], end: RowPosition) {
        self.records = records
        self.end = end
    }

    /// The lines it holds, counted from 1.
    var rowNumbers: ClosedRange<Int> { records[0].row...records[records.count - 1].row }
}

/// Cuts a stream of rows into batches; stops at the first row that cannot be sent.
public struct BatchReader {
    private var source: RecordSource
    private var planner: BatchPlanner
    private var comparison: RowComparison
    private var carried: (record: IngestRecord, endOffset: Int)?

    public init(source: RecordSource, planner: BatchPlanner, collectionDimension: Int?) {
        self.source = source
        self.planner = planner
        comparison = RowComparison(memory: .dimensionOnly, collectionDimension: collectionDimension)
    }

    /// The next batch, or `nil` at the end.
    /// - Throws: `ClientError.data` that names the first unusable row; rows before it that fill no batch are left out with it.
    public mutating func next() throws(ClientError) -> Batch? {
        var records: [IngestRecord] = []
        var rowsByID: [String: Int] = [:]
        var endOffset = 0

        func add(_ row: (record: IngestRecord, endOffset: Int)) throws(ClientError) {
            if let earlier = rowsByID.updateValue(row.record.row, forKey: row.record.id) {
                throw .data("row \(row.record.row): duplicate id: the id is the one of row \(earlier), and one request cannot hold both")
            }
            records.append(row.record)
            endOffset = row.endOffset
        }

        if let carried { try add(carried) }
        carried = nil
        while let row = try nextRow() {
            if planner.startsNewBatch(rowBytes: row.record.encodedBytesEstimate) {
                carried = row
                break
            }
            try add(row)
        }
        guard let last = records.last else { return nil }
        return Batch(records: records, end: RowPosition(rows: last.row, byteOffset: endOffset))
    }

    private mutating func nextRow() throws(ClientError) -> (record: IngestRecord, endOffset: Int)? {
        guard let row = try source.next() else { return nil }
        switch row.result {
        case .success(let record):
            if let problem = comparison.problems(with: record).first { throw .data(problem.message) }
            return (record, row.endOffset)
        case .failure(let problems):
            throw .data(problems.list.map(\.message).joined(separator: "; "))
        }
    }
}
