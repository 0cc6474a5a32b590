#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension ClientError {
    /// The failure of the system call that was just made, in the system's words. Call it before anything else can change `errno`.
    static func systemCall(_ doing: String, path: String) -> ClientError {
        let code = errno
        return .file(path: path, problem: "\(doing): \(String(cString: strerror(code)))")
    }
}
