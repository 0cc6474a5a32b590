import FileIO
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite struct DataDirectoryLockTests {
    @Test func aSecondHolderIsToldWhoHasIt() throws {
        try withTemporaryDirectory { directory in
            let lock = try DataDirectoryLock(directory: directory)
            #expect(lock.holder.process == getpid())
            #expect(lock.holder.since.count == "2026-01-31T23:59:59Z".count)
            let refused = #expect(throws: DataDirectoryLock.Failure.self) { _ = try DataDirectoryLock(directory: directory) }
            #expect(refused == .held(directory: directory, holder: lock.holder))
            #expect(refused?.description.contains("process \(getpid()) on \(lock.holder.host)") == true)
            withExtendedLifetime(lock) {}
        }
    }

    @Test func theLockIsFreeAgainWithItsHolder() throws {
        try withTemporaryDirectory { directory in
            do {
                let lock = try DataDirectoryLock(directory: directory)
                withExtendedLifetime(lock) {}
            }
            let again = try DataDirectoryLock(directory: directory)
            withExtendedLifetime(again) {}
        }
    }

    @Test(arguments: ["", "pid=abc\n", "garbage", "pid=1\nhost=h", String(repeating: "x", count: 5000)])
    func aLockFileThatSaysNothingStillLocks(_ text: String) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/" + DataDirectoryLock.fileName
            let other = open(path, O_RDWR | O_CREAT, 0o600)
            defer { close(other) }
            #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
            _ = text.withCString { write(other, $0, strlen($0)) }
            #expect(throws: DataDirectoryLock.Failure.held(directory: directory, holder: nil)) { _ = try DataDirectoryLock(directory: directory) }
        }
    }

    @Test func aMissingDirectoryIsAFileError() {
        let refused = #expect(throws: DataDirectoryLock.Failure.self) { _ = try DataDirectoryLock(directory: "/nonexistent/here") }
        guard case .file(let error)? = refused else { return #expect(Bool(false), "not a file error") }
        #expect(error.isMissing)
    }
}
