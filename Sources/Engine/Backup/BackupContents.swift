package import ByteCoding
package import Durability
package import FileIO
package import VectorModel

/// What a backup consists of: the payload of its file `BACKUP`, which is written last. Its bytes are specified in `storage-format.md`, "Backups".
package struct BackupContents: Hashable {
    package static let fileName = "BACKUP"

    /// A file of the backup.
    package struct Entry: Hashable {
        /// Relative to the backup's directory; safe to append to a directory's path.
        package var name: String
        package var bytes: Int
        package var check: Check

        package init(name: String, bytes: Int, check: Check) {
            self.name = name
            self.bytes = bytes
            self.check = check
        }
    }

    /// How a file is recognised.
    package enum Check: Hashable {
        /// The CRC-32C of all its bytes.
        case whole(UInt32)
        /// The checksum in the trailer of a segment, which covers the checksums of everything else.
        case segment(UInt32)
    }

    /// The earlier backup that this one shares files with.
    package struct Base: Hashable {
        package var sequence: SequenceNumber
        package var time: LogTimestamp

        package init(sequence: SequenceNumber, time: LogTimestamp) {
            self.sequence = sequence
            self.time = time
        }
    }

    /// A collection that was damaged, or could not be read, when the backup was made.
    package struct Damage: Hashable {
        package var collection: CollectionIdentifier
        package var problem: String

        package init(collection: CollectionIdentifier, problem: String) {
            self.collection = collection
            self.problem = problem
        }
    }

    /// The last change that the backup has.
    package var sequence: SequenceNumber
    /// When that was the last change.
    package var time: LogTimestamp
    /// `nil`: the backup shares nothing with an earlier one.
    package var base: Base?
    package var files: [Entry] = []
    package var damaged: [Damage] = []

    package init(
        sequence: SequenceNumber, time: LogTimestamp, base: Base? = nil, files: [Entry] = [], damaged: [Damage] = []
    ) {
        self.sequence = sequence
        self.time = time
        self.base = base
        self.files = files
        self.damaged = damaged
    }

    /// The lengths of all files.
    package var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
}

// MARK: Files

extension BackupContents {
    /// Reads the file `BACKUP` in `directory` and checks every byte of it.
    /// - Throws: `notABackup` when there is none.
    package static func read(in directory: String, _ fileSystem: any FileSystem) throws(BackupError) -> BackupContents {
        let path = directory + "/" + fileName
        let file: CheckedFile
        do throws(CheckedFileError) {
            file = try CheckedFile.read(path, .backup, fileSystem)
        } catch {
            throw error.isMissing ? .notABackup(directory) : .contents(error)
        }
        let decoded = file.payload.withUnsafeBytes { bytes in
            Result { () throws(DecodingFailure) in try BackupContents(decoding: bytes) }
        }
        switch decoded {
        case .success(let contents): return contents
        case .failure(let failure):
            throw .contents(.corruption(Corruption(
                file: path, offset: CheckedFile.payloadOffset + failure.offset, what: "backup", expected: "an encoded list of files",
                found: "\(failure)")))
        }
    }

    /// Writes the file into `directory`: from then on it is a backup.
    package func write(to directory: String, _ fileSystem: any FileSystem, createdWith: String) throws(CheckedFileError) {
        try CheckedFile.write(
            encoded().finish(), .backup, generation: 1, createdWith: createdWith, to: directory + "/" + Self.fileName, fileSystem)
    }
}

// MARK: Coding

extension BackupContents {
    /// The payload of the file.
    package func encoded() -> ByteWriter {
        var writer = ByteWriter(capacity: 4_096)
        writer.appendVarint(sequence.rawValue)
        writer.appendVarint(time.milliseconds)
        writer.appendOptional(base) { writer, base in
            writer.appendVarint(base.sequence.rawValue)
            writer.appendVarint(base.time.milliseconds)
        }
        writer.appendVarint(UInt64(files.count))
        for file in files {
            writer.append(lengthPrefixed: file.name)
            writer.appendVarint(UInt64(file.bytes))
            switch file.check {
            case .whole(let checksum): writer.append(0, checksum)
            case .segment(let checksum): writer.append(1, checksum)
            }
        }
        writer.appendVarint(UInt64(damaged.count))
        for damage in damaged {
            writer.append(damage.collection)
            writer.append(lengthPrefixed: damage.problem)
        }
        return writer
    }

    /// Reads a payload: anything but what `encoded` can have made is refused.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        sequence = SequenceNumber(try reader.readVarint())
        time = LogTimestamp(milliseconds: try reader.readVarint())
        base = try reader.readOptional { reader throws(DecodingFailure) in
            Base(sequence: SequenceNumber(try reader.readVarint()), time: LogTimestamp(milliseconds: try reader.readVarint()))
        }
        let lengthFailure = reader.failure(.lengthOutOfBounds(length: .max, limit: .max))
        let fileCount = try reader.readCount(elementBytesMin: 7)
        files = try reader.readElements(fileCount) { reader throws(DecodingFailure) in try reader.readEntry() }
        // So that nobody who adds lengths needs to think of this.
        guard !files.reduce((bytes: 0, overflow: false), { sum, file in
            let next = sum.bytes.addingReportingOverflow(file.bytes)
            return (next.partialValue, sum.overflow || next.overflow)
        }).overflow else { throw lengthFailure }
        let damageCount = try reader.readCount(elementBytesMin: 17)
        damaged = try reader.readElements(damageCount) { reader throws(DecodingFailure) in
            Damage(collection: try reader.readIdentifier(), problem: try reader.readString())
        }
        try reader.finish()
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ form: UInt8, _ checksum: UInt32) {
        append(form)
        append(checksum)
    }
}

extension ByteReader {
    fileprivate mutating func readEntry() throws(DecodingFailure) -> BackupContents.Entry {
        let nameFailure = failure(.invalidValue(0))
        let name = try readString()
        // A name is appended to the path of the directory that is restored to.
        guard TarFormat.isUsable(name) else { throw nameFailure }
        let lengthFailure = failure(.lengthOutOfBounds(length: .max, limit: .max))
        guard let bytes = Int(exactly: try readVarint()) else { throw lengthFailure }
        let form = try read(UInt8.self)
        let checksum = try read(UInt32.self)
        switch form {
        case 0: return .init(name: name, bytes: bytes, check: .whole(checksum))
        case 1: return .init(name: name, bytes: bytes, check: .segment(checksum))
        default: throw failure(.invalidValue(UInt64(form)))
        }
    }
}
