import FileIO
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The file systems that keep the same contract.
enum TestedFileSystem: CaseIterable {
    case machine
    case simulated

    /// Calls `body` with a file system and the path of a new empty directory in it, which is removed afterwards.
    func withDirectory(_ body: (any FileSystem, String) throws -> Void) throws {
        switch self {
        case .machine: try withTemporaryDirectory { directory in try body(POSIXFileSystem(), directory) }
        case .simulated:
            let disk = SimulatedFileSystem(seed: 1)
            try disk.createDirectory("data")
            try body(disk, "data")
        }
    }
}

/// Calls `body` with a new empty directory of the machine and removes it with everything in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let directory = try #require(makeTemporaryDirectory())
    let result = Result { try body(directory) }
    try removeTree(directory)
    try result.get()
}

private func makeTemporaryDirectory() -> String? {
    guard let template = strdup("/tmp/lyrica-test-XXXXXX") else { return nil }
    defer { free(template) }
    return mkdtemp(template).map { String(cString: $0) }
}

private func removeTree(_ directory: String) throws {
    let fileSystem = POSIXFileSystem()
    for name in try fileSystem.list(directory) {
        let path = directory + "/" + name
        if try fileSystem.status(path)?.isDirectory == true { try removeTree(path) } else { try fileSystem.remove(path) }
    }
    try fileSystem.removeDirectory(directory)
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

extension FileSystem {
    /// Makes a file of these bytes.
    func makeFile(_ path: String, _ bytes: [UInt8]) throws {
        let file = try create(path)
        try write(bytes, to: file, at: 0)
        try file.close()
    }

    func bytes(_ path: String) throws -> [UInt8] { try contents(of: open(path, .readOnly)) }
}
