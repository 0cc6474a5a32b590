import Durability
import FileIO

/// Another file system, in which an archive is a directory that can be read: its members are the files in it.
///
/// Opening has checked everything but the members' contents. Those of a backup are checked against its list of files.
struct ArchiveFileSystem: FileSystem {
    let base: any FileSystem
    /// The archive; members' paths begin with it and a slash.
    let path: String
    private let members: [String: TarReader.Member]
    private let directories: Set<String>

    init(_ path: String, _ base: any FileSystem) throws(TarError) {
        self.path = path
        self.base = base
        let archive = try TarReader(path, base)
        members = Dictionary(uniqueKeysWithValues: archive.members.map { ($0.name, $0) })
        // An archive has no member for a directory, so one without files would not be there.
        var directories: Set = ["log", "collections"]
        for name in members.keys {
            var parts = name.split(separator: "/")
            while parts.popLast() != nil, directories.insert(parts.joined(separator: "/")).inserted {}
        }
        self.directories = directories
    }

    /// The name within the archive, empty for the archive itself; `nil` for a path elsewhere.
    private func name(_ path: String) -> String? {
        guard path.hasPrefix(self.path) else { return nil }
        let rest = path.dropFirst(self.path.count)
        return rest.isEmpty ? "" : rest.first == "/" ? String(rest.dropFirst()) : nil
    }

    func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
        guard let name = name(path) else { return try base.open(path, access) }
        guard let member = members[name] else { throw .missing(.open, path: path) }
        return ArchiveMemberFile(archive: try base.open(self.path, .readOnly), member: member, path: path)
    }

    func status(_ path: String) throws(FileError) -> FileStatus? {
        guard let name = name(path) else { return try base.status(path) }
        if directories.contains(name) { return FileStatus(isDirectory: true, bytes: 0, linkCount: 1) }
        return members[name].map { FileStatus(isDirectory: false, bytes: $0.bytes, linkCount: 1) }
    }

    func list(_ directory: String) throws(FileError) -> [String] {
        guard let name = name(directory) else { return try base.list(directory) }
        guard directories.contains(name) else { throw .missing(.list, path: directory) }
        let prefix = name.isEmpty ? "" : name + "/"
        let below = (Array(members.keys) + directories).filter { $0.hasPrefix(prefix) && $0.count > prefix.count }
        return Set(below.map { String($0.dropFirst(prefix.count).prefix { $0 != "/" }) }).sorted()
    }

    /// Nobody changes an archive, so nobody needs to be kept from it.
    func lockDirectory(_ path: String, _ mode: DirectoryLockMode) throws(DataDirectoryLock.Failure) -> any DirectoryLock {
        guard name(path) != nil else { return try base.lockDirectory(path, mode) }
        return ArchiveLock(mode: mode)
    }

    // Below a file nothing can be made: the system refuses what the following are asked to do in an archive.

    func create(_ path: String) throws(FileError) -> any File { try base.create(path) }
    func rename(_ path: String, to newPath: String) throws(FileError) { try base.rename(path, to: newPath) }
    func remove(_ path: String) throws(FileError) { try base.remove(path) }
    func link(_ path: String, to newPath: String) throws(FileError) { try base.link(path, to: newPath) }
    func createDirectory(_ path: String) throws(FileError) { try base.createDirectory(path) }
    func removeDirectory(_ path: String) throws(FileError) { try base.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(FileError) { try base.syncDirectory(path) }
    func freeBytes(_ directory: String) throws(FileError) -> Int { try base.freeBytes(directory) }
}

private final class ArchiveLock: DirectoryLock {
    let mode: DirectoryLockMode

    init(mode: DirectoryLockMode) {
        self.mode = mode
    }
}

/// A member as a file of its own, for reading.
private final class ArchiveMemberFile: File {
    let path: String
    private let archive: any File
    private let member: TarReader.Member

    init(archive: any File, member: TarReader.Member, path: String) {
        self.archive = archive
        self.member = member
        self.path = path
    }

    func size() throws(FileError) -> Int { member.bytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        guard offset < member.bytes else { return 0 }
        let count = min(buffer.count, member.bytes - offset)
        return try archive.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: member.offset + offset)
    }

    func map() throws(FileError) -> any FileMapping { ArchiveMemberMapping(try archive.map(), member) }

    func close() throws(FileError) { try archive.close() }

    // The handle is for reading only, and the archive refuses.
    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) { throw .badHandle(.write, path: path) }
    func sync() throws(FileError) { throw .badHandle(.sync, path: path) }
    func preallocate(_ size: Int) throws(FileError) { throw .badHandle(.preallocate, path: path) }
    func truncate(to size: Int) throws(FileError) { throw .badHandle(.truncate, path: path) }
}

/// A member's part of the mapped archive. It begins at a multiple of 512 bytes, not of a page.
private final class ArchiveMemberMapping: FileMapping {
    private let archive: any FileMapping
    private let range: Range<Int>

    var bytes: UnsafeRawBufferPointer {
        // SAFETY: `init` keeps the range inside the mapping, which `self` keeps alive.
        UnsafeRawBufferPointer(rebasing: archive.bytes[range])
    }

    init(_ archive: any FileMapping, _ member: TarReader.Member) {
        self.archive = archive
        // Opening checked the places; an archive that was cut since then must not be read past its end.
        let end = min(member.offset + member.bytes, archive.bytes.count)
        range = min(member.offset, end)..<end
    }

    func advise(_ pattern: AccessPattern, in range: Range<Int>) {
        let first = range.lowerBound + self.range.lowerBound
        archive.advise(pattern, in: first..<(first + range.count))
    }
}
