import AsyncHTTPClient

/// A connection to one server for the length of one command.
public enum NetworkSession {
    public struct Settings: Sendable {
        /// For example `http://127.0.0.1:8001`, without a final slash.
        public var baseURL: String
        public var tenant: String
        public var database: String
        /// From connecting to the head of an answer, and between two parts of it.
        public var timeoutSeconds: Int
        public var retryPolicy: RetryPolicy

        public init(baseURL: String, tenant: String, database: String, timeoutSeconds: Int, retryPolicy: RetryPolicy) {
            self.baseURL = baseURL
            self.tenant = tenant
            self.database = database
            self.timeoutSeconds = timeoutSeconds
            self.retryPolicy = retryPolicy
        }
    }

    /// Runs `body` with a client, and closes its connections afterwards, whatever happened.
    /// - Parameter retryObserver: Told before each wait.
    public static func run<Answer>(
        _ settings: Settings,
        retryObserver: @escaping RetryingTransport.Observer,
        body: (ChromaClient) async throws -> Answer
    ) async throws -> Answer {
        let http = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: NetworkTransport.clientConfiguration(timeoutSeconds: settings.timeoutSeconds)
        )
        let network = NetworkTransport(
            client: http, baseURL: settings.baseURL, userAgent: ClientVersion.userAgent, timeoutSeconds: settings.timeoutSeconds
        )
        let transport = RetryingTransport(
            network,
            policy: settings.retryPolicy,
            randomFraction: { Double.random(in: 0..<1) },
            unixNow: Terminal.unixNow,
            // A cancelled wait ends early; the attempt after it then fails or succeeds by itself.
            sleep: { try? await Task.sleep(for: $0) },
            observer: retryObserver
        )
        let result: Result<Answer, any Error>
        do {
            result = .success(try await body(ChromaClient(transport: transport, tenant: settings.tenant, database: settings.database)))
        } catch {
            result = .failure(error)
        }
        try await http.shutdown()
        return try result.get()
    }
}
