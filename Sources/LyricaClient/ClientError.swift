/// What can go wrong between this client, its files and the server.
///
/// Each case says who has to act: `unreachable` the operator of the server, `refused`, `workFailed` and `unexpectedReply` the caller or the server,
/// `file`, `data` and `checkpoint` the owner of the files. Messages name rows, fields and limits; they never carry whole documents or vectors.
public enum ClientError: Error, Equatable, Sendable {
    /// No answer: nothing listens, the connection broke, or the time ran out.
    case unreachable(url: String, reason: String)
    /// The server answered with an error; `name` is the protocol's error name, such as `NotFoundError`.
    case refused(status: Int, name: String, message: String)
    /// Work that the server had begun came to no good end; `name` is as in `refused`.
    case workFailed(name: String, message: String)
    /// The server answered with something outside the protocol.
    case unexpectedReply(String)
    /// A file could not be read or written.
    case file(path: String, problem: String)
    /// The data, or what was asked of them, cannot be used as they are.
    case data(String)
    /// A checkpoint file does not fit what is to be ingested.
    case checkpoint(path: String, problem: String)
}

extension ClientError {
    /// The exit code of a program that stops with this error: 3 when the server cannot be reached, 1 when the server or the data said no.
    public var exitCode: Int32 {
        switch self {
        case .unreachable: 3
        case .refused, .workFailed, .unexpectedReply, .file, .data, .checkpoint: 1
        }
    }

    /// One sentence for people, without a final full stop.
    public var message: String {
        switch self {
        case .unreachable(let url, let reason): "cannot reach \(url): \(reason)"
        case .refused(let status, let name, let message): "the server refused (\(status) \(name)): \(Self.shortened(message))"
        case .workFailed(let name, let message): "the server could not do it (\(name)): \(Self.shortened(message))"
        case .unexpectedReply(let what): "the server's answer makes no sense: \(what)"
        case .file(let path, let problem): "\(path): \(problem)"
        case .data(let problem): problem
        case .checkpoint(let path, let problem): "checkpoint \(path): \(problem)"
        }
    }

    /// What to do about it, when there is something general to say.
    public var remedy: String? {
        switch self {
        case .unreachable: "is it running? start it with lyrica-vectord, or name another server with --url or LYRICA_URL"
        case .refused(let status, _, _) where status == 401 || status == 403: "the server wants other credentials, or has this operation switched off"
        case .refused(let status, _, _) where status == 413: "use a smaller --batch-size"
        case .refused(let status, _, _) where status == 429 || status == 503: "the server is busy: try again later, or allow more --retries"
        case .unexpectedReply: "is this address a server of the Chroma protocol, version 2?"
        case .checkpoint: "delete the checkpoint file to start from the beginning; rows that are stored already are written again unchanged"
        case .refused, .workFailed, .file, .data: nil
        }
    }

    /// A server's message may quote what it was sent: no more than this many characters of it are shown.
    private static let shownMessageCharactersMax = 400

    private static func shortened(_ message: String) -> String {
        message.count <= shownMessageCharactersMax ? message : message.prefix(shownMessageCharactersMax) + "…"
    }
}
