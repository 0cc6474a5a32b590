import FoundationEssentials
import Glibc

/// Where a run keeps its data.
struct WorkDirectory {
    let path: String
    private let removesItself: Bool
    private let keepsData: Bool

    /// - Parameter given: `nil` for a new one among the temporary files.
    init(_ given: String?, keep: Bool) throws {
        path = given ?? FileManager.default.temporaryDirectory.path + "/storage-bench-\(getpid())"
        keepsData = keep
        removesItself = !keep && !FileManager.default.fileExists(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Removes what the steps of one benchmark left.
    func empty() {
        guard !keepsData else { return }
        for name in Step.allCases.map(\.dataName) { try? FileManager.default.removeItem(atPath: path + "/" + name) }
    }

    func remove() {
        empty()
        if removesItself { try? FileManager.default.removeItem(atPath: path) }
    }
}

extension Step {
    /// The directory that this step works in, inside the run's own.
    var dataName: String {
        switch self {
        case .ingest: "ingest"
        case .commits: "commits"
        case .loadRows, .openRowsUncached, .openRows: "rows"
        case .filters: "filters"
        case .loadCollections, .openCollections: "collections"
        case .fillLog, .recover: "recovery"
        }
    }
}

/// The files of a data directory.
enum DataFiles {
    /// Paths of all files below a directory.
    static func all(in directory: String) -> [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []).map { directory + "/" + $0 }
    }

    /// Takes the files out of the system's cache, so that the next reads come from the disk.
    static func evict(_ directory: String) {
        sync()
        for path in all(in: directory) {
            let descriptor = open(path, O_RDONLY)
            guard descriptor >= 0 else { continue }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            close(descriptor)
        }
    }

    /// Returns when no merge of segments has finished for a while: the engine is then as it stays.
    static func waitUntilSettled(_ directory: String) async throws {
        var segments: [String] = []
        var unchanged = 0
        while unchanged < 10 {
            try await Task.sleep(for: .milliseconds(200))
            let found = all(in: directory).filter { $0.hasSuffix(".segment") }.sorted()
            unchanged = found == segments ? unchanged + 1 : 0
            segments = found
        }
    }

    static func segmentCount(_ directory: String) -> Int { all(in: directory).count { $0.hasSuffix(".segment") } }
}
