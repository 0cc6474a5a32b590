import Durability
import Engine
import FileIO
import Filtering
import Segments
import TestSupport
import VectorModel

extension DatabaseLife {
    /// What a client, maintenance or the world around does next. More kinds of work get a case here and a line in `perform`.
    enum Operation: CaseIterable {
        case createCollection, forkCollection, changeCollection, dropCollection
        case createDatabase, dropDatabase, reset
        case write, transact, deleteIdentifiers, deleteMatching
        case commitLog, syncLog, settle
        case flush, maintain, backUp
        case read, releaseReaders
        case breakDisk, mendDisk, check

        /// How often, relative to the others.
        private var weight: Int {
            switch self {
            case .createCollection: 7
            case .changeCollection, .forkCollection: 4
            case .dropCollection: 3
            case .createDatabase: 2
            case .dropDatabase, .reset: 1
            case .write: 40
            case .deleteIdentifiers, .deleteMatching, .transact: 6
            case .commitLog, .syncLog: 3
            case .settle: 5
            case .flush: 5
            case .maintain: 14
            case .backUp: 2
            case .read: 5
            case .releaseReaders: 3
            case .breakDisk: 6
            case .mendDisk: 4
            case .check: 4
            }
        }

        static func any(using random: inout SeededGenerator) -> Operation {
            var place = Int.random(in: 0..<allCases.reduce(0) { $0 + $1.weight }, using: &random)
            for operation in allCases {
                place -= operation.weight
                if place < 0 { return operation }
            }
            return .write
        }
    }

    func perform(_ operation: Operation, on database: VectorDatabase) async throws {
        switch operation {
        case .createCollection: try await createCollection(database)
        case .forkCollection: try await forkCollection(database)
        case .changeCollection: try await changeCollection(database)
        case .dropCollection: try await dropCollection(database)
        case .createDatabase: try await createDatabase(database)
        case .dropDatabase: try await dropDatabase(database)
        case .reset: try await commit(.reset, plausible: [], database)
        case .write: try await write(database)
        case .transact: try await transact(database)
        case .deleteIdentifiers: try await delete(RecordSelector(identifiers: workload.identifiers(1...6)), database) { _ in true }
        case .deleteMatching:
            let condition = workload.condition()
            try await delete(condition.selector, database, condition.matches)
        case .commitLog: database.commitLog()
        case .syncLog: database.syncLog()
        case .settle: try await settleEverything(database)
        case .flush: try await flush(database)
        case .maintain: database.stepMaintenance()
        case .backUp: try await backUp(database)
        case .read: try await read(database)
        case .releaseReaders: held = []
        case .breakDisk: breakDisk()
        case .mendDisk: mendDisk()
        case .check: try await check(database)
        }
    }

    // MARK: The catalog

    private func createCollection(_ database: VectorDatabase) async throws {
        let place = chance(percent: 30) ? world.moreDatabases.randomElement(using: &workload.random) : nil
        let creation = workload.creation(newIdentifier(), place)
        let isTaken = world.collections(tenant: creation.tenant, database: creation.database).contains { $0.name == creation.name }
        try await commit(.createCollection(creation), plausible: isTaken ? [.alreadyExists] : [], database)
    }

    private func forkCollection(_ database: VectorDatabase) async throws {
        guard let source = world.all.randomElement(using: &workload.random) else { return }
        let name = chance(percent: 80) ? "fork-\(Int.random(in: 0..<4, using: &workload.random))" : source.name
        let isTaken = world.collections(tenant: source.tenant, database: source.database).contains { $0.name == name }
        let identifier = newIdentifier()
        do throws(RequestError) {
            let number = try database.accept(identifier, named: name, of: source.identifier)
            // What the source was told before was settled on the way.
            learnOutcomes()
            note(.catalog(.forkCollection(identifier, name: name, from: source.identifier)), at: number)
            guard !isTaken || isFaulty else { throw .invalid("fork", "was accepted although its name is taken") }
            // Nothing comes between a fork and its settling but a crash.
            try await database.settleCatalog(through: number)
        } catch {
            try judge(error, isTaken ? [.alreadyExists, .notFound] : [.notFound])
        }
    }

    private func changeCollection(_ database: VectorDatabase) async throws {
        guard let collection = world.all.randomElement(using: &workload.random) else { return }
        let change = workload.collectionChange()
        let isTaken = world.collections(tenant: collection.tenant, database: collection.database).contains {
            $0.name == change.name && $0.identifier != collection.identifier
        }
        try await commit(.changeCollection(collection.identifier, change), plausible: isTaken ? [.alreadyExists] : [], database)
    }

    private func dropCollection(_ database: VectorDatabase) async throws {
        guard let collection = world.all.randomElement(using: &workload.random) else { return }
        try await commit(.deleteCollection(collection.identifier), plausible: [], database)
    }

    private func createDatabase(_ database: VectorDatabase) async throws {
        let tenant = chance(percent: 50) ? World.tenant : "tenant-\(Int.random(in: 0..<2, using: &workload.random))"
        if world.tenants[tenant] == nil { return try await commit(.createTenant(tenant), plausible: [], database) }
        let name = "database-\(Int.random(in: 0..<3, using: &workload.random))"
        let isTaken = world.tenants[tenant]?[name] != nil
        try await commit(.createDatabase(newIdentifier(), name: name, tenant: tenant), plausible: isTaken ? [.alreadyExists] : [], database)
    }

    private func dropDatabase(_ database: VectorDatabase) async throws {
        guard let place = world.moreDatabases.randomElement(using: &workload.random) else { return }
        try await commit(.deleteDatabase(name: place.name, tenant: place.tenant), plausible: [], database)
    }

    /// - Parameter plausible: why the change may be refused, and then must be.
    private func commit(_ change: CatalogChange, plausible: Set<RequestError.Class>, _ database: VectorDatabase) async throws {
        do throws(RequestError) {
            let number = try database.accept(change)
            note(.catalog(change), at: number)
            guard plausible.isEmpty || isFaulty else { throw .invalid("change", "was accepted that must be refused as \(plausible)") }
            if chance(percent: 75) { try await database.settleCatalog(through: number) }
        } catch {
            try judge(error, plausible)
        }
    }

    // MARK: Records

    private func write(_ database: VectorDatabase) async throws {
        guard let collection = world.all.randomElement(using: &workload.random) else { return try await createCollection(database) }
        let isWrong = collection.dimension != nil && chance(percent: 3)
        if isWrong { try await settleEverything(database) }
        let dimension = isWrong ? 7 : collection.dimension ?? Int.random(in: 2...6, using: &workload.random)
        let batch = try workload.batch(dimension: isWrong || chance(percent: 85) ? dimension : nil)
        let kind: WriteKind = [.add, .update, .upsert, .upsert].randomElement(using: &workload.random) ?? .upsert
        do throws(RequestError) {
            guard let number = try database.accept(batch, as: kind, to: collection.identifier) else { return }
            if isWrong && batch.embeddings != nil && !isFaulty { throw .invalid("write", "a wrong dimension was accepted") }
            note(.write(batch, kind, to: collection.identifier), at: number)
            if chance(percent: 65) { try await database.settle(through: number, of: collection.identifier) }
        } catch {
            // A write that the log has no room for may have given the collection another dimension, until that is settled.
            let mayBeWrong = isWrong || isFaulty && collection.dimension == nil
            try judge(error, mayBeWrong ? [.invalid, .notFound] : [.notFound])
        }
    }

    /// Reads some ids, lets somebody come between now and then, and writes some of them.
    private func transact(_ database: VectorDatabase) async throws {
        guard let place = world.all.randomElement(using: &workload.random) else { return }
        try await settle(place.identifier, database)
        guard let collection = world.collections[place.identifier] else { return }
        let asked = workload.identifiers(1...6)
        var plausible: Set<RequestError.Class> = isFaulty ? [.notFound, .conflict] : [.notFound]
        do throws(RequestError) {
            let request = GetRequest(selector: RecordSelector(identifiers: asked), fields: [])
            let (result, token) = try await database.get(request, from: collection.identifier, at: nil)
            let found = result.records.map(\.identifier)
            let commit = try ConditionalCommit(
                token: token, reads: [.init(asked: asked, hasConditions: false, found: found)],
                changes: try transaction(asked, found, dimension: collection.dimension))
            if chance(percent: 30) {
                let between = try RecordBatch(identifiers: workload.identifiers(1...3))
                if let number = try database.accept(between, as: .upsert, to: collection.identifier) {
                    note(.write(between, .upsert, to: collection.identifier), at: number)
                }
                if !commit.readIdentifiers.isDisjoint(with: between.identifiers) { plausible.insert(.conflict) }
            }
            let number = try database.accept(commit, to: collection.identifier)
            note(.group(commit.changes, of: collection.identifier), at: number)
            guard isFaulty || !plausible.contains(.conflict) else { throw .invalid("transaction", "builds on what was changed") }
            if chance(percent: 65) { try await database.settle(through: number, of: collection.identifier) }
        } catch {
            try judge(error, plausible)
        }
    }

    /// Adds what is not there, changes the first that is and deletes the others.
    private func transaction(_ asked: [String], _ found: [String], dimension: Int?) throws(RequestError) -> [GroupedChange] {
        let absent = asked.filter { !found.contains($0) }
        var changes: [GroupedChange] = []
        if !absent.isEmpty { changes.append(.write(try workload.batch(of: absent, dimension: dimension), .add)) }
        if let first = found.first { changes.append(.write(try workload.batch(of: [first], dimension: nil), .update)) }
        if found.count > 1 { changes.append(.delete(Array(found.dropFirst()))) }
        return changes
    }

    private func delete(
        _ selector: RecordSelector, _ database: VectorDatabase, _ matches: (World.Record) -> Bool
    ) async throws {
        guard let collection = world.all.randomElement(using: &workload.random) else { return }
        // Then the working state is what the model says, and not more that the log had no room for.
        try await settle(collection.identifier, database)
        guard let collection = world.collections[collection.identifier] else { return }
        let limit = chance(percent: 30) ? Int.random(in: 1...4, using: &workload.random) : nil
        let expected = collection.records.filter { entry in
            (selector.identifiers?.contains(entry.identifier) ?? true) && matches(entry.record)
        }.map(\.identifier)
        do throws(RequestError) {
            let (number, found) = try database.accept(DeleteRequest(selector: selector, limit: limit), from: collection.identifier)
            if let number { note(.delete(found, from: collection.identifier), at: number) }
            let wanted = Array(expected.prefix(limit ?? .max))
            // Without a limit ids are deleted in the order in which they were given.
            let isRight = limit == nil ? found.sorted() == wanted.sorted() : found == wanted
            guard isRight || isFaulty else { throw .invalid("delete", "took \(found) instead of \(wanted)") }
            if let number, chance(percent: 65) { try await database.settle(through: number, of: collection.identifier) }
        } catch {
            try judge(error, [.notFound])
        }
    }

    private func read(_ database: VectorDatabase) async throws {
        guard let collection = world.all.randomElement(using: &workload.random) else { return }
        do throws(RequestError) {
            let records = try await database.get(GetRequest(limit: 8), from: collection.identifier).records
            held.append((records, records.map(World.Record.init)))
        } catch {
            try judge(error, [.notFound])
        }
    }

    // MARK: Settling

    private func settle(_ identifier: CollectionIdentifier?, _ database: VectorDatabase) async throws {
        guard let number = lastChange(of: identifier) else { return }
        do throws(RequestError) {
            if let identifier {
                try await database.settle(through: number, of: identifier)
            } else {
                try await database.settleCatalog(through: number)
            }
        } catch {
            try judge(error, [.notFound])
        }
        learnOutcomes()
    }

    private func settleEverything(_ database: VectorDatabase) async throws {
        try await settle(nil, database)
        for collection in world.all { try await settle(collection.identifier, database) }
        // A creation that the log had no room for has taken its collection with it.
        learnOutcomes()
    }

    private func flush(_ database: VectorDatabase) async throws {
        do throws(RequestError) {
            try await database.flush()
        } catch {
            try judge(error, [])
        }
    }

    /// Compares everything in the middle of a life.
    private func check(_ database: VectorDatabase) async throws {
        mendDisk()
        try await settleEverything(database)
        let hasFailed = hasOpenChanges
        guard !disk.hasCrashed, !hasFailed else { return }
        // A disk that did not let a file be read may have cost a collection its writes; only the next opening says more.
        guard database.storageReport.damagedCollections.isEmpty else {
            guard isFaulty else { throw Violation("without a fault there is \(database.storageReport)") }
            return
        }
        try await compare()
    }

    // MARK: The disk

    private func breakDisk() {
        guard isFaulty else { return }
        let random = workload.random.next()
        let space = disk.usedBytes + Int(random >> 20 % 20_000)
        let operations: [FileError.Operation] = [.rename, .remove, .syncDirectory, .create, .open, .map, .write, .sync, .list, .createDirectory]
        let fault = SimulatedFault(operations[Int(random % UInt64(operations.count))], times: 1 + Int(random >> 8 % 4))
        disk.configure { state in
            if random >> 16 % 2 == 0 { state.spaceBytes = space } else { state.faults.append(fault) }
        }
    }

    /// An error is right if something is wrong with the disk, or if the request deserves it.
    private func judge(_ error: RequestError, _ plausible: Set<RequestError.Class>) throws {
        learnOutcomes()
        trace("  refused: \(error)")
        let isTheDisk = isFaulty && [.internalFailure, .outOfSpace, .unavailable].contains(error.errorClass)
        let isRace = isFaulty || hasOpenCatalogChanges
        let isTheCatalog = isRace && [.notFound, .alreadyExists].contains(error.errorClass)
        guard isTheDisk || isTheCatalog || plausible.contains(error.errorClass) else { throw Violation("refused: \(error)") }
    }
}
