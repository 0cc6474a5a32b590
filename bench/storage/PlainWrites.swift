import FileIO

/// The least that the log's bytes cost: the same writes with the same syncs, into files that already have their length and their blocks.
struct PlainWrites {
    private enum Step {
        case write(bytes: Int, file: Int, offset: Int)
        case sync(file: Int)
    }

    private let directory: String
    private let fileBytes: Int
    private let steps: [Step]
    private let fileCount: Int

    /// - Parameters:
    ///   - fileBytes: the length of a file, unless one write is longer.
    ///   - calls: what to repeat, in this order.
    init(directory: String, fileBytes: Int, repeating calls: [MeteredFileSystem.LogCall]) {
        let longest = calls.reduce(0) { longest, call in if case .write(let bytes) = call { max(longest, bytes) } else { longest } }
        let fileBytes = max(fileBytes, longest)
        var (file, offset) = (0, 0)
        steps = calls.map { call in
            switch call {
            case .sync: return .sync(file: file)
            case .write(let bytes):
                if offset + bytes > fileBytes { (file, offset) = (file + 1, 0) }
                defer { offset += bytes }
                return .write(bytes: bytes, file: file, offset: offset)
            }
        }
        self.directory = directory
        self.fileBytes = fileBytes
        fileCount = file + 1
    }

    /// - Returns: how long it took, without preparing the files.
    func run() throws(FileError) -> Duration {
        let fileSystem = POSIXFileSystem()
        try fileSystem.createDirectory(directory)
        let buffer = [UInt8](repeating: 0x5a, count: fileBytes)
        var files: [any File] = []
        for number in 0..<fileCount {
            let file = try fileSystem.create("\(directory)/\(number)")
            try Self.write(buffer, count: fileBytes, to: file, at: 0)
            try file.sync()
            files.append(file)
        }
        let began = ContinuousClock.now
        for step in steps {
            switch step {
            case .sync(let file): try files[file].sync()
            case .write(let bytes, let file, let offset): try Self.write(buffer, count: bytes, to: files[file], at: offset)
            }
        }
        return ContinuousClock.now - began
    }

    private static func write(_ buffer: [UInt8], count: Int, to file: any File, at offset: Int) throws(FileError) {
        let outcome = buffer.withUnsafeBytes { bytes in
            Result { () throws(FileError) in try file.write([UnsafeRawBufferPointer(rebasing: bytes[..<count])], at: offset) }
        }
        try outcome.get()
    }
}
