import ArgumentParser
import LyricaClient

/// Runs a command's work. An error is shown, with what to do about it, and becomes the exit code.
func reportingErrors(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ClientError {
        Terminal.note("lyrica: \(TerminalText.printable(error.message))")
        if let remedy = error.remedy { Terminal.note("        \(remedy)") }
        throw ExitCode(error.exitCode)
    }
}
