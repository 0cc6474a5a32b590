import Hummingbird
import Logging

/// The least that Hummingbird does for a request: what `lyrica-vectord`'s heartbeat is measured against (`bench/server/heartbeat.sh`).
///
/// Serves `GET /api/v2/heartbeat` with a body of the same length on 127.0.0.1, port given as the only argument.
@main
struct BareHummingbird {
    static func main() async throws {
        let router = Router()
        router.get("api/v2/heartbeat") { _, _ in #"{"nanosecond heartbeat":1767225600000000000}"# }
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8099
        var logger = Logger(label: "bare")
        logger.logLevel = .warning
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
        try await application.runService()
    }
}
