import ChromaHTTP
import Engine
import Logging
import ServiceLifecycle
import VectorModel

/// Looks at the storage's state now and then and tells the log what is new: whoever runs the server should not have to ask. Also the first to
/// know that the server is to stop, so that it ends work that would hold the stop up.
struct StorageWatch: Service {
    /// Time between two looks; each costs a walk over the collections.
    private static let interval = Duration.seconds(5)

    let gate: DatabaseGate
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown { await watch() }
        gate.stopLongWork()
    }

    private func watch() async {
        var news = StorageNews()
        while true {
            let database = gate.openDatabase
            if let database {
                for event in news.update(database.storageReport) { tell(event) }
            }
            // What recovery found is told at once.
            do { try await Task.sleep(for: database == nil ? .milliseconds(200) : Self.interval) } catch { return }
        }
    }

    private func tell(_ event: StorageNews.Event) {
        switch event {
        case .damaged(let damaged):
            logger.error("a collection is damaged; restore it from a backup, or run lyrica verify", metadata: [
                "collection": "\(damaged.collection)", "access": damaged.isReadable ? "read-only" : "refused", "damage": "\(damaged.damage)",
            ])
        case .problemBegan(let problem): logger.error("storage problem", metadata: ["problem": "\(problem)"])
        case .problemEnded(let problem): logger.notice("storage problem is over", metadata: ["problem": "\(problem)"])
        }
    }
}
