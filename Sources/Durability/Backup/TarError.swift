public import ByteCoding
public import FileIO

/// Why an archive could not be written or read.
public enum TarError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The archive is not what was written.
    case corruption(Corruption)
    /// The operating system refused something.
    case file(FileError)
    /// A file that was to be archived became shorter meanwhile.
    case sourceTooShort(path: String, bytes: Int)
    /// Nothing can be archived under this name: see `TarFormat`.
    case unusableName(String)
    /// `pace` asked to stop.
    case cancelled

    public var description: String {
        switch self {
        case .corruption(let corruption): corruption.description
        case .file(let error): error.description
        case .sourceTooShort(let path, let bytes): "\(path) has fewer than \(bytes) bytes, though it had as many before"
        case .unusableName(let name): "\(name) cannot be archived: the name is absolute, too long, or has empty or special parts"
        case .cancelled: "archiving was cancelled"
        }
    }
}
