internal import ByteCoding
internal import FileIO
internal import VectorModel

/// Writes frames to the log's last file and makes them durable. Used by one thread.
struct LogWriter {
    /// A record that has its number.
    struct Record: Sendable {
        let sequence: SequenceNumber
        let payload: LogPayload

        var frameBytes: Int { LogFormat.frameBytes(storedBytes: payload.stored.count) }
    }

    private struct Current {
        let file: any File
        let path: String
        let header: LogFileHeader
        var end: Int
        var isSealed: Bool

        /// What records may still take: nothing in a file of an older version. Room for a seal is always kept.
        var room: Int { header.version == LogFormat.version ? header.fileBytes - end - LogFormat.frameHeaderBytes : 0 }
    }

    private let directory: String
    private let fileSystem: any FileSystem
    private let options: LogOptions
    private let logIdentifier: UInt64
    private let inventory: LogInventory
    private let preparer: LogFilePreparer
    /// Nil in an empty log, and after a failure: the file is not to be trusted then, and neither synced nor sealed.
    private var current: Current?

    /// The last record in the files.
    private var last: SequenceNumber
    /// The last record that a sync has covered. In the mode `sync` it is `last` between calls.
    private(set) var lastSynced: SequenceNumber
    private var lastTimestamp: LogTimestamp

    /// Everything written is synced.
    var isSynced: Bool { lastSynced == last }

    init(
        directory: String, fileSystem: any FileSystem, options: LogOptions, found: LogRecovery.Outcome, inventory: LogInventory,
        preparer: LogFilePreparer
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.options = options
        self.inventory = inventory
        self.preparer = preparer
        logIdentifier = found.logIdentifier ?? .random(in: .min ... .max)
        last = found.report.last
        lastSynced = last
        lastTimestamp = found.report.lastTimestamp
        current = found.tail.map { Current(file: $0.file, path: $0.path, header: $0.header, end: $0.end, isSealed: $0.isSealed) }
    }

    /// Writes as many records from the front as one file takes, at least one, with one gathered write and, if the mode or a new file asks for
    /// it, one sync; returns how many.
    ///
    /// Throws `outOfSpace` when a new file was needed and there was no room for it: nothing was written then. Any other error is `failed`.
    mutating func write(_ records: ArraySlice<Record>) throws(LogError) -> Int {
        guard let first = records.first else { return 0 }
        if let current, first.frameBytes <= current.room {
            return try append(records, to: current)
        }
        return try startFile(with: records, first: first)
    }

    private mutating func append(_ records: ArraySlice<Record>, to file: Current) throws(LogError) -> Int {
        var file = file
        let fitting = Self.prefix(of: records, room: file.room)
        do {
            try writeFrames(fitting, to: &file, header: nil)
            if options.durability == .sync { try file.file.sync() }
        } catch {
            current = nil
            throw .failed(FileError(error.operation, path: file.path, code: error.code))
        }
        become(file, last: fitting, isSynced: options.durability == .sync)
        inventory.grew(through: last, usedBytes: file.end)
        return fitting.count
    }

    /// The file gets its name only when its first records and all before them are synced, whatever the mode: so a named file always begins
    /// with a whole record, and only the last file of a log can have lost anything.
    private mutating func startFile(with records: ArraySlice<Record>, first: Record) throws(LogError) -> Int {
        let prepared = try prepareFile(for: first)
        let header = LogFileHeader(
            salt: .random(in: .min ... .max), logIdentifier: logIdentifier, first: first.sequence, previous: last, fileBytes: prepared.bytes,
            createdWith: options.createdWith, isRecycled: prepared.isRecycled)
        let path = directory + "/" + LogFormat.fileName(first: first.sequence)
        var file = Current(file: prepared.file, path: path, header: header, end: LogFormat.fileHeaderBytes, isSealed: false)
        let fitting = Self.prefix(of: records, room: file.room)
        try sync()
        do {
            try writeFrames(fitting, to: &file, header: header)
            try file.file.sync()
            try fileSystem.rename(prepared.path, to: path)
            try fileSystem.syncDirectory(directory)
            try current?.file.close()
        } catch {
            current = nil
            throw .failed(error)
        }
        become(file, last: fitting, isSynced: true)
        inventory.started(LogInventory.Entry(first: first.sequence, last: last, fileBytes: prepared.bytes, usedBytes: file.end))
        preparer.archiveSoon()
        return fitting.count
    }

    /// Makes everything written durable.
    mutating func sync() throws(LogError) {
        guard !isSynced, let file = current else { return }
        do {
            try file.file.sync()
        } catch {
            current = nil
            throw .failed(FileError(error.operation, path: file.path, code: error.code))
        }
        lastSynced = last
    }

    private func prepareFile(for first: Record) throws(LogError) -> PreparedLogFile {
        let needed = LogFormat.fileHeaderBytes + first.frameBytes + LogFormat.frameHeaderBytes
        do {
            return needed > options.fileBytes ? try preparer.make(bytes: needed) : try preparer.take()
        } catch {
            throw error.isOutOfSpace ? .outOfSpace(error) : .failed(error)
        }
    }

    private mutating func become(_ file: Current, last records: ArraySlice<Record>, isSynced: Bool) {
        current = file
        last = records.last?.sequence ?? last
        if isSynced { lastSynced = last }
        // Half a file is time enough to fill the next one with zeros at the speed of the disk.
        if file.room < file.header.fileBytes / 2 { preparer.prepareAhead() }
    }

    private static func prefix(of records: ArraySlice<Record>, room: Int) -> ArraySlice<Record> {
        var rest = room
        return records.prefix { record in
            rest -= record.frameBytes
            return rest >= 0
        }
    }

    /// One gathered write, payloads straight from where their callers encoded them.
    private mutating func writeFrames(_ records: ArraySlice<Record>, to file: inout Current, header: LogFileHeader?) throws(FileError) {
        var headers = ByteWriter(capacity: LogFormat.fileHeaderBytes + records.count * LogFormat.frameHeaderBytes)
        header?.encode(into: &headers)
        let fileHeaderBytes = headers.count
        let start = file.end - fileHeaderBytes
        var previous = last
        lastTimestamp = max(lastTimestamp, options.clock())
        for record in records {
            let frame = LogFrameHeader.record(
                record.payload, sequence: record.sequence, previous: previous, durableThrough: lastSynced, timestamp: lastTimestamp)
            frame.encode(into: &headers, key: file.header.frameKey, offset: file.end)
            previous = record.sequence
            file.end += record.frameBytes
        }
        try headers.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(FileError) in
            var buffers: [UnsafeRawBufferPointer] = []
            buffers.reserveCapacity(1 + 2 * records.count)
            if fileHeaderBytes > 0 { buffers.append(UnsafeRawBufferPointer(rebasing: bytes[..<fileHeaderBytes])) }
            var position = fileHeaderBytes
            for record in records {
                buffers.append(UnsafeRawBufferPointer(rebasing: bytes[position..<position + LogFormat.frameHeaderBytes]))
                position += LogFormat.frameHeaderBytes
                // SAFETY: `records` keeps the blocks until the write has returned.
                buffers.append(record.payload.stored.unsafePaddedBytes)
            }
            defer { withExtendedLifetime(records) {} }
            try file.file.write(buffers, at: start)
        }
        file.isSealed = false
    }

    /// Ends writing: syncs, seals the last file if asked to and there is something new to seal, and closes it.
    mutating func finish(seal: Bool) throws(LogError) {
        // The thread ends in any case.
        let stopped = Result { () throws(FileError) in try preparer.stop() }
        try sync()
        do {
            try stopped.get()
            guard let file = current else { return }
            current = nil
            if seal && !file.isSealed {
                var frame = ByteWriter(capacity: LogFormat.frameHeaderBytes)
                LogFrameHeader.seal(last: last).encode(into: &frame, key: file.header.frameKey, offset: file.end)
                try frame.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(FileError) in try file.file.write(bytes, at: file.end) }
                try file.file.sync()
            }
            try file.file.close()
        } catch {
            throw .failed(error)
        }
    }
}
