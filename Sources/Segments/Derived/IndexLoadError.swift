public import FileIO

/// Why a file that is derived from a segment, an index file or a lookup file, was not opened. Rows are looked at one by one meanwhile.
public enum IndexLoadError: Error, Hashable, Sendable {
    /// It is not what was written, belongs to another segment or is of another version: the remedy is to build it again.
    case unusable(SegmentError)
    /// The operating system refused; the file may be well.
    case file(FileError)
    /// `pace` asked to stop.
    case cancelled

    init(_ error: SegmentError) {
        switch error {
        case .file(let error): self = .file(error)
        case .corruption, .unsupportedVersion: self = .unusable(error)
        }
    }
}
