import FileIO
import Testing

@Suite struct POSIXFileSystemTests {
    private let fileSystem = POSIXFileSystem()

    @Test func whatIsWrittenIsRead() throws {
        try withTemporaryDirectory { directory in
            let file = try fileSystem.create(directory + "/a")
            try write([1, 2, 3, 4], to: file, at: 0)
            try write([9, 9], to: file, at: 6)
            try file.sync()
            #expect(try file.size() == 8)
            #expect(try contents(of: file) == [1, 2, 3, 4, 0, 0, 9, 9])
            var buffer = [UInt8](repeating: 7, count: 4)
            let count = try buffer.withUnsafeMutableBytes { target in try file.read(into: target, at: 5) }
            #expect(count == 3 && buffer == [0, 9, 9, 7])
            try file.close()
            try file.close()
            #expect(throws: FileError.self) { try file.sync() }
            let reopened = try fileSystem.open(directory + "/a", .readOnly)
            #expect(try contents(of: reopened).count == 8)
            #expect(throws: FileError.self) { try write([1], to: reopened, at: 0) }
        }
    }

    /// More buffers than one call of the kernel takes, among them empty ones.
    @Test func gatheredWritesKeepTheirOrder() throws {
        try withTemporaryDirectory { directory in
            let file = try fileSystem.create(directory + "/a")
            let parts = (0..<5000).map { index in [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index % 13) }
            let whole = parts.flatMap { $0 }
            try whole.withUnsafeBytes { bytes in
                var start = 0
                let buffers = parts.map { part in
                    defer { start += part.count }
                    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + part.count])
                }
                try file.write(buffers, at: 10)
            }
            #expect(try contents(of: file) == [UInt8](repeating: 0, count: 10) + whole)
        }
    }

    @Test func preallocatedAndZeroedSpaceReadsAsZero() throws {
        try withTemporaryDirectory { directory in
            let file = try fileSystem.create(directory + "/a")
            try file.preallocate(100_000)
            #expect(try file.size() == 100_000)
            #expect(try contents(of: file).allSatisfy { $0 == 0 })
            try write([1, 1, 1, 1], to: file, at: 50)
            try file.writeZeros(2, at: 51)
            #expect(try Array(contents(of: file)[49..<55]) == [0, 1, 0, 0, 1, 0])
            try file.preallocate(10)
            #expect(try file.size() == 100_000)
            try file.truncate(to: 52)
            #expect(try file.size() == 52)
        }
    }

    @Test func anEmptyFileMapsToNothing() throws {
        try withTemporaryDirectory { directory in
            let bytes = try contents(of: fileSystem.create(directory + "/a"))
            #expect(bytes.isEmpty)
        }
    }

    @Test func namesChange() throws {
        try withTemporaryDirectory { directory in
            try fileSystem.createDirectory(directory + "/sub")
            try fileSystem.createDirectory(directory + "/sub")
            for name in ["b", "a"] { try write([1], to: fileSystem.create(directory + "/" + name), at: 0) }
            try fileSystem.rename(directory + "/b", to: directory + "/c")
            try fileSystem.syncDirectory(directory)
            #expect(try fileSystem.list(directory) == ["a", "c", "sub"])
            try fileSystem.rename(directory + "/c", to: directory + "/a")
            try fileSystem.remove(directory + "/a")
            #expect(try fileSystem.list(directory) == ["sub"])
        }
    }

    @Test func errorsNameOperationAndPath() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/none"
            let missing = #expect(throws: FileError.self) { _ = try fileSystem.open(path, .readWrite) }
            #expect(missing?.isMissing == true && missing?.operation == .open && missing?.path == path && missing?.isOutOfSpace == false)
            #expect(missing?.description.contains(path) == true)
            _ = try fileSystem.create(path)
            #expect(throws: FileError.self) { _ = try fileSystem.create(path) }
            #expect(throws: FileError.self) { try fileSystem.createDirectory(path) }
            #expect(throws: FileError.self) { _ = try fileSystem.list(directory + "/nowhere") }
            #expect(throws: FileError.self) { try fileSystem.syncDirectory(directory + "/nowhere") }
            #expect(throws: FileError.self) { try fileSystem.remove(directory + "/nowhere") }
        }
    }

    /// `/dev/full` refuses every write as a full disk does.
    #if os(Linux)
    @Test func aFullDeviceIsOutOfSpace() throws {
        let file = try fileSystem.open("/dev/full", .readWrite)
        let error = #expect(throws: FileError.self) { try write([1], to: file, at: 0) }
        #expect(error?.isOutOfSpace == true)
    }
    #endif

    @Test(arguments: [("a/b", "a"), ("b", "."), ("/b", "/"), ("/a/b/", "/a"), ("./x/y", "./x"), ("/", "/")])
    func parents(_ path: String, _ parent: String) {
        #expect(parentDirectory(of: path) == parent)
    }
}
