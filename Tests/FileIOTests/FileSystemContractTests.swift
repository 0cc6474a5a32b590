import FileIO
import TestSupport
import Testing

/// What every file system must do: the machine's and the simulated one run the same suite.
@Suite struct FileSystemContractTests {
    @Test(arguments: TestedFileSystem.allCases)
    func whatIsWrittenIsRead(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            let file = try fileSystem.create(directory + "/a")
            try write([1, 2, 3, 4], to: file, at: 0)
            try write([9, 9], to: file, at: 6)
            try file.sync()
            #expect(try file.size() == 8)
            #expect(try contents(of: file) == [1, 2, 3, 4, 0, 0, 9, 9])
            var buffer = [UInt8](repeating: 7, count: 4)
            let count = try buffer.withUnsafeMutableBytes { target in try file.read(into: target, at: 5) }
            #expect(count == 3 && buffer == [0, 9, 9, 7])
            #expect(try buffer.withUnsafeMutableBytes { target in try file.read(into: target, at: 100) } == 0)
            try file.close()
            try file.close()
            #expect(throws: FileError.self) { try file.sync() }
            #expect(throws: FileError.self) { try write([1], to: file, at: 0) }
            #expect(throws: FileError.self) { _ = try file.size() }
            let reopened = try fileSystem.open(directory + "/a", .readOnly)
            #expect(try contents(of: reopened).count == 8)
            #expect(throws: FileError.self) { try write([1], to: reopened, at: 0) }
            #expect(throws: FileError.self) { try reopened.truncate(to: 0) }
        }
    }

    /// More buffers than one call of the kernel takes, among them empty ones.
    @Test(arguments: TestedFileSystem.allCases)
    func gatheredWritesKeepTheirOrder(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
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

    @Test(arguments: TestedFileSystem.allCases)
    func preallocatedAndZeroedSpaceReadsAsZero(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
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
            try file.truncate(to: 54)
            #expect(try contents(of: file).suffix(5) == [0, 1, 0, 0, 0])
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func anEmptyFileMapsToNothing(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            let bytes = try contents(of: fileSystem.create(directory + "/a"))
            #expect(bytes.isEmpty)
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func aMappingOutlivesTheNameAndTakesAnyAdvice(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
            try fileSystem.makeFile(directory + "/a", bytes)
            let file = try fileSystem.open(directory + "/a", .readOnly)
            let mapping = try file.map()
            defer { withExtendedLifetime(mapping) {} }
            try file.close()
            try fileSystem.remove(directory + "/a")
            for pattern in AccessPattern.allCases {
                for range in [0..<bytes.count, 5000..<5001, 0..<0, -10..<1_000_000, 20_000..<30_000] {
                    mapping.advise(pattern, in: range)
                    #expect(mapping.bytes.elementsEqual(bytes))
                }
            }
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func namesChange(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            try fileSystem.createDirectory(directory + "/sub")
            try fileSystem.createDirectory(directory + "/sub")
            for name in ["b", "a", "sub/inner"] { try fileSystem.makeFile(directory + "/" + name, [1]) }
            try fileSystem.rename(directory + "/b", to: directory + "/c")
            try fileSystem.syncDirectory(directory)
            #expect(try fileSystem.list(directory) == ["a", "c", "sub"])
            try fileSystem.rename(directory + "/c", to: directory + "/a")
            try fileSystem.remove(directory + "/a")
            #expect(try fileSystem.list(directory) == ["sub"])
            try fileSystem.rename(directory + "/sub/inner", to: directory + "/outer")
            #expect(try fileSystem.list(directory) == ["outer", "sub"])
            #expect(try fileSystem.list(directory + "/sub").isEmpty)
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func aDirectoryMovesWithWhatIsInIt(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            try fileSystem.createDirectory(directory + "/a")
            try fileSystem.createDirectory(directory + "/a/b")
            try fileSystem.makeFile(directory + "/a/b/c", [7])
            try fileSystem.rename(directory + "/a", to: directory + "/z")
            #expect(try fileSystem.bytes(directory + "/z/b/c") == [7])
            #expect(try fileSystem.list(directory) == ["z"])
            #expect(throws: FileError.self) { try fileSystem.rename(directory + "/z", to: directory + "/z/b/z") }
            let full = #expect(throws: FileError.self) { try fileSystem.removeDirectory(directory + "/z") }
            #expect(full?.isNotEmpty == true)
            try fileSystem.remove(directory + "/z/b/c")
            try fileSystem.removeDirectory(directory + "/z/b")
            try fileSystem.removeDirectory(directory + "/z")
            #expect(try fileSystem.list(directory).isEmpty)
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func linkedNamesShareTheBytes(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            let (a, b) = (directory + "/a", directory + "/b")
            try fileSystem.makeFile(a, [1, 2, 3])
            try fileSystem.link(a, to: b)
            #expect(try fileSystem.status(a) == FileStatus(isDirectory: false, bytes: 3, linkCount: 2))
            try write([9], to: fileSystem.open(b, .readWrite), at: 0)
            #expect(try fileSystem.bytes(a) == [9, 2, 3])
            let taken = #expect(throws: FileError.self) { try fileSystem.link(a, to: b) }
            #expect(taken?.isExisting == true && taken?.isLinkUnsupported == false)
            // Renaming one name to the other leaves both.
            try fileSystem.rename(a, to: b)
            #expect(try fileSystem.list(directory) == ["a", "b"])
            try fileSystem.remove(a)
            #expect(try fileSystem.bytes(b) == [9, 2, 3])
            #expect(try fileSystem.status(b)?.linkCount == 1)
            let missing = #expect(throws: FileError.self) { try fileSystem.link(a, to: directory + "/c") }
            #expect(missing?.isMissing == true)
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func aStatusTellsFilesDirectoriesAndNothing(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            try fileSystem.makeFile(directory + "/a", [1, 2])
            #expect(try fileSystem.status(directory + "/a") == FileStatus(isDirectory: false, bytes: 2, linkCount: 1))
            #expect(try fileSystem.status(directory)?.isDirectory == true)
            #expect(try fileSystem.status(directory + "/b") == nil)
            #expect(try fileSystem.status(directory + "/nowhere/b") == nil)
            #expect(try fileSystem.freeBytes(directory) > 0)
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func copiesAreWholeAndReplaceNothing(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            for count in [0, 1, 1 << 20, (1 << 20) + 17] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
                try fileSystem.makeFile(directory + "/a", bytes)
                #expect(try fileSystem.copyFile(directory + "/a", to: directory + "/b") == count)
                #expect(try fileSystem.bytes(directory + "/b") == bytes)
                let taken = #expect(throws: FileError.self) { try fileSystem.copyFile(directory + "/a", to: directory + "/b") }
                #expect(taken?.isExisting == true)
                for name in ["a", "b"] { try fileSystem.remove(directory + "/" + name) }
            }
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func errorsNameOperationAndPath(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            let path = directory + "/none"
            let missing = #expect(throws: FileError.self) { _ = try fileSystem.open(path, .readWrite) }
            #expect(missing?.isMissing == true && missing?.operation == .open && missing?.path == path && missing?.isOutOfSpace == false)
            #expect(missing?.description.contains(path) == true)
            _ = try fileSystem.create(path)
            #expect(throws: FileError.self) { _ = try fileSystem.create(path) }
            #expect(throws: FileError.self) { try fileSystem.createDirectory(path) }
            #expect(throws: FileError.self) { try fileSystem.removeDirectory(path) }
            #expect(throws: FileError.self) { _ = try fileSystem.list(path) }
            #expect(throws: FileError.self) { _ = try fileSystem.list(directory + "/nowhere") }
            #expect(throws: FileError.self) { try fileSystem.syncDirectory(directory + "/nowhere") }
            #expect(throws: FileError.self) { try fileSystem.remove(directory + "/nowhere") }
            #expect(throws: FileError.self) { try fileSystem.remove(directory) }
            #expect(throws: FileError.self) { try fileSystem.removeDirectory(directory + "/nowhere") }
            #expect(throws: FileError.self) { try fileSystem.rename(directory + "/nowhere", to: path) }
            #expect(throws: FileError.self) { _ = try fileSystem.create(directory + "/nowhere/a") }
            #expect(throws: FileError.self) { try fileSystem.createDirectory(directory + "/nowhere/a") }
            #expect(throws: FileError.self) { _ = try fileSystem.freeBytes(directory + "/nowhere") }
        }
    }

    @Test(arguments: TestedFileSystem.allCases)
    func aLockIsForOneWriterOrManyReaders(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            do {
                let writer = try fileSystem.lockDirectory(directory, .exclusive)
                #expect(writer.mode == .exclusive)
                for mode in [DirectoryLockMode.exclusive, .shared] {
                    let refused = #expect(throws: DataDirectoryLock.Failure.self) { _ = try fileSystem.lockDirectory(directory, mode) }
                    guard case .held? = refused else { return #expect(Bool(false), "\(String(describing: refused))") }
                }
                withExtendedLifetime(writer) {}
            }
            do {
                let readers = try [fileSystem.lockDirectory(directory, .shared), fileSystem.lockDirectory(directory, .shared)]
                #expect(throws: DataDirectoryLock.Failure.heldByReaders(directory: directory)) {
                    _ = try fileSystem.lockDirectory(directory, .exclusive)
                }
                withExtendedLifetime(readers) {}
            }
            let again = try fileSystem.lockDirectory(directory, .exclusive)
            #expect(try fileSystem.list(directory) == [DataDirectoryLock.fileName])
            withExtendedLifetime(again) {}
        }
    }

    /// A backup on a disk for reading only has no lock file, and none may be made.
    @Test(arguments: TestedFileSystem.allCases)
    func readersOfADirectoryWithoutALockFileWriteNothing(_ tested: TestedFileSystem) throws {
        try tested.withDirectory { fileSystem, directory in
            do {
                let readers = try [fileSystem.lockDirectory(directory, .shared), fileSystem.lockDirectory(directory, .shared)]
                #expect(try fileSystem.list(directory).isEmpty)
                for _ in 0..<2 {
                    #expect(throws: DataDirectoryLock.Failure.heldByReaders(directory: directory)) {
                        _ = try fileSystem.lockDirectory(directory, .exclusive)
                    }
                }
                withExtendedLifetime(readers) {}
            }
            let writer = try fileSystem.lockDirectory(directory, .exclusive)
            withExtendedLifetime(writer) {}
        }
    }

    @Test(arguments: [("a/b", "a"), ("b", "."), ("/b", "/"), ("/a/b/", "/a"), ("./x/y", "./x"), ("/", "/")])
    func parents(_ path: String, _ parent: String) {
        #expect(parentDirectory(of: path) == parent)
    }
}
