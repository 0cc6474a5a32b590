import ChromaWire
public import Engine
import Synchronization
import VectorModel

/// The door between the HTTP side, which may listen before the data is recovered, and the database.
public final class DatabaseGate: Sendable {
    private enum State {
        case opening
        case open(VectorDatabase)
        case closed
    }

    private let state = Mutex(State.opening)
    /// Long answers under way.
    package let longWork = LongWork()

    public init() {}

    /// Requests are served from now on.
    public func open(_ database: VectorDatabase) {
        state.withLock { $0 = .open(database) }
    }

    /// Requests are refused from now on. Those that run keep the database.
    public func close() {
        state.withLock { $0 = .closed }
    }

    /// Ends long work, such as backups, at its next step; requests are still served. For a server that is about to stop.
    public func stopLongWork() {
        longWork.stop()
    }

    /// The database while requests are served.
    public var openDatabase: VectorDatabase? {
        let current = state.withLock { $0 }
        return switch current {
        case .open(let database): database
        case .opening, .closed: nil
        }
    }

    /// Whether requests are served.
    public var isOpen: Bool {
        state.withLock { state in
            switch state {
            case .open: true
            case .opening, .closed: false
            }
        }
    }

    /// The database, or the reason why there is none now: both reasons are worth a retry.
    func database(_ dialect: Dialect) throws(WireError) -> VectorDatabase {
        // The state is copied out: a closure that throws a typed error and returns a class would need both boxed.
        let current = state.withLock { $0 }
        switch current {
        case .open(let database): return database
        case .opening:
            throw WireError(
                status: 503, name: dialect.version == .v1 ? "InvalidArgumentError" : "ChromaError",
                message: "The server is starting: it still recovers its data. Try again", dialect: dialect, retryAfterSeconds: 1)
        case .closed:
            throw WireError(RequestError(.shuttingDown), dialect: dialect)
        }
    }
}
