public import ChromaHTTP
public import Engine
public import Logging

/// A setting that cannot be used: which, what was given, and what is allowed.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `--port` or `LYRICA_PORT`: where the value came from.
    public let source: String
    public let value: String
    public let allowed: String

    public var description: String { "\(source)=\(value) cannot be used. Allowed: \(allowed)" }
}

/// Everything the server is told at start, checked.
public struct ServerConfiguration: Sendable {
    public var host: String
    public var port: Int
    public var logLevel: Logger.Level
    public var maxConnections: Int
    public var shutdownGraceSeconds: Int
    public var http: ChromaHTTPConfiguration
    public var database: VectorDatabase.Configuration
    /// Things worth a word at start that are no errors.
    public var remarks: [String] = []

    /// Reads the settings.
    /// - Parameters:
    ///   - flags: what the command line gave, by `ServerOption.flag`.
    ///   - directoryExists: asked about the container's volume only.
    public init(
        flags: [String: String] = [:], environment: [String: String], directoryExists: (String) -> Bool = { _ in false }
    ) throws(ConfigurationError) {
        let reader = OptionReader(flags: flags, environment: environment)
        host = reader.text(.host)
        port = try reader.integer(.port, in: 0...65_535)
        logLevel = try reader.choice(.logLevel, Logger.Level.init(rawValue:))
        maxConnections = try reader.integer(.maxConnections, in: 1...1_000_000)
        shutdownGraceSeconds = try reader.integer(.shutdownGrace, in: 0...3_600)

        http = ChromaHTTPConfiguration()
        http.bodyBytesMax = try reader.bytes(.bodyLimit, in: 1 << 10...16 << 30)
        http.bodyBytesInFlightMax = try reader.bytesIfGiven(.bodyMemory, in: http.bodyBytesMax...1 << 40) ?? 2 * http.bodyBytesMax
        http.idleSeconds = try reader.integer(.idleTimeout, in: 1...3_600)
        let querySeconds = try reader.integer(.queryTimeout, in: 0...86_400)
        http.querySecondsMax = querySeconds == 0 ? nil : querySeconds
        http.crossOrigin = CrossOriginPolicy(allowedOrigins: Self.origins(reader.text(.allowedOrigins)))

        let isPersistent = try reader.booleanIfGiven(variable: "IS_PERSISTENT")
        var directory = reader.text(.dataDirectory)
        if reader.isDefault(.dataDirectory), isPersistent == true, directoryExists(Self.containerVolume) { directory = Self.containerVolume }
        database = VectorDatabase.Configuration(dataDirectory: directory)
        database.allowReset = try reader.boolean(.allowReset)
        if let threads = try reader.integerIfGiven(.searchThreads, in: 1...1_024) { database.searchThreads = threads }
        database.searchQueueLimit = try reader.integer(.searchQueue, in: 1...1_000_000)
        try database.readStorage(reader)
        http.limits = database.limits
        let backups = reader.text(.backupDirectory)
        http.backupDirectory = backups.isEmpty ? nil : backups

        if isPersistent == false { remarks.append("IS_PERSISTENT=FALSE has no effect: data is always kept in \(directory)") }
    }

    /// Where the volume of Chroma's 0.x images is mounted.
    private static let containerVolume = "/chroma/chroma"

    /// Reads `http://a,http://b` and Chroma's `["http://a","http://b"]`: an origin has no comma, quote or bracket but those of an IPv6 address.
    private static func origins(_ text: String) -> [String] {
        var list = Substring(text)
        if list.hasPrefix("["), list.hasSuffix("]") { list = list.dropFirst().dropLast() }
        return list.split(separator: ",").compactMap { item in
            let origin = item.filter { $0 != "\"" && $0 != "'" && !$0.isWhitespace }
            return origin.isEmpty ? nil : origin
        }
    }
}
