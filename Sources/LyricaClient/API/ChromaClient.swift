/// The Chroma HTTP API, version 2, as far as `lyrica` speaks it: calls and answers as plain values.
///
/// Every method throws `ClientError.unreachable` without an answer, `.refused` when the server says no, and `.unexpectedReply` when the answer is
/// outside the protocol. Names of tenants, databases and collections may hold any character; they are percent-encoded here.
public struct ChromaClient: Sendable {
    private let transport: any HTTPTransport
    let tenant: String
    let database: String

    public init(transport: any HTTPTransport, tenant: String, database: String) {
        self.transport = transport
        self.tenant = tenant
        self.database = database
    }

    var databasePath: String {
        "/api/v2/tenants/\(Self.percentEncoded(tenant))/databases/\(Self.percentEncoded(database))"
    }

    /// Sends a call whose answer is JSON.
    func json(_ call: HTTPCall) async throws(ClientError) -> JSONValue {
        let reply = try await success(call)
        do throws(JSONSyntaxError) {
            return try JSONParser.parse(reply.body)
        } catch {
            throw .unexpectedReply("\(call.path) answered with something that is not JSON, \(error.message)")
        }
    }

    /// Sends a call that must succeed, and leaves its answer unread.
    func success(_ call: HTTPCall) async throws(ClientError) -> HTTPReply {
        let reply = try await transport.send(call)
        guard reply.isSuccess else { throw ServerErrorBody.error(from: reply, path: call.path) }
        return reply
    }

    /// Sends a call that answers with lines.
    func lines(_ call: HTTPCall, onLine: (ArraySlice<UInt8>) throws(ClientError) -> Void) async throws(ClientError) {
        let reply = try await transport.lines(call, onLine: onLine)
        guard reply.isSuccess else { throw ServerErrorBody.error(from: reply, path: call.path) }
    }

    /// Sends a call whose failure status is an answer too.
    func reply(_ call: HTTPCall) async throws(ClientError) -> HTTPReply {
        try await transport.send(call)
    }

    /// Encodes everything but the unreserved characters of RFC 3986, so that a name stays one path segment.
    static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                output.append(byte)
            default:
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
