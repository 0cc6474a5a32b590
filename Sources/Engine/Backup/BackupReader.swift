import ByteCoding
import Durability
import FileIO
import Segments
import VectorModel

/// A finished backup, opened for checking and restoring: a directory, or a single file that reads like one.
struct BackupReader {
    let directory: String
    /// Shows the backup's files under `directory`, and everything else as it is.
    let fileSystem: any FileSystem
    let contents: BackupContents

    /// - Throws: `notABackup` for what is not one, or was not finished.
    init(_ path: String, _ base: any FileSystem) throws(BackupError) {
        let path = path.trimmingSlashes
        directory = path
        guard let status = try backupCall({ () throws(FileError) in try base.status(path) }) else { throw .notABackup(path) }
        if status.isDirectory {
            fileSystem = base
        } else {
            fileSystem = try archiveCall { () throws(TarError) in try ArchiveFileSystem(path, base) }
        }
        contents = try BackupContents.read(in: directory, fileSystem)
    }

    /// What the backup says of itself.
    func description() -> BackupCheck {
        var check = BackupCheck()
        check.report.sequence = contents.sequence
        check.report.time = contents.time
        check.report.files = contents.files.count
        check.report.bytes = contents.bytes
        check.report.damagedCollections = contents.damaged.map { .init(collection: $0.collection, problem: $0.problem) }
        check.base = contents.base?.sequence
        return check
    }

    /// Reads every byte, and opens the backup as the database that it is.
    ///
    /// Cost: reads everything once; of segments also checks every invariant.
    func check(_ meter: BackupMeter) throws(BackupError) -> BackupCheck {
        var check = description()
        let known = Set(contents.damaged.map { "collections/\($0.collection)" })
        try meter.begin(.checking, bytes: contents.bytes)
        for entry in contents.files {
            let isKnown = known.contains { entry.name.hasPrefix($0 + "/") }
            for finding in try problems(with: entry, meter).map({ BackupFinding(file: entry.name, problem: $0) }) {
                if isKnown { check.knownDamage.append(finding) } else { check.findings.append(finding) }
            }
        }
        for damage in contents.damaged { check.knownDamage.append(.init(file: "collections/\(damage.collection)", problem: damage.problem)) }
        // What is damaged cannot be opened, which would say nothing more.
        if check.findings.isEmpty { try open(&check) }
        return check
    }

    private func problems(with entry: BackupContents.Entry, _ meter: BackupMeter) throws(BackupError) -> [String] {
        let path = directory + "/" + entry.name
        guard let status = try backupCall({ () throws(FileError) in try fileSystem.status(path) }), !status.isDirectory else { return ["is missing"] }
        guard status.bytes == entry.bytes else { return ["has \(status.bytes) bytes instead of \(entry.bytes)"] }
        switch entry.check {
        case .whole(let expected):
            let found: UInt32
            do throws(FileTransfer.Failure) {
                found = try FileTransfer(fileSystem: fileSystem, meter: meter).checksum(of: path).checksum
            } catch {
                guard case .source(let problem) = error else { throw BackupError(error) }
                return [problem]
            }
            return found == expected ? [] : ["its checksum is \(hexadecimal(found)) instead of \(hexadecimal(expected))"]
        case .segment(let expected): return try problems(withSegment: path, expected, meter)
        }
    }

    private func problems(withSegment path: String, _ expected: UInt32, _ meter: BackupMeter) throws(BackupError) -> [String] {
        let segment: Segment
        do throws(SegmentError) {
            segment = try Segment.open(path, fileSystem: fileSystem)
        } catch {
            return [error.description]
        }
        guard segment.reference.checksum == expected else {
            return ["is another segment: its checksum is \(hexadecimal(segment.reference.checksum)) instead of \(hexadecimal(expected))"]
        }
        var isCancelled = false
        let found = segment.checkEverything { count in
            isCancelled = !meter.tell(min(count, segment.fileBytes))
            return !isCancelled
        }
        guard !isCancelled else { throw .cancelled }
        return found.map(\.description)
    }

    /// Reads the log and the manifests as the server would, and changes nothing.
    private func open(_ check: inout BackupCheck) throws(BackupError) {
        do throws(OpeningFailure) {
            let opened = try BackupReader.open(directory, fileSystem)
            check.report.collections = opened.catalog.entries.count
            let problems = BackupReader.damage(opened)
            let known = Set(contents.damaged.map { "collections/\($0.collection)" })
            check.findings += problems.filter { !known.contains($0.file ?? "") }
            if opened.recovery.last != contents.sequence {
                check.findings.append(.init(file: "log", problem: "ends at change \(opened.recovery.last) instead of \(contents.sequence)"))
            }
        } catch {
            check.findings.append(.init(file: nil, problem: error.description))
        }
    }

    /// Opens a directory as a database for reading only.
    static func open(_ directory: String, _ fileSystem: any FileSystem) throws(OpeningFailure) -> DatabaseOpening.Opened {
        var configuration = VectorDatabase.Configuration(dataDirectory: directory)
        configuration.isReadOnly = true
        return try DatabaseOpening(configuration: configuration, fileSystem: fileSystem).run { _ in }
    }

    /// The collections that are not whole.
    static func damage(_ opened: DatabaseOpening.Opened) -> [BackupFinding] {
        let entries = opened.catalog.entries.values.sorted { $0.createdAt < $1.createdAt }
        var findings = entries.compactMap { entry in
            entry.collection.currentAccess.damage.map { BackupFinding(file: "collections/\(entry.identifier)", problem: $0.corruption.description) }
        }
        if let fault = opened.catalogFault { findings.append(.init(file: nil, problem: "one of the two copies of the catalog: \(fault)")) }
        return findings
    }
}

/// `0x` and 8 digits.
private func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
