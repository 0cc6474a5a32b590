#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A text that is read as lines: a regular file, which can be read again and from the middle, or the standard input, which cannot.
public final class InputFile: Sendable {
    /// `-` stands for the standard input.
    public static let standardInputPath = "-"

    /// How messages name it.
    public let name: String
    public let isStandardInput: Bool
    private let descriptor: Int32

    /// - Throws: `ClientError.file` when it cannot be opened or is a folder.
    public init(path: String) throws(ClientError) {
        isStandardInput = path == Self.standardInputPath
        name = isStandardInput ? "standard input" : path
        if isStandardInput {
            descriptor = STDIN_FILENO
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .systemCall("cannot open", path: path) }
        }
    }

    deinit {
        if !isStandardInput { close(descriptor) }
    }

    /// Reads from the start, or of a regular file from the start of a later line. One reader at a time.
    public func lines(fromOffset offset: Int = 0, lineNumber: Int = 1) throws(ClientError) -> LineReader {
        if !isStandardInput || offset != 0 {
            guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw .systemCall("cannot seek", path: name) }
        }
        return LineReader(descriptor: descriptor, name: name, offset: offset, lineNumber: lineNumber)
    }

    /// The number of lines up to the last one that is not blank. Reads the whole file.
    public func countRows() throws(ClientError) -> Int {
        var reader = try lines()
        var rows = 0
        while let line = try reader.next() {
            if !line.isBlank { rows = line.number }
        }
        return rows
    }
}
