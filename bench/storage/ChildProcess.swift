import FoundationEssentials
import Glibc

/// Runs this program again, with other arguments.
enum ChildProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Returns: what it wrote to its standard output; its messages go where ours go.
    /// - Throws: `Failure` when it cannot be started or does not end well.
    static func run(_ arguments: [String]) throws -> String {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(description: "no pipe: \(String(cString: strerror(errno)))") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        var process = pid_t()
        let texts = (["storage-bench"] + arguments).map { strdup($0) } + [nil]
        defer { texts.forEach { free($0) } }
        let error = posix_spawn(&process, "/proc/self/exe", &actions, nil, texts, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard error == 0 else { throw Failure(description: "no process: \(String(cString: strerror(error)))") }
        let output = readAll(ends[0])
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Failure(description: "the step \(arguments) ended with status \(status)") }
        return output
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
