public import Engine
import VectorModel

extension WireError {
    /// Why a backup was not made.
    public init(_ error: BackupError, dialect: Dialect) {
        let status = switch error.errorClass {
        case .invalid, .cancelled: 400
        case .notFound: 404
        case .alreadyExists, .conflict: 409
        case .forbidden: 403
        case .tooLarge: 413
        case .unavailable: 503
        case .deadlineExceeded: 504
        case .outOfSpace: 507
        case .internalFailure: 500
        case .unimplemented: 501
        }
        let name = switch status {
        case 400: "InvalidArgumentError"
        case 500: "InternalError"
        default: "ChromaError"
        }
        self.init(status: status, name: name, message: error.description, dialect: dialect)
    }

    /// The server was not told where backups may be written.
    public static func backupsNotConfigured(dialect: Dialect) -> WireError {
        WireError(
            status: 403, name: "ChromaError",
            message: "This server makes no backups on request: start it with --backup-dir (or LYRICA_BACKUP_DIR) set to the directory that they "
                + "may be written to",
            dialect: dialect)
    }

    /// Work of which only one may run is running.
    public static func alreadyRunning(_ what: String, dialect: Dialect) -> WireError {
        WireError(status: 409, name: "ChromaError", message: "\(what) is running already; wait until it has ended", dialect: dialect)
    }
}
