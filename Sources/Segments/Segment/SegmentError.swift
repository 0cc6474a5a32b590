public import ByteCoding
public import FileIO

/// Why a segment cannot be opened or used.
public enum SegmentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes are not those that were written, or the file is missing.
    case corruption(Corruption)
    /// The operating system refused; the file may be well.
    case file(FileError)
    /// The file is from a newer program.
    case unsupportedVersion(file: String, found: UInt32, newestKnown: UInt32)

    public var description: String {
        switch self {
        case .corruption(let corruption): corruption.description
        case .file(let error): error.description
        case .unsupportedVersion(let file, let found, let newestKnown):
            "\(file) has format version \(found); this program reads up to \(newestKnown): use a newer one"
        }
    }
}

/// Why a segment was not written. Nothing of it is left, unless the disk refused to remove it too.
public enum SegmentWriteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A row could not be read from where it lies.
    case source(Corruption)
    /// The new file could not be written.
    case file(FileError)
    /// A row that no segment can hold; says which of the rows given, and why.
    case unusableRow(index: Int, problem: String)
    /// `pace` asked to stop.
    case cancelled

    public var description: String {
        switch self {
        case .source(let corruption): corruption.description
        case .file(let error): error.description
        case .unusableRow(let index, let problem): "row \(index) cannot be written to a segment: \(problem)"
        case .cancelled: "writing the segment was cancelled"
        }
    }
}
