#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The three standard streams: what they are connected to, and writing to them whole.
public enum Terminal {
    public enum Stream: Int32, Sendable {
        case input = 0
        case output = 1
        case error = 2
    }

    /// Whether a person sits there.
    public static func isInteractive(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

    /// The width in columns, or `nil` when the stream is no terminal or does not know.
    public static func columns(_ stream: Stream) -> Int? {
        var size = winsize()
        guard ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Writes all bytes.
    /// - Throws: `ClientError.file` when the stream takes no more, as a pipe whose reader has gone.
    public static func write(_ bytes: [UInt8], to stream: Stream) throws(ClientError) {
        var written = 0
        while written < bytes.count {
            // SAFETY: the pointer and the length stay inside the array, which lives across the call.
            let count = bytes.withUnsafeBytes { systemWrite(stream.rawValue, $0.baseAddress! + written, bytes.count - written) }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw .systemCall("cannot write", path: "standard \(stream)")
            }
        }
    }

    /// Writes a line for people to the standard error. That it cannot be written is no reason to stop what it tells about.
    public static func note(_ line: String) {
        try? write(Array((line + "\n").utf8), to: .error)
    }

    /// Writes without a line end, for lines that are written over; as little a reason to stop as a note.
    static func draw(_ text: String) {
        try? write(Array(text.utf8), to: .error)
    }

    /// A pipe whose reader has gone is to be an error of `write`, not the end of the process.
    public static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Seconds since 1970.
    public static func unixNow() -> Int64 { Int64(time(nil)) }

    private static func systemWrite(_ descriptor: Int32, _ pointer: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, pointer, count)
        #elseif canImport(Musl)
        Musl.write(descriptor, pointer, count)
        #else
        Darwin.write(descriptor, pointer, count)
        #endif
    }
}
