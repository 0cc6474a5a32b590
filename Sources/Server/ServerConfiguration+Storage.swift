import Durability
import Engine

extension VectorDatabase.Configuration {
    /// Reads the settings of the storage engine.
    mutating func readStorage(_ reader: OptionReader) throws(ConfigurationError) {
        isReadOnly = try reader.boolean(.readOnly)
        log.durability = try reader.choice(.durability, LogDurability.init(text:))
        storage.memtableBytes = try reader.bytes(.memtableSize, in: 64 << 10...16 << 30)
        storage.memtableBytesTotal = try reader.bytesIfGiven(.memtableTotal, in: storage.memtableBytes...1 << 40) ?? 4 * storage.memtableBytes
        // Writers may be ahead of the disk by a few memtables; where that is little, by as much as a large batch takes.
        storage.memtableBytesMax = max(4 * storage.memtableBytesTotal, 1 << 30)
        storage.logBytes = try reader.bytes(.logSize, in: 1 << 20...64 << 30)
        // A log of several files, so that the older ones can go.
        log.fileBytes = min(16 << 20, storage.logBytes / 8)
        storage.idleMilliseconds = 1_000 * (try reader.integer(.flushIdle, in: 1...86_400))
        storage.compactionBytesPerSecond = try reader.bytes(.compactionRate, in: 0...64 << 30)
        if let threads = try reader.integerIfGiven(.indexThreads, in: 1...256) { storage.indexThreads = threads }
        if let bytes = try reader.bytesIfGiven(.indexMemory, in: 16 << 20...16 << 40) { storage.indexMemory = bytes }
        storage.indexRowsMin = try reader.integer(.indexRowsMin, in: 1...1_000_000_000)
        let archive = reader.text(.logArchive)
        log.archiveDirectory = archive.isEmpty ? nil : archive
    }
}

extension LogDurability {
    /// `sync`, `none`, `interval=100ms`.
    fileprivate init?(text: String) {
        switch text {
        case "sync": self = .sync
        case "none": self = .none
        default:
            guard text.hasPrefix("interval="), text.hasSuffix("ms"), let milliseconds = Int(text.dropFirst(9).dropLast(2)),
                (1...60_000).contains(milliseconds)
            else { return nil }
            self = .interval(milliseconds: milliseconds)
        }
    }
}
