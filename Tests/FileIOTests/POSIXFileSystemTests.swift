import FileIO
import Testing

/// What only the machine's own files can show.
@Suite struct POSIXFileSystemTests {
    #if os(Linux)
    /// `/dev/full` refuses every write as a full disk does.
    @Test func aFullDeviceIsOutOfSpace() throws {
        let file = try POSIXFileSystem().open("/dev/full", .readWrite)
        let error = #expect(throws: FileError.self) { try write([1], to: file, at: 0) }
        #expect(error?.isOutOfSpace == true)
    }

    /// Processes' own files are a file system apart, in which nothing can be linked.
    @Test func aLinkAcrossFileSystemsIsToldApart() throws {
        try withTemporaryDirectory { directory in
            let error = #expect(throws: FileError.self) { try POSIXFileSystem().link("/proc/self/stat", to: directory + "/a") }
            #expect(error?.isLinkUnsupported == true)
        }
    }
    #endif

    /// Writes through a handle show in a mapping; a log that is read while it is written would need it.
    @Test func aMappingShowsLaterWrites() throws {
        try withTemporaryDirectory { directory in
            let file = try POSIXFileSystem().create(directory + "/a")
            try write([1, 2, 3], to: file, at: 0)
            let mapping = try file.map()
            defer { withExtendedLifetime(mapping) {} }
            try write([9], to: file, at: 1)
            #expect(mapping.bytes.elementsEqual([1, 9, 3]))
        }
    }
}
