import Durability
import Engine
import FoundationEssentials

/// A directory for one test, removed with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("lyrica-engine-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A database on this directory, small enough for tests.
    func open(_ change: (inout VectorDatabase.Configuration) -> Void = { _ in }) throws -> VectorDatabase {
        var configuration = VectorDatabase.Configuration(dataDirectory: path)
        configuration.log.fileBytes = 1 << 20
        configuration.searchThreads = 2
        change(&configuration)
        return try VectorDatabase.open(configuration)
    }
}
