import ArgumentParser
import LyricaClient

struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Have the server write to segment files what is only in memory and in its log.",
        discussion: """
            The server does this by itself in good time, and nothing acknowledged depends on it. After a flush a start has next to nothing to \
            read back.

            Exit code 0 when it is done, 1 when the disk refused, 3 when the server cannot be reached.

            EXAMPLES
              lyrica flush
              lyrica flush --timeout 600
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        try await connection.run { client in
            try await client.flush()
            if json {
                try Output.print(json: .object(JSONObject([.init("flushed", .bool(true))])))
            } else {
                try Output.print(["everything is in segment files"])
            }
        }
    }
}
