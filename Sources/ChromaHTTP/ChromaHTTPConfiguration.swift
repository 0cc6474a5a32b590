public import VectorModel

/// How the HTTP side behaves. Every bound that protects the process from its clients is here.
public struct ChromaHTTPConfiguration: Sendable {
    /// Bytes of one request body. 256 MiB holds 10,000 documents with 768-d vectors as JSON twice over.
    public var bodyBytesMax = 256 << 20
    /// Bytes of all request bodies held at one time. Past it requests are told to come back.
    public var bodyBytesInFlightMax = 512 << 20
    /// Seconds in which a client must send something: the next request's head, or the next part of a body.
    public var idleSeconds = 30
    /// Bytes per second that a body must keep up on average, once `idleSeconds` have passed: bounds what a trickle can hold.
    public var bodyBytesPerSecondMin = 1024
    /// Bodies from this many bytes are parsed on the engine's worker threads instead of where the request is handled.
    public var inlineBodyBytesMax = 64 << 10
    /// Answers with at least this many records are written on the worker threads.
    public var inlineAnswerRecordsMax = 256
    /// Seconds after which a query is given up; `nil` for never. A request's `timeout_ms` goes before it.
    public var querySecondsMax: Int? = 60
    /// Seconds that a refused request's unread body may still be sent before the connection is closed.
    public var lingerSeconds = 10
    /// Milliseconds that a search goes on for a client that has closed its sending side: it may still read, as `nc -N` does, or be gone.
    public var halfClosedMilliseconds = 1_000
    /// Where backups may be written on request; `nil`: they are refused, since whoever reaches the server could fill its disk.
    public var backupDirectory: String?
    public var crossOrigin = CrossOriginPolicy()
    public var limits = Limits.standard

    public init() {}
}
