import ByteCoding
import Durability
import FileIO
import VectorModel

/// A record as tests compare it.
struct Replayed: Hashable, CustomStringConvertible {
    let sequence: UInt64
    let bytes: [UInt8]

    var description: String { "#\(sequence)(\(bytes.count) bytes)" }
}

func payload(_ bytes: [UInt8], compressible: Bool = false) -> LogPayload {
    var writer = ByteWriter(capacity: bytes.count)
    bytes.withUnsafeBytes { writer.append(contentsOf: $0) }
    return LogPayload(writer, compressible: compressible)
}


/// Opens a log without threads and returns it with what it replayed.
func openStepped(
    _ fileSystem: any FileSystem, directory: String = "log", options: LogOptions = LogOptions(fileBytes: 4096), after: SequenceNumber = .zero
) throws(LogOpenError) -> (log: WriteAheadLog, records: [Replayed]) {
    var records: [Replayed] = []
    let log = try WriteAheadLog.open(
        directory: directory, fileSystem: fileSystem, options: options, after: after, execution: .stepped
    ) { record in
        records.append(Replayed(sequence: record.sequence.rawValue, bytes: Array(record.payload)))
    }
    return (log, records)
}

/// Opens a log with its threads.
func openThreaded(
    _ fileSystem: any FileSystem, directory: String = "log", options: LogOptions = LogOptions(fileBytes: 4096)
) throws(LogOpenError) -> (log: WriteAheadLog, records: [Replayed]) {
    var records: [Replayed] = []
    let log = try WriteAheadLog.open(directory: directory, fileSystem: fileSystem, options: options) { record in
        records.append(Replayed(sequence: record.sequence.rawValue, bytes: Array(record.payload)))
    }
    return (log, records)
}

extension WriteAheadLog {
    /// In stepped execution: appends and commits; returns the record if it became durable.
    @discardableResult
    func commit(_ bytes: [UInt8]...) throws(LogError) -> [Replayed] {
        var records: [Replayed] = []
        for one in bytes { records.append(Replayed(sequence: try append(payload(one)).rawValue, bytes: one)) }
        commitPending()
        for record in records {
            guard let outcome = outcome(of: SequenceNumber(record.sequence)) else { continue }
            try outcome.get()
        }
        return records
    }
}

/// The checksum of the format.
func crc(of bytes: some Sequence<UInt8>) -> UInt32 {
    Array(bytes).withUnsafeBytes { crc32c($0) }
}

/// Reads logs without opening them.
func replay(
    _ fileSystem: any FileSystem, _ directories: [String] = ["log"], after: SequenceNumber = .zero, through bound: LogBound = .end
) throws(LogOpenError) -> [Replayed] {
    var records: [Replayed] = []
    _ = try LogReplay.read(directories, fileSystem: fileSystem, after: after, through: bound) { record in
        records.append(Replayed(sequence: record.sequence.rawValue, bytes: Array(record.payload)))
    }
    return records
}
