public import Engine
public import VectorKernels

/// Why the server could not start, or ended badly: what happened and what to do.
public enum StartFailure: Error, Sendable, CustomStringConvertible {
    case kernels(KernelSelectionError)
    case database(OpeningFailure)
    case portInUse(host: String, port: Int)
    case cannotListen(host: String, port: Int, cause: String)
    /// The log could not be closed. What was acknowledged is safe: it was synced before.
    case closing(String)
    case other(String)

    public var description: String {
        switch self {
        case .kernels(let error): error.description
        case .database(let error): error.description
        case .portInUse(let host, let port):
            "port \(port) on \(host) is in use by another program; stop it, or choose another port with --port or LYRICA_PORT"
        case .cannotListen(let host, let port, let cause): "cannot listen on \(host):\(port): \(cause)"
        case .closing(let cause): "the data directory was not closed cleanly (acknowledged writes are safe): \(cause)"
        case .other(let cause): cause
        }
    }
}
