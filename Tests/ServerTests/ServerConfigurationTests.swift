import ChromaHTTP
import Durability
import Engine
import Logging
import Server
import Testing
import VectorModel

@Suite struct ServerConfigurationTests {
    private func read(
        _ flags: [String: String] = [:], _ environment: [String: String] = [:], directories: Set<String> = []
    ) throws(ConfigurationError) -> ServerConfiguration {
        try ServerConfiguration(flags: flags, environment: environment, directoryExists: directories.contains)
    }

    @Test func nothingGivenMeansTheDefaults() throws {
        let settings = try read()
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 8001)
        #expect(settings.logLevel == .info)
        #expect(settings.database.dataDirectory == "./lyrica-data")
        #expect(!settings.database.allowReset)
        #expect(settings.http.bodyBytesMax == 256 << 20)
        #expect(settings.http.bodyBytesInFlightMax == 512 << 20)
        #expect(settings.http.querySecondsMax == 60)
        #expect(settings.http.crossOrigin.isOff)
        #expect(settings.http.limits.batchRows >= 100_000)
        #expect(settings.remarks.isEmpty)
    }

    @Test func aFlagGoesBeforeOurVariableBeforeChromasBeforeTheDefault() throws {
        let chroma = ["CHROMA_SERVER_HTTP_PORT": "8000", "CHROMA_HOST_PORT": "7000"]
        let ours = chroma.merging(["LYRICA_PORT": "9000"]) { $1 }
        #expect(try read([:], ["CHROMA_HOST_PORT": "7000"]).port == 7_000)
        #expect(try read([:], chroma).port == 8_000)
        #expect(try read([:], ours).port == 9_000)
        #expect(try read(["port": "1000"], ours).port == 1_000)
        #expect(try read([:], ["LYRICA_PORT": "", "CHROMA_HOST_PORT": "7000"]).port == 7_000, "an empty variable is not set")
    }

    @Test func theContainersVariablesAreUnderstood() throws {
        let settings = try read([:], [
            "CHROMA_SERVER_HOST": "0.0.0.0", "CHROMA_SERVER_HTTP_PORT": "8000", "IS_PERSISTENT": "TRUE", "ANONYMIZED_TELEMETRY": "FALSE",
            "ALLOW_RESET": "TRUE", "CHROMA_SERVER_CORS_ALLOW_ORIGINS": #"["http://localhost:3000", "http://localhost:8501"]"#,
        ], directories: ["/chroma/chroma"])
        #expect(settings.host == "0.0.0.0")
        #expect(settings.port == 8_000)
        #expect(settings.database.dataDirectory == "/chroma/chroma")
        #expect(settings.database.allowReset)
        #expect(settings.http.crossOrigin.allowedOrigins == ["http://localhost:3000", "http://localhost:8501"])
    }

    @Test func theContainersVolumeIsUsedOnlyWhereNothingElseIsSaid() throws {
        let persistent = ["IS_PERSISTENT": "1"]
        #expect(try read([:], persistent).database.dataDirectory == "./lyrica-data", "no such volume")
        #expect(try read([:], [:], directories: ["/chroma/chroma"]).database.dataDirectory == "./lyrica-data", "not persistent")
        let given = persistent.merging(["PERSIST_DIRECTORY": "/data"]) { $1 }
        #expect(try read([:], given, directories: ["/chroma/chroma"]).database.dataDirectory == "/data")
    }

    @Test func aRequestForMemoryOnlyIsRemarkedUpon() throws {
        #expect(try read([:], ["IS_PERSISTENT": "FALSE"]).remarks.count == 1)
    }

    @Test(arguments: [
        ("port", "65536"), ("port", "-1"), ("port", "http"), ("port", ""), ("log-level", "loud"), ("body-limit", "12x"), ("body-limit", "0"),
        ("body-limit", "99999999999999999999"), ("body-limit", "9223372036854775807GiB"), ("body-memory", "1MiB"), ("search-threads", "0"),
        ("search-queue", "0"), ("query-timeout", "-1"), ("idle-timeout", "0"), ("max-connections", "0"), ("shutdown-grace", "1h"), ("allow-reset", "perhaps"),
        ("durability", "always"), ("durability", "interval"), ("durability", "interval=0ms"), ("durability", "interval=60001ms"),
        ("durability", "interval=5"), ("durability", "interval=-5ms"), ("memtable-size", "1KiB"), ("memtable-size", "17GiB"),
        ("memtable-total", "1MiB"), ("log-size", "1023KiB"),
        ("log-size", "65GiB"), ("flush-idle", "0"), ("flush-idle", "soon"), ("compaction-rate", "-1"),
        ("index-threads", "0"), ("index-threads", "257"), ("index-memory", "15MiB"), ("index-memory", "many"), ("index-rows-min", "0"), ("index-rows-min", "1k"), ("read-only", "maybe"),
    ])
    func whatCannotBeUsedIsNamedWithWhatIsAllowed(flag: String, value: String) throws {
        let option = try #require(ServerOption.all.first { $0.flag == flag })
        let error = #expect(throws: ConfigurationError.self) { try read([flag: value]) }
        #expect(error?.source == "--" + flag && error?.value == value && error?.allowed == option.allowed)
    }

    @Test func indexesAreBuiltAsTold() throws {
        let usual = try read().database.storage
        let flags = try read(["index-threads": "3", "index-memory": "2GiB", "index-rows-min": "500"]).database.storage
        #expect((flags.indexThreads, flags.indexMemory, flags.indexRowsMin) == (3, 2 << 30, 500))
        let variables = try read([:], ["LYRICA_INDEX_THREADS": "2", "LYRICA_INDEX_MEMORY": "64MiB", "LYRICA_INDEX_ROWS_MIN": "7"]).database.storage
        #expect((variables.indexThreads, variables.indexMemory, variables.indexRowsMin) == (2, 64 << 20, 7))
        #expect(usual.indexThreads >= 1 && usual.indexMemory > 0 && usual.indexRowsMin >= 1)
    }

    @Test func anErrorNamesTheVariableItCameFrom() {
        let error = #expect(throws: ConfigurationError.self) { try read([:], ["CHROMA_HOST_PORT": "x"]) }
        #expect(error?.source == "CHROMA_HOST_PORT")
    }

    @Test(arguments: [("4096", 4_096), ("4KiB", 4_096), ("4k", 4_096), ("3 MiB", 3 << 20), ("1GB", 1 << 30)])
    func sizesHaveUnits(text: String, bytes: Int) throws {
        #expect(try read(["body-limit": text]).http.bodyBytesMax == bytes)
    }

    @Test func bodyMemoryFollowsTheBodyLimitUnlessGiven() throws {
        #expect(try read(["body-limit": "4MiB"]).http.bodyBytesInFlightMax == 8 << 20)
        #expect(try read(["body-limit": "4MiB", "body-memory": "5MiB"]).http.bodyBytesInFlightMax == 5 << 20)
    }

    @Test func theStorageEngineHasItsDefaults() throws {
        let settings = try read()
        let database = settings.database
        #expect(!database.isReadOnly)
        #expect(database.log.durability == .sync)
        #expect(database.storage.memtableBytes == 64 << 20)
        #expect(database.storage.memtableBytesTotal == 256 << 20)
        #expect(database.storage.memtableBytesMax == 1 << 30)
        #expect(database.storage.logBytes == 128 << 20)
        #expect(database.log.fileBytes == 16 << 20)
        #expect(database.storage.idleMilliseconds == 30_000)
        #expect(database.storage.compactionBytesPerSecond == 256 << 20)
        #expect(database.log.archiveDirectory == nil)
        #expect(settings.http.backupDirectory == nil)
    }

    @Test func theStorageEngineIsToldWhatIsGiven() throws {
        let settings = try read([
            "memtable-size": "1MiB", "memtable-total": "3MiB", "log-size": "8MiB", "flush-idle": "7", "compaction-rate": "0",
            "log-archive": "/archive",
        ], ["LYRICA_READ_ONLY": "true", "LYRICA_BACKUP_DIR": "/backups"])
        let database = settings.database
        #expect(database.isReadOnly)
        #expect(database.storage.memtableBytes == 1 << 20)
        #expect(database.storage.memtableBytesTotal == 3 << 20)
        #expect(database.storage.memtableBytesMax >= database.storage.memtableBytesTotal)
        #expect(database.storage.logBytes == 8 << 20)
        #expect(database.log.fileBytes <= database.storage.logBytes / 2, "a log of one file can never be trimmed")
        #expect(database.storage.idleMilliseconds == 7_000)
        #expect(database.storage.compactionBytesPerSecond == 0)
        #expect(database.log.archiveDirectory == "/archive")
        #expect(settings.http.backupDirectory == "/backups")
        #expect(try read(["memtable-size": "2MiB"]).database.storage.memtableBytesTotal == 8 << 20)
    }

    @Test(arguments: [
        ("sync", LogDurability.sync), ("SYNC", .sync), ("none", .none), ("interval=1ms", .interval(milliseconds: 1)),
        ("interval=60000ms", .interval(milliseconds: 60_000)),
    ])
    func durabilityIsOneOfThree(text: String, durability: LogDurability) throws {
        #expect(try read(["durability": text]).database.log.durability == durability)
    }

    @Test func theSmallestLogHasFilesThatALogTakes() throws {
        #expect(try read(["log-size": "1MiB"]).database.log.fileBytes == 128 << 10)
        #expect(try read(["log-size": "1048577"]).database.log.fileBytes.isMultiple(of: 8))
    }

    @Test func noTimeoutIsZero() throws {
        #expect(try read(["query-timeout": "0"]).http.querySecondsMax == nil)
    }

    @Test func everyOptionHasItsOwnNamesAndAHelp() {
        let names = ServerOption.all.flatMap { ["--" + $0.flag] + $0.variables }
        #expect(Set(names).count == names.count)
        for option in ServerOption.all {
            #expect(option.variables.first?.hasPrefix("LYRICA_") == true, "\(option.flag)")
            for variable in option.variables { #expect(option.helpText.contains(variable)) }
        }
    }
}

@Suite struct CompactLogHandlerTests {
    @Test func aLineHasTimeLevelTextAndDetailsInOrder() {
        let line = CompactLogHandler.line(level: .info, message: "ready", details: ["b": "2", "a": "1"], seconds: 1_700_000_000, milliseconds: 7)
        #expect(line == "2023-11-14T22:13:20.007Z INFO     ready a=1 b=2\n")
    }

    @Test func whatComesFromOutsideCannotBeginALineOfItsOwn() {
        let line = CompactLogHandler.line(level: .debug, message: "x", details: ["path": "/a\n2023 CRITICAL fake\u{1B}[31m"], seconds: 0, milliseconds: 0)
        #expect(line.dropLast().contains("\n") == false)
        #expect(line.contains("\u{1B}") == false)
    }
}
