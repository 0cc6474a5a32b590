/// The test's side.
extension SimulatedFileSystem {
    public var hasCrashed: Bool { configure { $0.hasCrashed } }
    public var syncs: Int { configure { $0.syncs } }
    public var writes: Int { configure { $0.writes } }
    /// How many calls there were that change something: where a crash can be put.
    public var changes: Int { configure { $0.changes } }
    /// The lengths of all files together; a file with two names counts once.
    public var usedBytes: Int { configure { $0.usedBytes } }
    /// All files, in ascending order.
    public var paths: [String] { configure { $0.names.files.map(\.path) } }

    /// A file's bytes as reads show them; none if it is missing.
    public func contents(_ path: String) -> [UInt8] {
        configure { state in state.names.place(path)?.inode.flatMap { state.inodes[$0]?.content } ?? [] }
    }

    /// Puts bytes in a file that exists, durably, whatever was there.
    public func replaceContents(_ path: String, with bytes: [UInt8]) {
        configure { state in
            guard let inode = state.names.place(path)?.inode else { return }
            state.change(inode) { file, _ in
                file.resize(to: bytes.count)
                file.write(bytes, at: 0)
                file.sync()
            }
        }
    }

    /// Damages one bit of a file for good; `bit` counts from the lowest bit of its first byte.
    public func flipBit(_ path: String, at bit: Int) {
        configure { state in
            guard let inode = state.names.place(path)?.inode else { return }
            state.change(inode) { file, _ in file.flipBit(bit) }
        }
    }

    /// Damages a random bit of a random file among those that `isCandidate` takes; returns which, or nil if all are empty.
    public func flipRandomBit(where isCandidate: (String) -> Bool = { _ in true }) -> (path: String, bit: Int)? {
        let candidates = paths.filter(isCandidate).filter { !contents($0).isEmpty }
        guard !candidates.isEmpty else { return nil }
        let choice = configure { state in
            let path = candidates[Int.random(in: candidates.indices, using: &state.random)]
            return (path, state.random.next())
        }
        let bit = Int(choice.1 % UInt64(contents(choice.0).count * 8))
        flipBit(choice.0, at: bit)
        return (choice.0, bit)
    }

    /// The system drops clean pages: what a failed sync lost shows now.
    public func evictCleanSectors() {
        configure { state in
            for inode in state.inodes.keys.sorted() { state.change(inode) { file, _ in file.evictCleanSectors() } }
        }
    }

    /// The machine after it was switched off and on.
    public func afterPowerLoss() -> SimulatedFileSystem {
        restarted { state in
            state.names.losePower(using: &state.random)
            for inode in state.inodes.keys.sorted() {
                if state.names.linkCount(inode) == 0 { state.inodes[inode] = nil }
                state.change(inode) { file, random in file.losePower(using: &random) }
            }
        }
    }

    /// The machine after only our process died: the page cache is still there, and still unsynced.
    public func afterProcessDeath() -> SimulatedFileSystem {
        restarted { _ in }
    }

    private func restarted(_ change: (inout State) -> Void) -> SimulatedFileSystem {
        var copy = configure { $0 }
        change(&copy)
        copy.hasCrashed = false
        copy.changesLeft = nil
        copy.spaceBytes = Int.max
        copy.failNextSync = false
        copy.failNextWrite = false
        copy.faults = []
        copy.locks = [:]
        var counted: Set<Int> = []
        copy.usedBytes = copy.names.files.reduce(0) { sum, file in
            counted.insert(file.inode).inserted ? sum + (copy.inodes[file.inode]?.content.count ?? 0) : sum
        }
        return SimulatedFileSystem(copy)
    }
}
