import ByteCoding
import ChromaWire
import Engine
import FoundationEssentials
import Glibc
import VectorModel

// The first byte of an input chooses the parser, the second the client generation, the rest is what is parsed. An input that is refused is as
// good as one that is accepted; what counts is that nothing crashes, and that what was accepted survives the log.

private let dialects = ["Chroma Python Client v1.5.9", "python-httpx/0.27", "python-requests/2.31"].flatMap { agent in
    [APIVersion.v2, .v1].map { Dialect(version: $0, userAgent: agent) }
}
private let collection = CollectionIdentifier(UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)))

/// What an input is given to. The letters stand at the start of the seeds.
private enum Parser: UInt8 {
    case add = 0x61 // a
    case update = 0x75 // u
    case upsert = 0x73 // s
    case get = 0x67 // g
    case query = 0x71 // q
    case delete = 0x64 // d
    case createCollection = 0x63 // c
    case changeCollection = 0x6D // m
    case conditionalGet = 0x72 // r
    case conditionalCommit = 0x74 // t
    case names = 0x6E // n
    case log = 0x6C // l
}

/// libFuzzer's driver, which reads the command line and does not return before the end. Its own `main` is not used: SwiftPM looks for ours.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main struct FuzzParsers {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, testOneInput))
    }
}

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer lends `count` bytes for the time of this call.
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard input.count >= 2, let parser = Parser(rawValue: input[0]) else { return -1 }
    let rest = UnsafeRawBufferPointer(rebasing: input[2...])
    if parser == .log {
        decodeLogged(rest)
        return 0
    }
    let dialect = dialects[Int(input[1]) % dialects.count]
    let decoder = RequestDecoder(dialect: dialect, limits: .standard)
    do throws(WireError) {
        try decode(RequestBody(Array(rest)), with: parser, decoder)
    } catch {
        precondition((400..<600).contains(error.status), "an error that is no error")
        precondition(!ResponseEncoder(dialect: dialect).error(error).chunks.isEmpty, "an error without a text")
    }
    return 0
}

private func decode(_ body: RequestBody, with parser: Parser, _ decoder: RequestDecoder) throws(WireError) {
    switch parser {
    case .add: checkThroughLog(.write(try decoder.write(body, as: .add), .add, to: collection))
    case .update: checkThroughLog(.write(try decoder.write(body, as: .update), .update, to: collection))
    case .upsert: checkThroughLog(.write(try decoder.write(body, as: .upsert), .upsert, to: collection))
    case .get: _ = try decoder.get(body)
    case .query: _ = try decoder.query(body)
    case .delete: _ = try decoder.delete(body)
    case .createCollection: _ = try decoder.createCollection(body)
    case .changeCollection: _ = try decoder.changeCollection(body, of: described)
    case .conditionalGet: _ = try decoder.conditionalGet(body)
    case .conditionalCommit: checkThroughLog(.group(try decoder.conditionalCommit(body).changes, of: collection))
    case .names:
        _ = try decoder.createTenant(body)
        _ = try decoder.createDatabase(body)
        _ = try decoder.fork(body)
    case .log: break
    }
}

/// Reads a log payload, and if it can be read, writes it and reads it again.
private func decodeLogged(_ bytes: UnsafeRawBufferPointer) {
    guard let change = try? LoggedChange(decoding: bytes) else { return }
    checkThroughLog(change)
}

/// What is written to the log comes back, byte for byte when written again.
private func checkThroughLog(_ change: LoggedChange) {
    let first = change.encoded().finish()
    first.withUnsafeBytes { bytes in
        guard let again = try? LoggedChange(decoding: bytes) else { fatalError("the log would hold what it cannot read") }
        again.encoded().finish().withUnsafeBytes { second in
            precondition(bytes.elementsEqual(second), "the log changed what it held")
        }
    }
}

private let described = CollectionDescription(
    identifier: collection, name: "name", tenant: "default_tenant", database: "default_database", metadata: nil, index: IndexConfiguration(),
    wireConfiguration: [], dimension: 3, metadataKeys: [], version: 0, lastSequenceNumber: .zero)
