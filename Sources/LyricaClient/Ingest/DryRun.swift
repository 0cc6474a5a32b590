/// Reads everything, checks everything, sends nothing.
public enum DryRun {
    /// - Parameters:
    ///   - collectionDimension: Of the collection that exists already; else the first row decides.
    ///   - progress: Told the number of rows read, after every row.
    public static func run(
        _ source: consuming RecordSource, collectionDimension: Int?, progress: (Int) -> Void
    ) throws(ClientError) -> ValidationReport {
        var report = ValidationReport()
        var comparison = RowComparison(memory: .allRows, collectionDimension: collectionDimension)
        while let row = try source.next() {
            switch row.result {
            case .success(let record): report.add(dimension: record.embedding.count, problems: comparison.problems(with: record))
            case .failure(let problems): report.add(dimension: nil, problems: problems.list)
            }
            progress(report.rowCount)
        }
        return report
    }
}
