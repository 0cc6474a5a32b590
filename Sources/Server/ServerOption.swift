/// One setting of the server: how it is called on the command line and in the environment, and what may stand there.
///
/// A setting is taken from its flag, else from the first of its environment variables that is set and not empty (ours come before Chroma's),
/// else from its default.
public struct ServerOption: Sendable {
    /// The long flag without dashes.
    public let flag: String
    /// Environment variables, the first found wins.
    public let variables: [String]
    /// The default as it would be written; `nil` when it is decided at start, as `help` then says.
    public let defaultText: String?
    /// What is allowed, for error messages and help: range and unit.
    public let allowed: String
    public let help: String

    /// The help text with range, variables and default, for `--help`.
    public var helpText: String {
        let fallback = defaultText.map { "; default: \($0.isEmpty ? "none" : $0)" } ?? ""
        return "\(help) (\(allowed); env: \(variables.joined(separator: ", "))\(fallback))"
    }
}

extension ServerOption {
    public static let host = ServerOption(
        flag: "host", variables: ["LYRICA_HOST", "CHROMA_SERVER_HOST", "CHROMA_HOST_ADDR"], defaultText: "127.0.0.1",
        allowed: "a host name or address; 0.0.0.0 for every interface", help: "Address to listen on")

    public static let port = ServerOption(
        flag: "port", variables: ["LYRICA_PORT", "CHROMA_SERVER_HTTP_PORT", "CHROMA_HOST_PORT"], defaultText: "8001",
        allowed: "0 to 65535; 0 takes a free one", help: "Port to listen on")

    public static let dataDirectory = ServerOption(
        flag: "data-dir", variables: ["LYRICA_DATA_DIR", "PERSIST_DIRECTORY", "CHROMA_PERSIST_PATH"], defaultText: "./lyrica-data",
        allowed: "a path; created if missing",
        help: "Directory of the data. With IS_PERSISTENT=TRUE and nothing given: /chroma/chroma if that exists")

    public static let allowReset = ServerOption(
        flag: "allow-reset", variables: ["LYRICA_ALLOW_RESET", "ALLOW_RESET", "CHROMA_ALLOW_RESET"], defaultText: "false",
        allowed: "true or false", help: "Let clients delete everything")

    public static let logLevel = ServerOption(
        flag: "log-level", variables: ["LYRICA_LOG_LEVEL"], defaultText: "info",
        allowed: "trace, debug, info, notice, warning, error or critical", help: "Least important messages to log; debug has a line per request")

    public static let bodyLimit = ServerOption(
        flag: "body-limit", variables: ["LYRICA_BODY_LIMIT"], defaultText: "256MiB",
        allowed: "1KiB to 16GiB; bytes, or with KiB, MiB, GiB", help: "Size of one request body")

    // Twice the body limit: one of the largest requests can be received while another is worked on.
    public static let bodyMemory = ServerOption(
        flag: "body-memory", variables: ["LYRICA_BODY_MEMORY"], defaultText: nil,
        allowed: "from the body limit to 1024GiB", help: "Size of all request bodies held at once; by default twice the body limit")

    // One per core: a search is bound by memory and arithmetic, more threads than cores only add waiting.
    public static let searchThreads = ServerOption(
        flag: "search-threads", variables: ["LYRICA_SEARCH_THREADS"], defaultText: nil,
        allowed: "1 to 1024", help: "Threads for searches and large requests; by default one per core")

    public static let searchQueue = ServerOption(
        flag: "search-queue", variables: ["LYRICA_SEARCH_QUEUE"], defaultText: "1024",
        allowed: "1 to 1000000 requests", help: "Requests that may wait for a search thread before the server answers 503")

    public static let queryTimeout = ServerOption(
        flag: "query-timeout", variables: ["LYRICA_QUERY_TIMEOUT"], defaultText: "60",
        allowed: "0 to 86400 seconds; 0 for never", help: "Time after which a query is given up")

    public static let idleTimeout = ServerOption(
        flag: "idle-timeout", variables: ["LYRICA_IDLE_TIMEOUT"], defaultText: "30",
        allowed: "1 to 3600 seconds", help: "Time after which a silent connection is closed, or a request whose client sends too slowly")

    public static let maxConnections = ServerOption(
        flag: "max-connections", variables: ["LYRICA_MAX_CONNECTIONS"], defaultText: "4096",
        allowed: "1 to 1000000", help: "Connections open at once; further ones wait")

    // What orchestrators wait before they kill: 30 s in Kubernetes.
    public static let shutdownGrace = ServerOption(
        flag: "shutdown-grace", variables: ["LYRICA_SHUTDOWN_GRACE"], defaultText: "30",
        allowed: "0 to 3600 seconds", help: "Time that running requests have to finish after SIGTERM")

    public static let allowedOrigins = ServerOption(
        flag: "cors-allow-origins", variables: ["LYRICA_CORS_ALLOW_ORIGINS", "CHROMA_SERVER_CORS_ALLOW_ORIGINS"], defaultText: "",
        allowed: "origins with commas between, or a JSON list; * for all", help: "Web pages that may use this server from a browser")

    /// Every option, in the order of the help.
    public static let all: [ServerOption] = [
        host, port, dataDirectory, allowReset, logLevel, bodyLimit, bodyMemory, searchThreads, searchQueue, queryTimeout, idleTimeout,
        maxConnections, shutdownGrace, allowedOrigins,
    ] + storage

    /// What the help says about the environment as a whole.
    public static let environmentNote = """
        A flag goes before LYRICA_ variables, these before the variables of Chroma's container (CHROMA_SERVER_HOST, CHROMA_SERVER_HTTP_PORT, \
        PERSIST_DIRECTORY, …), these before the defaults. IS_PERSISTENT is understood as told under --data-dir; data is always persistent. \
        ANONYMIZED_TELEMETRY is accepted: this server sends none. SIGTERM or Ctrl-C finishes running requests and stops.
        """
}
