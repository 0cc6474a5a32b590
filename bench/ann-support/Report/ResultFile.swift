import FoundationEssentials
package import LyricaClient

/// Reads and writes files of results.
package enum ResultFile {
    /// Adds lines at the end of a file, which is made when there is none; `-` is the standard output.
    package static func append(_ lines: [ResultLine], to path: String) throws(ClientError) { try append(lines.map(\.json), to: path) }

    package static func append(_ lines: [String], to path: String) throws(ClientError) {
        if path == "-" { return try print(lines) }
        let old = FileManager.default.fileExists(atPath: path) ? try content(of: path) : []
        let separator = old.isEmpty || old.last == UInt8(ascii: "\n") ? "" : "\n"
        try replace(path, with: old + Array((separator + text(lines)).utf8))
    }

    /// The results in a file; lines without anything are passed over.
    /// - Throws: `ClientError.file` that names the line.
    package static func read(_ path: String) throws(ClientError) -> [ResultLine] {
        var results: [ResultLine] = []
        for (index, line) in try content(of: path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let text = String(decoding: line, as: UTF8.self)
            guard text.contains(where: { !$0.isWhitespace }) else { continue }
            do {
                results.append(try ResultLine(parsing: text))
            } catch {
                throw .file(path: path, problem: "line \(index + 1) \(error.message)")
            }
        }
        return results
    }

    /// Writes a file whole.
    package static func replace(_ path: String, with text: String) throws(ClientError) { try replace(path, with: Array(text.utf8)) }

    /// Writes lines to the standard output.
    package static func print(_ lines: [String]) throws(ClientError) { try Terminal.write(Array(text(lines).utf8), to: .output) }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(ClientError) {
        let file = try ReplacedFile(path: path)
        try file.append(bytes)
        try file.commit()
    }

    private static func content(of path: String) throws(ClientError) -> [UInt8] {
        let file = try FileBytes(path: path)
        return try file.bytes(at: 0, count: file.byteCount)
    }

    private static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
