import ChromaWire
import Engine
import FoundationEssentials
import Testing
import VectorModel

/// Decoders and encoders of the client generations, and readers of what they give.
enum Wire {
    static let current = Dialect(version: .v2, userAgent: "Chroma Python Client v1.5.9")
    static let legacy = Dialect(version: .v2, userAgent: "python-httpx/0.27")
    static let named = Dialect(version: .v1, userAgent: "python-httpx/0.27")
    static let representation = Dialect(version: .v1, userAgent: "python-requests/2.31")
    static let all = [current, legacy, named, representation]

    static func decoder(_ dialect: Dialect = current) -> RequestDecoder { RequestDecoder(dialect: dialect, limits: .standard) }

    static func text(_ bytes: WireBytes) -> String { String(decoding: bytes.chunks.joined(), as: UTF8.self) }

    /// `status name: message` of the error that `body` throws.
    static func failure(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return (error as? WireError)?.description ?? "another error: \(error)"
        }
    }

    /// Runs `body` on an empty database, and removes it.
    static func withDatabase(_ body: (VectorDatabase) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("wire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let database = try VectorDatabase.open(VectorDatabase.Configuration(dataDirectory: directory.path))
        try await body(database)
        try await database.close()
    }
}
