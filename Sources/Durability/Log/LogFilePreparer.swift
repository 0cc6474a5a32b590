internal import FileIO

/// A log file of its full length that has no name yet that recovery would read.
struct PreparedLogFile: Sendable {
    let file: any File
    let path: String
    let bytes: Int
    /// It was a file of the log before and still has the bytes of that time.
    var isRecycled = false

    /// Creates a file and reserves its space.
    ///
    /// - Parameter zeroed: writes every byte, which makes later syncs cheap; without, only a file that is filled at once is worth it.
    static func create(_ path: String, bytes: Int, zeroed: Bool, on fileSystem: any FileSystem) throws(FileError) -> PreparedLogFile {
        let file = try fileSystem.create(path)
        do {
            try file.preallocate(bytes)
            if zeroed { try file.writeZeros(bytes, at: 0) }
            try file.sync()
        } catch {
            // The first error is the one to report. Should removing fail too, the next open removes the file.
            try? fileSystem.remove(path)
            throw error
        }
        return PreparedLogFile(file: file, path: path, bytes: bytes)
    }
}

/// Prepares the next log file ahead of time, and has complete ones archived: on a thread of its own or, in stepped execution, at once.
final class LogFilePreparer: Sendable {
    private enum State {
        case idle
        case wanted
        case preparing
        case ready(PreparedLogFile)
        case stopped
    }

    private struct Shared {
        var state = State.idle
        var filesMade = 0
        var isArchivingWanted = false
        var isArchiving = false
    }

    private enum Job {
        case prepare
        case archive
        case end
    }

    private let directory: String
    private let fileSystem: any FileSystem
    private let bytes: Int
    private let execution: LogExecution
    private let inventory: LogInventory
    private let housekeeping: LogHousekeeping
    private let monitor = Monitor(Shared())

    init(
        directory: String, fileSystem: any FileSystem, bytes: Int, execution: LogExecution, inventory: LogInventory, housekeeping: LogHousekeeping
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.bytes = bytes
        self.execution = execution
        self.inventory = inventory
        self.housekeeping = housekeeping
        switch execution {
        case .threads: startThread { [self] in run() }
        case .stepped: break
        }
    }

    /// Asks for a file to be ready soon. Does nothing if one is.
    func prepareAhead() {
        let isNew = monitor.withLock { shared in
            guard case .idle = shared.state else { return false }
            shared.state = .wanted
            return true
        }
        guard isNew else { return }
        switch execution {
        case .threads: monitor.signal()
        case .stepped: prepareWanted()
        }
    }

    /// Asks for complete files to be archived soon.
    func archiveSoon() {
        switch execution {
        case .threads:
            monitor.withLock { $0.isArchivingWanted = true }
            monitor.signal()
        case .stepped: housekeeping.archiveCompleteFiles()
        }
    }

    /// A prepared file; waits for one that is on its way and makes one if none is. An error that occurred while preparing ahead does not
    /// count: it is tried again here.
    func take() throws(FileError) -> PreparedLogFile {
        let ready: PreparedLogFile? = monitor.wait { shared in
            switch shared.state {
            case .ready(let file):
                shared.state = .idle
                return .some(file)
            case .wanted, .idle, .stopped:
                shared.state = .idle
                return .some(nil)
            case .preparing: return nil
            }
        }
        if let ready { return ready }
        return try prepare()
    }

    /// One that was used before, which saves writing zeros, or a new one.
    private func prepare() throws(FileError) -> PreparedLogFile {
        while let path = inventory.takeRecycled() {
            do {
                let file = try fileSystem.open(path, .readWrite)
                if try file.size() == bytes { return PreparedLogFile(file: file, path: path, bytes: bytes, isRecycled: true) }
                try file.close()
                try fileSystem.remove(path)
            } catch {
                // A new file does as well. The next open of the log tidies up.
                continue
            }
        }
        return try PreparedLogFile.create(nextPath(), bytes: bytes, zeroed: true, on: fileSystem)
    }

    /// A file of another length, to be filled at once.
    func make(bytes: Int) throws(FileError) -> PreparedLogFile {
        try PreparedLogFile.create(nextPath(), bytes: bytes, zeroed: false, on: fileSystem)
    }

    /// Ends the thread and removes a file that was not needed, or gives it back. Returns when nothing touches the directory any more.
    func stop() throws(FileError) {
        let unused: PreparedLogFile? = monitor.wait { shared in
            if shared.isArchiving { return nil }
            switch shared.state {
            case .preparing: return nil
            case .ready(let file):
                shared.state = .stopped
                return .some(file)
            case .idle, .wanted, .stopped:
                shared.state = .stopped
                return .some(nil)
            }
        }
        monitor.signal()
        inventory.close()
        if let unused {
            try unused.file.close()
            if unused.isRecycled {
                inventory.returnRecycled(unused.path)
            } else {
                try fileSystem.remove(unused.path)
            }
        }
    }

    private func run() {
        while true {
            switch monitor.wait(for: Self.nextJob) {
            case .prepare: prepareWanted()
            case .archive:
                housekeeping.archiveCompleteFiles()
                monitor.withLock { $0.isArchiving = false }
                monitor.signal()
            case .end: return
            }
        }
    }

    /// A file that commits may soon wait for comes first.
    private static func nextJob(_ shared: inout Shared) -> Job? {
        switch shared.state {
        case .wanted: return .prepare
        case .stopped: return .end
        case .idle, .preparing, .ready:
            guard shared.isArchivingWanted else { return nil }
            shared.isArchivingWanted = false
            shared.isArchiving = true
            return .archive
        }
    }

    private func prepareWanted() {
        let isWanted = monitor.withLock { shared in
            guard case .wanted = shared.state else { return false }
            shared.state = .preparing
            return true
        }
        guard isWanted else { return }
        let made: PreparedLogFile?
        do {
            made = try prepare()
        } catch {
            // Nobody needs the file yet. Whoever does tries again, and reports.
            made = nil
        }
        monitor.withLock { $0.state = made.map(State.ready) ?? .idle }
        monitor.signal()
    }

    private func nextPath() -> String {
        let number = monitor.withLock { shared in
            shared.filesMade += 1
            return shared.filesMade
        }
        return "\(directory)/prepared-\(number)\(LogFormat.temporarySuffix)"
    }
}
