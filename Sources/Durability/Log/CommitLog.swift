public import FileIO
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

    /// As `waitUntilDurable`, for a thread of its own: it blocks.
    func waitUntilDurableBlocking(_ number: SequenceNumber) throws(LogError)

    /// Blocks until `number`, which `append` returned, and everything before it is on stable storage, whatever an acknowledgement means.
    ///
    /// To be called before anything is made durable that builds on these records, such as a manifest: else the death of the machine could
    /// take them from the log alone, and their numbers be given out again.
    func waitUntilSyncedBlocking(_ number: SequenceNumber) throws(LogError)

    /// The highest number that is durable, as the log's durability mode means it.
    var lastDurable: SequenceNumber { get }

    /// The highest number that is on stable storage; at most `lastDurable`.
    var lastSynced: SequenceNumber { get }

    /// Gives up the space of records up to `floor`, as far as that is possible. Blocks; does not hold up commits.
    ///
    /// - Parameter floor: everything up to it is safe elsewhere, and that it is so is on stable storage too. At most `lastSynced`.
    /// - Throws: what keeps the files from leaving. The log is not affected; the next call goes on with the rest.
    func trim(through floor: SequenceNumber) throws(FileError)

    /// Writes copies of the log's files, which hold the records after `floor` up to `last`, into a directory that exists and has no log files.
    ///
    /// Blocks; meanwhile appends go on and trims wait. If it throws, what is in the directory means nothing.
    /// - Parameter last: at most `lastDurable`.
    func copy(to directory: String, after floor: SequenceNumber, through last: SequenceNumber) throws(LogCopyError) -> LogCopyReport

    /// The log's files and how far it is. Cheap.
    var status: LogStatus { get }

    /// Makes everything appended durable and releases the files; throws if that fails. Later appends throw `closed`.
    func close() async throws(LogError)
}
