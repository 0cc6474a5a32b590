import FileIO
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Calls `body` with a new empty directory and removes it and the files in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let directory = try #require(makeTemporaryDirectory())
    defer {
        for name in (try? POSIXFileSystem().list(directory)) ?? [] {
            if unlink(directory + "/" + name) != 0 { rmdir(directory + "/" + name) }
        }
        rmdir(directory)
    }
    try body(directory)
}

private func makeTemporaryDirectory() -> String? {
    guard let template = strdup("/tmp/lyrica-test-XXXXXX") else { return nil }
    defer { free(template) }
    return mkdtemp(template).map { String(cString: $0) }
}

/// Writes an array; tests have no other use for pointers.
func write(_ bytes: [UInt8], to file: any File, at offset: Int) throws {
    try bytes.withUnsafeBytes { buffer in try file.write(buffer, at: offset) }
}

/// The whole file, through a mapping.
func contents(of file: any File) throws -> [UInt8] {
    let mapping = try file.map()
    defer { withExtendedLifetime(mapping) {} }
    return Array(mapping.bytes)
}
