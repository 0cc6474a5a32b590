/// A checkpoint on disk. Each save replaces the file in one step, synced, so that it is whole after any crash.
public struct CheckpointFile: Sendable {
    public let path: String

    /// A checkpoint has a few hundred bytes.
    private static let byteCountMax = 1 << 16

    public init(path: String) {
        self.path = path
    }

    public func save(_ checkpoint: Checkpoint) throws(ClientError) {
        let file = try ReplacedFile(path: path)
        try file.append(checkpoint.bytes)
        try file.commit()
    }

    /// The saved checkpoint.
    /// - Throws: `ClientError.checkpoint` when the file is no checkpoint, `.file` when it cannot be read.
    public func load() throws(ClientError) -> Checkpoint {
        let source = try FileBytes(path: path)
        guard source.byteCount <= Self.byteCountMax, let checkpoint = Checkpoint(bytes: try source.bytes(at: 0, count: source.byteCount)) else {
            throw .checkpoint(path: path, problem: "is not a checkpoint of this version")
        }
        return checkpoint
    }

    /// Where to start.
    /// - Parameter resumes: Whether to go on from a saved checkpoint; without it, one of an unfinished ingest is refused rather than lost.
    /// - Returns: The saved position, or the start when there is no checkpoint or a finished one and `resumes` is false.
    public func startingPosition(for subject: Checkpoint.Subject, resumes: Bool) throws(ClientError) -> RowPosition {
        guard FilePresence.exists(path) else { return .start }
        let saved = try load()
        guard resumes else {
            guard saved.isComplete else {
                throw .checkpoint(path: path, problem: "an ingest stopped here after \(saved.position.rows) rows; go on with --resume")
            }
            return .start
        }
        if let obstacle = saved.obstacle(to: subject) { throw .checkpoint(path: path, problem: obstacle) }
        return saved.position
    }
}
