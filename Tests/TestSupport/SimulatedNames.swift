/// The tree of names in a simulated file system, now and after a power loss.
///
/// Directories and files are numbered; a directory is a table from names to numbers. A change of names is a transaction: it survives as a whole
/// or not at all, and never without the earlier ones that moved the same file.
struct SimulatedNames {
    struct Change {
        enum Kind { case link, unlink }

        struct Place: Hashable {
            let directory: Int
            let name: String
        }

        let kind: Kind
        let place: Place
        let inode: Int

        init(_ kind: Kind, _ place: SimulatedNames.Place, _ inode: Int) {
            self.kind = kind
            self.place = Place(directory: place.directory, name: place.name)
            self.inode = inode
        }
    }

    /// Where a path leads: the number of the directory that holds its last name, and what that name stands for, if anything.
    struct Place {
        let directory: Int
        let name: String
        let inode: Int?
    }

    static let root = 0

    private(set) var lastInode = Self.root
    private var current: [Int: [String: Int]] = [Self.root: [:]]
    private var durable: [Int: [String: Int]] = [Self.root: [:]]
    /// How many names each file has now.
    private var links: [Int: Int] = [:]
    /// In order.
    private var unsynced: [[Change]] = []

    // MARK: Looking

    /// Walks a path; nil when a directory on the way is missing.
    func place(_ path: String) -> Place? {
        let names = Self.names(path)
        guard let last = names.last else { return Place(directory: Self.root, name: "", inode: Self.root) }
        var directory = Self.root
        for name in names.dropLast() {
            guard let next = current[directory]?[name], isDirectory(next) else { return nil }
            directory = next
        }
        return Place(directory: directory, name: last, inode: current[directory]?[last])
    }

    func isDirectory(_ inode: Int) -> Bool { current[inode] != nil }
    func linkCount(_ inode: Int) -> Int { links[inode] ?? 0 }
    func list(_ directory: Int) -> [String] { current[directory].map { $0.keys.sorted() } ?? [] }

    /// Whether `inode` is `directory` or lies above it.
    func isAncestor(_ inode: Int, of directory: Int) -> Bool {
        inode == directory || (current[inode] ?? [:]).values.contains { isDirectory($0) && isAncestor($0, of: directory) }
    }

    /// The paths and numbers of all files, in the order of the paths.
    var files: [(path: String, inode: Int)] {
        var found: [(path: String, inode: Int)] = []
        collectFiles(in: Self.root, under: "", into: &found)
        return found.sorted { $0.path < $1.path }
    }

    // MARK: Changing

    /// A number for a new file.
    mutating func newFile() -> Int {
        lastInode += 1
        return lastInode
    }

    /// A number for a new, empty directory.
    mutating func newDirectory() -> Int {
        lastInode += 1
        current[lastInode] = [:]
        durable[lastInode] = [:]
        return lastInode
    }

    /// Makes changes as one transaction; returns the files that lost their last name. `replaced` is what the new name stood for before.
    mutating func commit(_ changes: [Change], replacing replaced: Int? = nil) -> [Int] {
        Self.apply(changes, to: &current)
        unsynced.append(changes)
        var unnamed: [Int] = []
        if let replaced, !isDirectory(replaced) { links[replaced, default: 0] -= 1 }
        for change in changes where !isDirectory(change.inode) {
            switch change.kind {
            case .link: links[change.inode, default: 0] += 1
            case .unlink: links[change.inode, default: 0] -= 1
            }
        }
        for inode in Set(changes.map(\.inode) + [replaced].compactMap { $0 }) where links[inode] == 0 {
            links[inode] = nil
            unnamed.append(inode)
        }
        return unnamed
    }

    /// Makes the changes of a directory durable, and those that they follow from.
    mutating func sync(_ directory: Int) {
        var inodes: Set<Int> = []
        var names: Set<Change.Place> = []
        var chosen: Set<Int> = []
        for index in unsynced.indices.reversed() {
            let changes = unsynced[index]
            let isNeeded = changes.contains { $0.place.directory == directory || inodes.contains($0.inode) || names.contains($0.place) }
            guard isNeeded else { continue }
            chosen.insert(index)
            inodes.formUnion(changes.map(\.inode))
            names.formUnion(changes.map(\.place))
        }
        for index in chosen.sorted() { Self.apply(unsynced[index], to: &durable) }
        unsynced = unsynced.indices.filter { !chosen.contains($0) }.map { unsynced[$0] }
    }

    /// Keeps any of the unsynced transactions; forgets what has no name any more.
    mutating func losePower(using random: inout SeededGenerator) {
        for changes in unsynced where Bool.random(using: &random) {
            // Without the change that gave a name, there is nothing to take it from.
            let isPossible = changes.count == 1 || changes.allSatisfy { $0.kind == .link || durable[$0.place.directory]?[$0.place.name] == $0.inode }
            if isPossible { Self.apply(changes, to: &durable) }
        }
        unsynced = []
        links = [:]
        var reachable: [Int: [String: Int]] = [:]
        var waiting = [Self.root]
        while let directory = waiting.popLast() {
            let entries = durable[directory] ?? [:]
            reachable[directory] = entries
            for inode in entries.values {
                if durable[inode] != nil { waiting.append(inode) } else { links[inode, default: 0] += 1 }
            }
        }
        durable = reachable
        current = reachable
    }

    private func collectFiles(in directory: Int, under prefix: String, into found: inout [(path: String, inode: Int)]) {
        for (name, inode) in current[directory] ?? [:] {
            if isDirectory(inode) {
                collectFiles(in: inode, under: prefix + name + "/", into: &found)
            } else {
                found.append((prefix + name, inode))
            }
        }
    }

    private static func apply(_ changes: [Change], to directories: inout [Int: [String: Int]]) {
        for change in changes {
            let (directory, name) = (change.place.directory, change.place.name)
            switch change.kind {
            case .link: directories[directory]?[name] = change.inode
            // A later change may have given the name to another file.
            case .unlink: if directories[directory]?[name] == change.inode { directories[directory]?[name] = nil }
            }
        }
    }

    /// `/a/./b/` and `a/b` are the same here: the root is also where the process works.
    private static func names(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }
}
