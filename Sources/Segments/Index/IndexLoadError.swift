public import FileIO

/// Why an index file was not opened. Exact search serves meanwhile.
public enum IndexLoadError: Error, Hashable, Sendable {
    /// It is not what was written, belongs to another segment or is of another version: the remedy is to build it again.
    case unusable(SegmentError)
    /// The operating system refused; the file may be well.
    case file(FileError)
    /// `pace` asked to stop.
    case cancelled
}
