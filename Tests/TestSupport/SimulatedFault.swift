public import FileIO

/// Calls of one kind that fail on the simulated disk, after some that succeed.
public struct SimulatedFault: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable, CaseIterable {
        /// EIO. A write is done in part, a sync loses what it should have written, a change of names has happened or has not.
        case inputOutput
        /// ENOSPC. Nothing happens.
        case outOfSpace
    }

    public let operation: FileError.Operation
    public let kind: Kind
    /// Only calls on paths that end like this; empty for all.
    public let pathSuffix: String
    /// How many more calls succeed.
    public private(set) var callsBefore: Int
    /// How many calls fail then.
    public private(set) var callsFailing: Int

    public init(_ operation: FileError.Operation, _ kind: Kind = .inputOutput, pathSuffix: String = "", after callsBefore: Int = 0, times: Int = 1) {
        precondition(callsBefore >= 0 && times >= 1)
        self.operation = operation
        self.kind = kind
        self.pathSuffix = pathSuffix
        self.callsBefore = callsBefore
        callsFailing = times
    }

    public var description: String {
        let place = pathSuffix.isEmpty ? "" : " of *\(pathSuffix)"
        return "\(callsFailing) × \(kind) at \(operation)\(place) after \(callsBefore)"
    }

    var isOver: Bool { callsFailing == 0 }

    /// Counts a call; true if it is to fail.
    mutating func strikes(_ operation: FileError.Operation, _ path: String) -> Bool {
        guard operation == self.operation, callsFailing > 0, path.hasSuffix(pathSuffix) else { return false }
        guard callsBefore == 0 else {
            callsBefore -= 1
            return false
        }
        callsFailing -= 1
        return true
    }
}

/// What will go wrong in one life of a simulated machine, from a seed.
public struct FaultPlan: Hashable, Sendable, CustomStringConvertible {
    /// After how many changes the machine stops; nil if it does not.
    public private(set) var crashAfter: Int?
    /// Calls that fail.
    public private(set) var faults: [SimulatedFault] = []
    /// How much space is left for a while; nil for enough. The test gives it back with `configure { $0.spaceBytes = .max }`.
    public private(set) var freeBytes: Int?

    /// - Parameter changesMax: about how many changes a life makes: faults are put among them.
    public init(seed: UInt64, changesMax: Int) {
        var random = SeededGenerator(seed: seed)
        if random.chance(percent: 80) { crashAfter = Int.random(in: 0...changesMax, using: &random) }
        if random.chance(percent: 25) { freeBytes = Int.random(in: 0...100_000, using: &random) }
        guard random.chance(percent: 50) else { return }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let operation = Self.operations[Int.random(in: Self.operations.indices, using: &random)]
            let kind: SimulatedFault.Kind = Self.needSpace.contains(operation) && random.chance(percent: 40) ? .outOfSpace : .inputOutput
            // Early faults and small numbers meet more calls: most kinds of call are rare.
            let callsBefore = Int.random(in: 0...max(1, changesMax / (random.chance(percent: 50) ? 20 : 3)), using: &random)
            let times = random.chance(percent: 80) ? 1 : Int.random(in: 2...20, using: &random)
            faults.append(SimulatedFault(operation, kind, after: callsBefore, times: times))
        }
    }

    /// Sets the disk to go wrong as planned.
    public func arm(_ disk: SimulatedFileSystem) {
        disk.configure { state in
            state.changesLeft = crashAfter
            state.faults = faults
            state.spaceBytes = freeBytes.map { state.usedBytes + $0 } ?? .max
        }
    }

    public var description: String {
        let limits = [crashAfter.map { "crash after \($0) changes" }, freeBytes.map { "\($0) bytes free" }].compactMap { $0 }
        let parts = limits + faults.map(\.description)
        return parts.isEmpty ? "no faults" : parts.joined(separator: ", ")
    }

    private static let operations: [FileError.Operation] = [
        .open, .create, .read, .write, .sync, .preallocate, .truncate, .map, .rename, .remove, .link, .list, .fileStatus, .createDirectory,
        .removeDirectory, .syncDirectory,
    ]
    private static let needSpace: Set<FileError.Operation> = [.create, .write, .preallocate, .link, .rename, .createDirectory]
}
