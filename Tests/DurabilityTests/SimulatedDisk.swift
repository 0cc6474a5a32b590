import TestSupport

/// One file's bytes as the machine sees them and as the platter has them.
struct SimulatedInode {
    static let sectorBytes = 512

    /// What reads show: the page cache.
    var content: [UInt8] = []
    /// What a power loss leaves for certain.
    private(set) var durable: [UInt8] = []
    /// For each sector written since the last sync, every state that it had: any of them may be on the platter.
    private var unsynced: [Int: [[UInt8]]] = [:]
    private var isLengthUnsynced = false

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        guard !bytes.isEmpty else { return }
        resize(to: max(content.count, offset + bytes.count))
        content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        for sector in offset / Self.sectorBytes...(offset + bytes.count - 1) / Self.sectorBytes {
            let end = min(content.count, (sector + 1) * Self.sectorBytes)
            unsynced[sector, default: []].append(Array(content[sector * Self.sectorBytes..<end]))
        }
    }

    mutating func resize(to count: Int) {
        guard count != content.count else { return }
        isLengthUnsynced = true
        if count < content.count {
            content.removeLast(content.count - count)
        } else {
            content += [UInt8](repeating: 0, count: count - content.count)
        }
    }

    /// Writes what is dirty, and only that: what an earlier sync failed to write counts as clean and stays lost.
    mutating func sync() {
        if durable.count > content.count { durable.removeLast(durable.count - content.count) }
        durable += [UInt8](repeating: 0, count: content.count - durable.count)
        for sector in unsynced.keys {
            let start = sector * Self.sectorBytes
            let end = min(content.count, start + Self.sectorBytes)
            if start < end { durable.replaceSubrange(start..<end, with: content[start..<end]) }
        }
        unsynced = [:]
        isLengthUnsynced = false
    }

    /// What a failed sync does on Linux: some sectors are written, all of them count as clean, and reads still show everything.
    mutating func syncPartly(using random: inout SeededGenerator) {
        let shown = content
        losePower(using: &random)
        content = shown
    }

    /// Keeps of every unsynced sector any state that it had or none of them, and either length.
    mutating func losePower(using random: inout SeededGenerator) {
        if isLengthUnsynced && Bool.random(using: &random) {
            if durable.count > content.count {
                durable.removeLast(durable.count - content.count)
            } else {
                durable += [UInt8](repeating: 0, count: content.count - durable.count)
            }
        }
        for sector in unsynced.keys.sorted() {
            guard let states = unsynced[sector], let state = states.randomElement(using: &random), Bool.random(using: &random) else { continue }
            let start = sector * Self.sectorBytes
            let end = min(durable.count, start + state.count)
            guard start < end else { continue }
            durable.replaceSubrange(start..<end, with: state[..<(end - start)])
        }
        content = durable
        unsynced = [:]
        isLengthUnsynced = false
    }
}

/// The names in a simulated file system, now and after a power loss.
struct SimulatedNames {
    private enum Change {
        case link(String, Int)
        case unlink(String, Int)
    }

    private(set) var current: [String: Int] = [:]
    private var durable: [String: Int] = [:]
    /// In order; each entry takes effect as a whole or not at all.
    private var unsynced: [[Change]] = []
    private(set) var directories: Set<String> = ["."]
    private var unsyncedDirectories: Set<String> = []

    mutating func create(_ path: String, _ inode: Int) {
        record([.link(path, inode)])
    }

    mutating func rename(_ path: String, to newPath: String) {
        guard let inode = current[path] else { return }
        record([.unlink(path, inode), .link(newPath, inode)])
    }

    mutating func remove(_ path: String) {
        guard let inode = current[path] else { return }
        record([.unlink(path, inode)])
    }

    mutating func createDirectory(_ path: String) {
        if directories.insert(path).inserted { unsyncedDirectories.insert(path) }
    }

    mutating func sync(_ directory: String) {
        let isHere: (Change) -> Bool = { change in
            switch change {
            case .link(let path, _), .unlink(let path, _): parent(of: path) == directory
            }
        }
        for changes in unsynced where changes.contains(where: isHere) { Self.apply(changes, to: &durable) }
        unsynced.removeAll { $0.contains(where: isHere) }
        unsyncedDirectories = unsyncedDirectories.filter { parent(of: $0) != directory }
    }

    /// Keeps any of the unsynced changes.
    mutating func losePower(using random: inout SeededGenerator) {
        for changes in unsynced where Bool.random(using: &random) { Self.apply(changes, to: &durable) }
        for directory in unsyncedDirectories.sorted() where Bool.random(using: &random) {
            directories.remove(directory)
            durable = durable.filter { parent(of: $0.key) != directory }
        }
        unsynced = []
        unsyncedDirectories = []
        current = durable
    }

    private mutating func record(_ changes: [Change]) {
        Self.apply(changes, to: &current)
        unsynced.append(changes)
    }

    private static func apply(_ changes: [Change], to names: inout [String: Int]) {
        for change in changes {
            switch change {
            case .link(let path, let inode): names[path] = inode
            // A later change may have given the name to another file.
            case .unlink(let path, let inode): if names[path] == inode { names[path] = nil }
            }
        }
    }
}

private func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
}
