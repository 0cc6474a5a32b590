import ByteCoding
import VectorModel

/// A verification under way: what it has found, how far it is, and whether it is to go on. Used by one thread.
final class VerificationWork {
    private(set) var report = VerificationReport()
    private var bytesDone = 0
    private let bytesTotal: Int
    private let progress: (VerificationProgress) -> Bool

    /// - Parameter progress: called after each piece of work; ends the verification by returning false.
    init(bytesTotal: Int, progress: @escaping (VerificationProgress) -> Bool) {
        self.bytesTotal = bytesTotal
        self.progress = progress
    }

    var shouldContinue: Bool { !report.wasCancelled }

    func add(_ finding: VerificationReport.Finding) {
        report.findings.append(finding)
    }

    func add(_ corruption: Corruption, collection: CollectionIdentifier? = nil) {
        add(VerificationReport.Finding(corruption, collection: collection))
    }

    /// Counts bytes that were read, and asks whether to go on.
    @discardableResult
    func advance(_ bytes: Int) -> Bool {
        bytesDone += bytes
        if shouldContinue, !progress(VerificationProgress(bytesDone: bytesDone, bytesTotal: max(bytesTotal, bytesDone))) {
            report.wasCancelled = true
        }
        return shouldContinue
    }

    /// A file was read to its end; its bytes are counted by `advance`.
    func countFile(bytes: Int) {
        report.files += 1
        report.bytes += bytes
    }

    func countCollection() { report.collections += 1 }
    func countRow() { report.rows += 1 }
    func countLogRecord() { report.logRecords += 1 }
}
