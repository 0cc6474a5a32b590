import ArgumentParser
import FoundationEssentials
import Logging
import Server

/// The command line of the server. Values are read as text and checked in one place with those of the environment.
@main
struct LyricaVectord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lyrica-vectord",
        abstract: "A vector database server that speaks Chroma's protocol.",
        discussion: ServerOption.environmentNote,
        version: LyricaServer.version)

    enum Action: String, ExpressibleByArgument, CaseIterable {
        case serve
    }

    @Argument(help: "What to do.")
    var action: Action = .serve

    @Option(name: .customLong(ServerOption.host.flag), help: .init(ServerOption.host.helpText)) var host: String?
    @Option(name: .customLong(ServerOption.port.flag), help: .init(ServerOption.port.helpText)) var port: String?
    @Option(name: .customLong(ServerOption.dataDirectory.flag), help: .init(ServerOption.dataDirectory.helpText, valueName: "path"))
    var dataDirectory: String?
    @Flag(name: .customLong(ServerOption.allowReset.flag), help: .init(ServerOption.allowReset.helpText)) var allowReset = false
    @Option(name: .customLong(ServerOption.logLevel.flag), help: .init(ServerOption.logLevel.helpText, valueName: "level")) var logLevel: String?
    @Option(name: .customLong(ServerOption.bodyLimit.flag), help: .init(ServerOption.bodyLimit.helpText, valueName: "bytes")) var bodyLimit: String?
    @Option(name: .customLong(ServerOption.bodyMemory.flag), help: .init(ServerOption.bodyMemory.helpText, valueName: "bytes"))
    var bodyMemory: String?
    @Option(name: .customLong(ServerOption.searchThreads.flag), help: .init(ServerOption.searchThreads.helpText, valueName: "count"))
    var searchThreads: String?
    @Option(name: .customLong(ServerOption.searchQueue.flag), help: .init(ServerOption.searchQueue.helpText, valueName: "count"))
    var searchQueue: String?
    @Option(name: .customLong(ServerOption.queryTimeout.flag), help: .init(ServerOption.queryTimeout.helpText, valueName: "seconds"))
    var queryTimeout: String?
    @Option(name: .customLong(ServerOption.idleTimeout.flag), help: .init(ServerOption.idleTimeout.helpText, valueName: "seconds"))
    var idleTimeout: String?
    @Option(name: .customLong(ServerOption.maxConnections.flag), help: .init(ServerOption.maxConnections.helpText, valueName: "count"))
    var maxConnections: String?
    @Option(name: .customLong(ServerOption.shutdownGrace.flag), help: .init(ServerOption.shutdownGrace.helpText, valueName: "seconds"))
    var shutdownGrace: String?
    @Option(name: .customLong(ServerOption.allowedOrigins.flag), help: .init(ServerOption.allowedOrigins.helpText, valueName: "origins"))
    var allowedOrigins: String?

    @OptionGroup(title: "Storage") var storage: StorageFlags

    private var flags: [String: String] {
        let given: [(ServerOption, String?)] = [
            (.host, host), (.port, port), (.dataDirectory, dataDirectory), (.allowReset, allowReset ? "true" : nil), (.logLevel, logLevel),
            (.bodyLimit, bodyLimit), (.bodyMemory, bodyMemory), (.searchThreads, searchThreads), (.searchQueue, searchQueue),
            (.queryTimeout, queryTimeout), (.idleTimeout, idleTimeout), (.maxConnections, maxConnections), (.shutdownGrace, shutdownGrace),
            (.allowedOrigins, allowedOrigins),
        ] + storage.given
        return Dictionary(uniqueKeysWithValues: given.compactMap { option, text in text.map { (option.flag, $0) } })
    }

    func run() async throws {
        let settings: ServerConfiguration
        do {
            settings = try ServerConfiguration(
                flags: flags, environment: ProcessInfo.processInfo.environment,
                directoryExists: { path in
                    var isDirectory = false
                    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
                })
        } catch {
            throw ValidationError(error.description)
        }
        LoggingSystem.bootstrap { _ in CompactLogHandler(logLevel: settings.logLevel) }
        let logger = Logger(label: "lyrica-vectord")
        do {
            try await LyricaServer(configuration: settings, logger: logger).run()
        } catch {
            logger.critical("\(error)")
            throw ExitCode.failure
        }
    }
}
