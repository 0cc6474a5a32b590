import ArgumentParser
import Server

/// The flags of the storage engine. Values are read as text and checked with those of the environment.
struct StorageFlags: ParsableArguments {
    @Option(name: .customLong(ServerOption.durability.flag), help: .init(ServerOption.durability.helpText, valueName: "mode")) var durability: String?
    @Option(name: .customLong(ServerOption.memtableSize.flag), help: .init(ServerOption.memtableSize.helpText, valueName: "bytes"))
    var memtableSize: String?
    @Option(name: .customLong(ServerOption.memtableTotal.flag), help: .init(ServerOption.memtableTotal.helpText, valueName: "bytes"))
    var memtableTotal: String?
    @Option(name: .customLong(ServerOption.logSize.flag), help: .init(ServerOption.logSize.helpText, valueName: "bytes")) var logSize: String?
    @Option(name: .customLong(ServerOption.flushIdle.flag), help: .init(ServerOption.flushIdle.helpText, valueName: "seconds")) var flushIdle: String?
    @Option(name: .customLong(ServerOption.compactionRate.flag), help: .init(ServerOption.compactionRate.helpText, valueName: "bytes"))
    var compactionRate: String?
    @Option(name: .customLong(ServerOption.indexThreads.flag), help: .init(ServerOption.indexThreads.helpText, valueName: "count"))
    var indexThreads: String?
    @Option(name: .customLong(ServerOption.indexMemory.flag), help: .init(ServerOption.indexMemory.helpText, valueName: "bytes"))
    var indexMemory: String?
    @Option(name: .customLong(ServerOption.indexRowsMin.flag), help: .init(ServerOption.indexRowsMin.helpText, valueName: "count"))
    var indexRowsMin: String?
    @Option(name: .customLong(ServerOption.logArchive.flag), help: .init(ServerOption.logArchive.helpText, valueName: "path")) var logArchive: String?
    @Option(name: .customLong(ServerOption.backupDirectory.flag), help: .init(ServerOption.backupDirectory.helpText, valueName: "path"))
    var backupDirectory: String?
    @Flag(name: .customLong(ServerOption.readOnly.flag), help: .init(ServerOption.readOnly.helpText)) var readOnly = false

    /// The options that were given.
    var given: [(ServerOption, String?)] {
        [
            (.durability, durability), (.memtableSize, memtableSize), (.memtableTotal, memtableTotal), (.logSize, logSize),
            (.flushIdle, flushIdle), (.compactionRate, compactionRate), (.indexThreads, indexThreads), (.indexMemory, indexMemory),
            (.indexRowsMin, indexRowsMin), (.logArchive, logArchive), (.backupDirectory, backupDirectory), (.readOnly, readOnly ? "true" : nil),
        ]
    }
}
