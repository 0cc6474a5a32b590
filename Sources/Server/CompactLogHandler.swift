#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
public import Logging
import Synchronization

/// Writes one line per message to standard error: time in UTC, level, text, then the details as `name=value`.
///
/// `2026-01-31T23:59:59.123Z INFO  listening address=127.0.0.1:8001`
public struct CompactLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    public init(logLevel: Logger.Level) {
        self.logLevel = logLevel
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var details = metadata
        if let provided = metadataProvider?.get() { details.merge(provided) { _, new in new } }
        if let own = event.metadata { details.merge(own) { _, new in new } }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let line = Self.line(
            level: event.level, message: "\(event.message)", details: details, seconds: Int(now.tv_sec), milliseconds: Int(now.tv_nsec) / 1_000_000)
        Self.output.withLock { _ in
            var line = line
            // A message that standard error does not take has nowhere else to go.
            line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
        }
    }

    /// Keeps lines whole when several threads log.
    private static let output = Mutex(())

    /// The text of one line.
    /// - Parameter seconds: since 1970, in UTC.
    public static func line(level: Logger.Level, message: String, details: Logger.Metadata, seconds: Int, milliseconds: Int) -> String {
        var parts = tm()
        var seconds = time_t(seconds)
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let date = "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
        let clock = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
        let name = level.rawValue.uppercased()
        var line = "\(date)T\(clock).\(padded(milliseconds, 3))Z \(name + String(repeating: " ", count: max(0, 8 - name.count))) \(oneLine(message))"
        for (key, value) in details.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(oneLine("\(value)"))"
        }
        return line + "\n"
    }

    /// A text from outside must not begin a line of its own in the log.
    private static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
        var clean = ""
        for scalar in text.unicodeScalars {
            clean.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
        }
        return clean
    }
}
