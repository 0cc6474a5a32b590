public import ByteCoding
public import FileIO

/// Why there is no new index. The segment is as it was.
public enum IndexBuildError: Error, Hashable, Sendable {
    /// The vectors cannot be read.
    case source(Corruption)
    /// The file cannot be written, or not be read back.
    case file(FileError)
    /// What was written is not what was read back.
    case unreadable(Corruption)
    /// `progress` asked to stop.
    case cancelled
}
