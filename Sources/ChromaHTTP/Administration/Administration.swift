/// What the handlers of administration share: who the server is, and what may run only once.
struct Administration: Sendable {
    let version: String
    let started = ContinuousClock.now
    let backups = ExclusiveWork()
    let verifications = ExclusiveWork()
    let rebuilds = ExclusiveWork()

    /// Whole seconds since the server was started.
    var uptimeSeconds: Int { Int((ContinuousClock.now - started).components.seconds) }
}
