import FoundationEssentials
package import LyricaClient
package import VectorModel

/// Filters over a data set, as `bench/filters/make.py` writes them: for each the rows that match, and what should be found among them.
package struct FilterFolder: Sendable {
    package let path: String
    /// Of the filters, such as `random-0.01`, in the order of the alphabet.
    package let names: [String]

    private static let rowsEnding = ".rows.npy"
    private static let truthEnding = ".truth.npy"

    /// - Parameter only: the names to keep; all of them when empty.
    /// - Throws: `ClientError.file` when the folder cannot be listed or has no such filter.
    package init(path: String, only: [String]) throws(ClientError) {
        self.path = path
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .file(path: path, problem: "is no folder of filters: \(error)")
        }
        let all = files.filter { $0.hasSuffix(Self.rowsEnding) }.map { String($0.dropLast(Self.rowsEnding.count)) }.sorted()
        if let missing = only.first(where: { !all.contains($0) }) { throw .file(path: path, problem: "has no filter \(missing)") }
        names = only.isEmpty ? all : all.filter(only.contains)
        guard !names.isEmpty else { throw .file(path: path, problem: "has no filters") }
    }

    /// The rows that a filter keeps.
    /// - Throws: `ClientError.file` for a row that the base does not have.
    package func accepted(_ name: String, baseRows: Int) throws(ClientError) -> OrdinalSet {
        var accepted = OrdinalSet(bound: baseRows)
        for row in try NeighborFile.read(path: path + "/" + name + Self.rowsEnding, baseRows: baseRows).ordinals { accepted.insert(Int(row)) }
        return accepted
    }

    /// The nearest of the matching rows to each query.
    package func truth(_ name: String, baseRows: Int) throws(ClientError) -> TrueNeighbors {
        try NeighborFile.read(path: path + "/" + name + Self.truthEnding, baseRows: baseRows)
    }
}
