/// Reading what a server says when it refuses.
enum ServerErrorBody {
    /// The protocol's form is `{"error": name, "message": text}`; anything else is shown by its first characters.
    static func error(from reply: HTTPReply, path: String) -> ClientError {
        let body = (try? JSONParser.parse(reply.body))?.object
        let name = body?["error"]?.string ?? statusName(reply.status)
        let message = body?["message"]?.string ?? plainText(reply.body)
        return .refused(status: reply.status, name: name, message: message.isEmpty ? "no reason given for \(path)" : message)
    }

    private static func statusName(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "error"
        }
    }

    private static func plainText(_ body: [UInt8]) -> String {
        TerminalText.printable(String(decoding: body.prefix(200), as: UTF8.self))
    }
}
