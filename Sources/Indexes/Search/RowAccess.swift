/// Is told which rows a search is about to read, so that mapped bytes are verified before they are trusted.
///
/// Row numbers count from the first row of the whole segment or memtable, as `VectorRun.firstOrdinal` does. A search calls with one contiguous
/// range for a block that it scans, and with one for each group of neighbours among the rows that it gathers. Calls repeat: remember what was
/// verified.
/// Processors may *prefetch* rows that were not announced, which reads nothing.
///
/// Every row that ends up in a `TopK` has been announced with `willReadVectors`.
public protocol RowAccess {
    associatedtype Failure: Error

    /// The numbers of these rows, and for `cosine` their inverse norms, are read next.
    func willReadVectors(rows: Range<Int>) throws(Failure)

    /// The codes of these rows and their parameters are read next.
    func willReadCodes(rows: Range<Int>) throws(Failure)
}

/// Rows that lie in memory and need no look before they are read.
public struct TrustedRows<Failure: Error>: RowAccess {
    @inlinable
    public init() {}

    @inlinable @inline(__always)
    public func willReadVectors(rows: Range<Int>) throws(Failure) {}

    @inlinable @inline(__always)
    public func willReadCodes(rows: Range<Int>) throws(Failure) {}
}
