import Durability
import Engine
import FileIO
import FoundationEssentials
import Testing
import TestSupport
import VectorModel

/// A database that is opened for reading only.
@Suite struct BackupReadOnlyTests {
    private func openForReading(_ path: String) throws -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: path)
        configuration.isReadOnly = true
        configuration.searchThreads = 1
        return try VectorDatabase.open(configuration)
    }

    private struct FileState: Equatable {
        let bytes: Data?
        let modified: Date?
    }

    /// Every file and directory below `path`.
    private func states(_ path: String) throws -> [String: FileState] {
        var states: [String: FileState] = [:]
        for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: path)) {
            let full = path + "/" + name
            let modified = try FileManager.default.attributesOfItem(atPath: full)[.modificationDate] as? Date
            states[name] = FileState(bytes: FileManager.default.contents(atPath: full), modified: modified)
        }
        return states
    }

    private func fill(_ database: VectorDatabase) async throws {
        for name in ["one", "two"] {
            let collection = try await database.makeCollection(name)
            try await database.put(Array(0..<30), in: collection)
            try await database.flush()
            try await database.put(Array(20..<45), in: collection)
            try await database.remove([1, 2, 3], from: collection)
        }
    }

    @Test func manyReadWhatNobodyWrites() async throws {
        let directory = try TemporaryDirectory()
        let writer = try directory.open()
        try await fill(writer)
        let lines = try await contents(of: writer)
        #expect(throws: OpeningFailure.self) { try openForReading(directory.path) }
        try await writer.close()
        let before = try states(directory.path)
        let readers = try (0..<3).map { _ in try openForReading(directory.path) }
        for reader in readers { #expect(try await contents(of: reader) == lines) }
        #expect(throws: OpeningFailure.self) { try directory.open() }
        for reader in readers { try await reader.close() }
        #expect(try states(directory.path) == before)
        let again = try directory.open()
        #expect(try await contents(of: again) == lines)
        try await again.close()
    }

    @Test func writingIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let writer = try directory.open()
        try await fill(writer)
        try await writer.close()
        let before = try states(directory.path)
        let reader = try openForReading(directory.path)
        let collection = try reader.collection(named: "one", tenant: "default_tenant", database: "default_database").identifier
        func isRefused(_ body: () async throws -> Void) async -> Bool {
            do {
                try await body()
                return false
            } catch let error as RequestError {
                if case .readOnly = error.reason { return true }
                return false
            } catch {
                return false
            }
        }
        #expect(await isRefused { try await reader.put([1], in: collection) })
        #expect(await isRefused { try await reader.remove([1], from: collection) })
        #expect(await isRefused { _ = try await reader.makeCollection("three") })
        #expect(await isRefused { try await reader.drop("one") })
        #expect(await isRefused { try await reader.createTenant(named: "tenant") })
        #expect(await isRefused { try await reader.flush() })
        await #expect(throws: BackupError.self) { try await reader.backup(to: .directory(directory.path + "-backup")) }
        #expect(reader.storageReport.isHealthy)
        try await reader.close()
        #expect(try states(directory.path) == before)
    }

    /// The files of a server that was killed are read as they are.
    @Test func whatWasNotClosedCanBeRead() async throws {
        let directory = try TemporaryDirectory()
        let copy = directory.path + "-copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        // Files that a merge replaces while they are copied are not what a server leaves that was killed.
        let writer = try directory.open { $0.storage.settleMilliseconds = .max }
        try await fill(writer)
        let lines = try await contents(of: writer)
        try FileManager.default.copyItem(atPath: directory.path, toPath: copy)
        try await writer.close()
        let before = try states(copy)
        let reader = try openForReading(copy)
        #expect(try await contents(of: reader) == lines)
        try await reader.close()
        #expect(try states(copy) == before)
    }

    @Test func aBackupCanBeReadWhereItIs() async throws {
        let directory = try TemporaryDirectory()
        let backup = directory.path + "-backup"
        defer { try? FileManager.default.removeItem(atPath: backup) }
        let writer = try directory.open()
        try await fill(writer)
        let lines = try await contents(of: writer)
        _ = try await writer.backup(to: .directory(backup))
        let before = try states(backup)
        let readers = try (0..<2).map { _ in try openForReading(backup) }
        // The database goes on beside it.
        try await fill(another: writer)
        for reader in readers {
            #expect(try await contents(of: reader) == lines)
            try await reader.close()
        }
        #expect(try states(backup) == before)
        #expect(try Backup.verify(backup).findings.isEmpty)
        try await writer.close()
    }

    private func fill(another database: VectorDatabase) async throws {
        for name in ["one", "two"] {
            let collection = try database.collection(named: name, tenant: "default_tenant", database: "default_database").identifier
            try await database.put(Array(50..<90), in: collection)
        }
        try await database.flush()
        try await database.drop("one")
    }
}
