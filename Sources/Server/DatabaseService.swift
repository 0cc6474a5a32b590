import ChromaHTTP
import Dispatch
import Engine
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Opens the database once the server listens, keeps it while the server runs, and closes it last.
///
/// The port comes first, so that probes get answers while a long log is read, and so that a port in use is reported at once.
struct DatabaseService: Service {
    let configuration: VectorDatabase.Configuration
    let gate: DatabaseGate
    /// Gives one address when the server listens; ends without one when it cannot.
    let listening: AsyncStream<SocketAddress?>
    /// Told what was opened, for the line that says the server is ready.
    let onReady: @Sendable (VectorDatabase, SocketAddress?, Duration) -> Void
    let logger: Logger

    func run() async throws {
        var addresses = listening.makeAsyncIterator()
        guard let address = await addresses.next() else { return }
        let start = ContinuousClock.now
        let database = try await open()
        gate.open(database)
        onReady(database, address, ContinuousClock.now - start)
        // Throws when the group is cancelled, which must not keep the database from being closed.
        _ = try? await gracefulShutdown()
        gate.close()
        do {
            try await database.close()
        } catch {
            throw StartFailure.closing("\(error)")
        }
    }

    /// Recovery reads files for as long as the log is; it gets a thread of its own, not one that serves requests.
    private func open() async throws(StartFailure) -> VectorDatabase {
        let opened = await withCheckedContinuation { (continuation: CheckedContinuation<Result<VectorDatabase, OpeningFailure>, Never>) in
            DispatchQueue(label: "recovery").async {
                let report = RecoveryReport(logger: logger)
                continuation.resume(returning: Result { () throws(OpeningFailure) in
                    try VectorDatabase.open(configuration, progress: { report.note(records: $0) })
                })
            }
        }
        do {
            return try opened.get()
        } catch {
            throw .database(error)
        }
    }
}

/// Tells the log how far recovery is, every two seconds: a start that takes longer than a blink should not look like a hang.
private final class RecoveryReport: Sendable {
    private let logger: Logger
    private let next = Mutex(ContinuousClock.now + .seconds(2))

    init(logger: Logger) {
        self.logger = logger
    }

    func note(records: Int) {
        let now = ContinuousClock.now
        let isDue = next.withLock { next in
            guard now >= next else { return false }
            next = now + .seconds(2)
            return true
        }
        if isDue { logger.info("recovering", metadata: ["records": "\(records)"]) }
    }
}
