import Synchronization

/// The memory of searches that are over, for those to come: as many as ran at once.
final class ScanPool: Sendable {
    private let idle = Mutex(Idle())

    // SAFETY: unchecked because a scan is a class; while it is in here nobody else has it.
    private struct Idle: @unchecked Sendable {
        var scans: [IVFScan] = []
    }

    func take() -> IVFScan? {
        let idle = idle.withLock { idle in idle.scans.popLast().map { Taken(scan: $0) } }
        return idle?.scan
    }

    func give(back scan: IVFScan) {
        let returned = Taken(scan: scan)
        idle.withLock { $0.scans.append(returned.scan) }
    }

    // SAFETY: as above; it goes from the pool to the one search that took it, and back.
    private struct Taken: @unchecked Sendable {
        let scan: IVFScan
    }
}
