import ByteCoding
import FileIO

/// Brings files into a backup and out of one: by a second name where that is possible and wanted, else by copying.
struct FileTransfer {
    /// Why a file did not get to its place.
    enum Failure: Error {
        /// What was to be copied cannot be read, or is not as long as it should be. The target is not there.
        case source(String)
        case target(FileError)
        case cancelled
    }

    enum Outcome {
        case shared
        case copied
    }

    /// Bytes are copied and summed in pieces of this many.
    private static let pieceBytes = 1 << 20

    let fileSystem: any FileSystem
    let meter: BackupMeter

    /// Puts the file `source` of `bytes` bytes to `target`, a name that is free. Its bytes are synced then, its name not.
    func place(_ source: String, at target: String, bytes: Int, mayShare: Bool) throws(Failure) -> Outcome {
        if mayShare, try share(source, target, bytes) { return .shared }
        try copy(source, to: target, bytes)
        return .copied
    }

    /// False where copying may do what a second name cannot.
    private func share(_ source: String, _ target: String, _ bytes: Int) throws(Failure) -> Bool {
        do throws(FileError) {
            guard try fileSystem.status(source)?.bytes == bytes else { return false }
            try fileSystem.link(source, to: target)
        } catch {
            if error.isExisting { throw .target(error) }
            return false
        }
        try advance(bytes, paced: false)
        return true
    }

    private func copy(_ source: String, to target: String, _ bytes: Int) throws(Failure) {
        let from = try reading { () throws(FileError) in try fileSystem.open(source, .readOnly) }
        let to = try writing { () throws(FileError) in try fileSystem.create(target) }
        do throws(Failure) {
            try copy(from, to, bytes)
            try writing { () throws(FileError) in
                try to.sync()
                try to.close()
            }
        } catch {
            // The first error tells the cause; what is left of the copy is only space.
            try? fileSystem.remove(target)
            throw error
        }
    }

    private func copy(_ from: any File, _ to: any File, _ bytes: Int) throws(Failure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 4096)
        defer { buffer.deallocate() }
        var done = 0
        while true {
            let count = try reading { () throws(FileError) in try from.read(into: buffer, at: done) }
            if count > 0 {
                try writing { () throws(FileError) in try to.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: done) }
            }
            done += count
            try advance(count, paced: true)
            if count < buffer.count { break }
        }
        guard done == bytes else { throw .source("\(from.path) has \(done) bytes instead of \(bytes)") }
    }

    /// The CRC-32C of a file, and its length.
    func checksum(of path: String) throws(Failure) -> (checksum: UInt32, bytes: Int) {
        let file = try reading { () throws(FileError) in try fileSystem.open(path, .readOnly) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 4096)
        defer { buffer.deallocate() }
        var checksum: UInt32 = 0
        var done = 0
        while true {
            let count = try reading { () throws(FileError) in try file.read(into: buffer, at: done) }
            checksum = crc32c(extending: checksum, with: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            done += count
            try advance(count, paced: false)
            if count < buffer.count { return (checksum, done) }
        }
    }

    /// Tells how many bytes more are done.
    func advance(_ bytes: Int, paced: Bool) throws(Failure) {
        do throws(BackupError) {
            try meter.advance(bytes, paced: paced)
        } catch {
            throw .cancelled
        }
    }

    private func reading<Result>(_ body: () throws(FileError) -> Result) throws(Failure) -> Result {
        do throws(FileError) { return try body() } catch { throw .source(error.description) }
    }

    private func writing<Result>(_ body: () throws(FileError) -> Result) throws(Failure) -> Result {
        do throws(FileError) { return try body() } catch { throw .target(error) }
    }
}

extension BackupError {
    /// For a file without which nothing goes on.
    init(_ failure: FileTransfer.Failure) {
        switch failure {
        case .source(let problem): self = .unreadable(problem)
        case .target(let error): self = .file(error)
        case .cancelled: self = .cancelled
        }
    }
}
