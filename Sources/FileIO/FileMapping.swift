/// A file's bytes in memory, for as long as the object lives.
public protocol FileMapping: AnyObject, Sendable {
    /// The mapped bytes. Valid while the mapping is referenced: keep it alive around every use.
    ///
    /// The file must not become shorter meanwhile. A device that cannot read a page ends the process with SIGBUS, as with every mapping.
    var bytes: UnsafeRawBufferPointer { get }

    /// Says how a range of bytes will be read, so that the system reads ahead or not. Bytes outside the mapping are ignored; it cannot fail.
    func advise(_ pattern: AccessPattern, in range: Range<Int>)
}

/// How mapped bytes will be read.
public enum AccessPattern: Hashable, Sendable, CaseIterable {
    /// Nothing is known: read ahead a little.
    case normal
    /// Here and there: read only the pages that are touched.
    case random
    /// From front to back: read far ahead.
    case sequential
    /// Soon: begin reading now.
    case willNeed
    /// Not soon: the pages may leave this process's memory; they are read again when touched.
    case dontNeed
}
