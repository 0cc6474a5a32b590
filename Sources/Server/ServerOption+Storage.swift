extension ServerOption {
    public static let durability = ServerOption(
        flag: "durability", variables: ["LYRICA_DURABILITY"], defaultText: "sync",
        allowed: "sync, interval=<1 to 60000>ms or none",
        help: """
            When a write is acknowledged: once it is on stable storage (sync); or once the system has it, which loses the writes of the last \
            interval, or with none of about half a minute, should the machine (not only this program) die
            """)

    // Large enough for long sequential writes, small enough that recovery reads one back in a fraction of a second.
    public static let memtableSize = ServerOption(
        flag: "memtable-size", variables: ["LYRICA_MEMTABLE_SIZE"], defaultText: "64MiB", allowed: "64KiB to 16GiB",
        help: "Memory of one collection's newest records at which they are written to a segment file")

    public static let memtableTotal = ServerOption(
        flag: "memtable-total", variables: ["LYRICA_MEMTABLE_TOTAL"], defaultText: nil, allowed: "from the memtable size to 1024GiB",
        help: "Memory of all collections' newest records together; by default four times the memtable size")

    public static let logSize = ServerOption(
        flag: "log-size", variables: ["LYRICA_LOG_SIZE"], defaultText: "128MiB", allowed: "1MiB to 64GiB",
        help: "How much of the write-ahead log a start may have to read; what pins more is written to segment files")

    public static let flushIdle = ServerOption(
        flag: "flush-idle", variables: ["LYRICA_FLUSH_IDLE_SECONDS"], defaultText: "30", allowed: "1 to 86400 seconds",
        help: "Time after which a collection that is not written to goes to a segment file")

    public static let compactionRate = ServerOption(
        flag: "compaction-rate", variables: ["LYRICA_COMPACTION_RATE"], defaultText: "256MiB", allowed: "1MiB to 64GiB, or 0 for no limit",
        help: "Bytes per second that merging segment files may write")

    public static let logArchive = ServerOption(
        flag: "log-archive", variables: ["LYRICA_LOG_ARCHIVE"], defaultText: "", allowed: "a path; its parent exists",
        help: "Directory that keeps every complete log file, for restoring to a point in time. Nothing is ever removed from it")

    public static let backupDirectory = ServerOption(
        flag: "backup-dir", variables: ["LYRICA_BACKUP_DIR"], defaultText: "", allowed: "a path; created if missing",
        help: "Directory that backups may be written to on request; without it they are refused. On the data's file system they cost little")

    public static let readOnly = ServerOption(
        flag: "read-only", variables: ["LYRICA_READ_ONLY"], defaultText: "false", allowed: "true or false",
        help: "Change nothing: several servers may open one directory so, while none writes to it")

    // All cores: building is of low priority, and steps back where searches want them.
    public static let indexThreads = ServerOption(
        flag: "index-threads", variables: ["LYRICA_INDEX_THREADS"], defaultText: nil, allowed: "1 to 256",
        help: "Threads that build indexes, at low priority; by default one per core")

    public static let indexMemory = ServerOption(
        flag: "index-memory", variables: ["LYRICA_INDEX_MEMORY"], defaultText: nil, allowed: "16MiB to 16TiB",
        help: "Memory that graphs may take, of all collections together; beyond it auto chooses inverted files. By default half of the machine's")

    // A scan of fewer codes takes no longer than a walk through a graph.
    public static let indexRowsMin = ServerOption(
        flag: "index-rows-min", variables: ["LYRICA_INDEX_ROWS_MIN"], defaultText: "4096", allowed: "1 to 1000000000 rows",
        help: "Rows from which a segment gets an index; fewer are scanned, which is exact and as fast")

    static let storage: [ServerOption] = [
        durability, memtableSize, memtableTotal, logSize, flushIdle, compactionRate, indexThreads, indexMemory, indexRowsMin, logArchive,
        backupDirectory, readOnly,
    ]
}
