import ArgumentParser
import FoundationEssentials
import LyricaClient

/// Where the server is; the same options in every command.
struct ConnectionOptions: ParsableArguments {
    static let defaultURL = "http://127.0.0.1:8001"
    static let urlVariable = "LYRICA_URL"

    @Option(name: .long, help: ArgumentHelp("The server's address. (default: $\(urlVariable), else \(defaultURL))", valueName: "url"))
    var url: String?

    @Option(name: .long, help: ArgumentHelp("The tenant.", valueName: "name"))
    var tenant = "default_tenant"

    @Option(name: .long, help: ArgumentHelp("The tenant's database.", valueName: "name"))
    var database = "default_database"

    @Option(name: .long, help: ArgumentHelp("How long to wait for an answer to begin, and for each further part of it.", valueName: "seconds"))
    var timeout = 60

    /// The address without a final slash. An environment variable that is empty counts as not set.
    var baseURL: String {
        let fromEnvironment = ProcessInfo.processInfo.environment[Self.urlVariable].flatMap { $0.isEmpty ? nil : $0 }
        let named = url ?? fromEnvironment ?? Self.defaultURL
        return named.hasSuffix("/") ? String(named.dropLast()) : named
    }

    func validate() throws {
        guard baseURL.hasPrefix("http://") || baseURL.hasPrefix("https://") else {
            throw ValidationError("The server's address must start with http:// or https://; '\(TerminalText.printable(baseURL))' does not.")
        }
        guard timeout >= 1, timeout <= 86_400 else { throw ValidationError("--timeout takes 1 to 86400 seconds.") }
        guard !tenant.isEmpty, !database.isEmpty else { throw ValidationError("--tenant and --database must not be empty.") }
    }

    /// Runs a command's work with a client. An error is shown, with what to do about it, and becomes the exit code.
    /// - Parameters:
    ///   - retries: Further attempts for calls that may be repeated.
    ///   - quiet: Retries are not told.
    func run(retries: Int = 0, quiet: Bool = false, _ body: (ChromaClient) async throws -> Void) async throws {
        Terminal.ignoreBrokenPipes()
        let settings = NetworkSession.Settings(
            baseURL: baseURL, tenant: tenant, database: database, timeoutSeconds: timeout, retryPolicy: RetryPolicy(retriesMax: retries)
        )
        try await reportingErrors {
            try await NetworkSession.run(settings, retryObserver: { reason, wait, attempt in
                if !quiet { Self.tellRetry(reason, wait, attempt) }
            }, body: body)
        }
    }

    private static func tellRetry(_ reason: String, _ wait: Duration, _ attempt: Int) {
        let tenths = Int((wait / .milliseconds(100)).rounded())
        let start = Terminal.isInteractive(.error) ? ProgressReporter.clearLine : ""
        Terminal.note("\(start)\(TerminalText.printable(reason)); attempt \(attempt) in \(tenths / 10).\(tenths % 10) s")
    }
}
