public import VectorModel

/// An ordered, durable list of changes: this machine's write-ahead log, or one that is agreed upon by several machines.
public protocol CommitLog: Sendable {
    /// Orders `payload` after everything appended before and returns its number at once; it is not durable yet.
    ///
    /// Never waits for the disk. Throws `overloaded` when too many bytes wait for it, and whatever made the log stop. When it throws,
    /// nothing was appended.
    func append(_ payload: LogPayload) throws(LogError) -> SequenceNumber

    /// Suspends until `number`, which `append` returned, and everything before it that will ever be durable is so; or throws.
    ///
    /// After `outOfSpace` this change is not in the log and never will be. After `failed` it may or may not be found when the log is opened
    /// again. Cancelling the task does not end the wait, since the outcome would be lost.
    func waitUntilDurable(_ number: SequenceNumber) async throws(LogError)

    /// The highest number that is durable.
    var lastDurable: SequenceNumber { get }

    /// Makes everything appended durable and releases the files; throws if that fails. Later appends throw `closed`.
    func close() async throws(LogError)
}
