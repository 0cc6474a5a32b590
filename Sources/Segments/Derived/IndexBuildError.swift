public import ByteCoding
public import FileIO

/// Why there is no new file beside a segment: no new index, or no new lookup file. The segment is as it was.
public enum IndexBuildError: Error, Hashable, Sendable {
    /// The rows cannot be read.
    case source(Corruption)
    /// The file cannot be written, or not be read back.
    case file(FileError)
    /// What was written is not what was read back.
    case unreadable(Corruption)
    /// `progress` or `pace` asked to stop.
    case cancelled

    /// Of a file that was just written.
    init(readingBack error: IndexLoadError) {
        self = switch error {
        case .unusable(.corruption(let corruption)): .unreadable(corruption)
        case .unusable(.file(let error)), .file(let error): .file(error)
        case .unusable(.unsupportedVersion), .cancelled: .cancelled
        }
    }
}
