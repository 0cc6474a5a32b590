package import LyricaClient

/// Reads files of vectors whole: `.npy` (float16, float32, float64), `.fvecs`, `.fbin`.
///
/// Files are read and not mapped. What is measured should not depend on which of a file's pages happen to be cached, a mapped row may start
/// anywhere, and a file that somebody cuts short meanwhile gives an error instead of ending the process.
package enum VectorFile {
    private static let bytesPerRead = 4 << 20

    /// Reads the first rows of a file, all of them without a limit.
    /// - Throws: `ClientError.file` that names the file and what is wrong with it, such as the first row that is not finite.
    package static func read(path: String, limit: Int? = nil, progress style: ProgressReporter.Style) throws(ClientError) -> VectorMatrix {
        try read(try EmbeddingFile.open(path: path), limit: limit, progress: style)
    }

    package static func read(_ file: EmbeddingFile, limit: Int? = nil, progress style: ProgressReporter.Style) throws(ClientError) -> VectorMatrix {
        guard file.rowCount > 0 else { throw .file(path: file.name, problem: "holds no vectors") }
        let rowCount = min(file.rowCount, limit ?? .max)
        var progress = ProgressReporter(style: style, total: rowCount)
        let matrix: VectorMatrix
        do {
            matrix = try VectorMatrix(rowCount: rowCount, dimension: file.dimension) { floats throws(ClientError) in
                try fill(floats, from: file, rowCount: rowCount, &progress)
            }
        } catch .data(let problem) {
            throw .file(path: file.name, problem: problem)
        }
        progress.finishIfShown()
        try requireFinite(matrix, name: file.name)
        return matrix
    }

    private static func fill(
        _ floats: UnsafeMutableBufferPointer<Float>, from file: EmbeddingFile, rowCount: Int, _ progress: inout ProgressReporter
    ) throws(ClientError) {
        let rowsPerRead = max(1, bytesPerRead / (file.dimension * MemoryLayout<Float>.stride))
        for first in stride(from: 0, to: rowCount, by: rowsPerRead) {
            let end = min(first + rowsPerRead, rowCount)
            for (offset, row) in try file.rows(first..<end).enumerated() {
                let start = (first + offset) * file.dimension
                _ = UnsafeMutableBufferPointer(rebasing: floats[start..<start + file.dimension]).update(fromContentsOf: row)
            }
            progress.advance(to: end)
        }
    }

    /// - Throws: `ClientError.file` that names the first row with an infinity or NaN.
    static func requireFinite(_ matrix: VectorMatrix, name: String) throws(ClientError) {
        if let row = matrix.firstRowNotFinite() {
            throw .file(path: name, problem: "row \(row + 1) holds a number that is not finite; no distance is defined for it")
        }
    }
}

extension ProgressReporter {
    /// Ends the bar, if there is one: what was over in a moment leaves no line.
    mutating func finishIfShown() {
        if hasShown { finish() }
    }
}
