import FoundationEssentials
import Glibc

/// The machine around the benchmark.
struct Machine: Codable {
    let processors: Int
    /// The average load of the last 1, 5 and 15 minutes.
    let load: String

    static func now() -> Machine {
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return Machine(
            processors: ProcessInfo.processInfo.activeProcessorCount, load: load.split(separator: " ").prefix(3).joined(separator: " "))
    }
}

/// What this process has used of the machine so far.
struct Usage {
    /// User and system time.
    let processorSeconds: Double
    /// Seconds that the processors of the machine have spent doing nothing, waiting for disks included.
    let machineIdleSeconds: Double
    let at: ContinuousClock.Instant

    static func now() -> Usage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        // cpu user nice system idle iowait …, in hundredths of a second.
        let statistics = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let fields = statistics.prefix { $0 != "\n" }.split(separator: " ").dropFirst().map { Double($0) ?? 0 }
        let idle = fields.count > 4 ? (fields[3] + fields[4]) / Double(sysconf(Int32(_SC_CLK_TCK))) : 0
        return Usage(processorSeconds: seconds, machineIdleSeconds: idle, at: .now)
    }

    /// The share of the machine's processors that this process had since `start`, and the share that nobody used; both 0 to 1.
    func shares(since start: Usage) -> (own: Double, idle: Double) {
        let available = (at - start.at) / .seconds(1) * Double(ProcessInfo.processInfo.activeProcessorCount)
        return ((processorSeconds - start.processorSeconds) / available, (machineIdleSeconds - start.machineIdleSeconds) / available)
    }
}

/// Memory, descriptors and mappings of this process, from `/proc/self`.
struct Footprint {
    /// Everything resident, with pages of mapped files.
    let residentMiB: Double
    /// Without them: what the kernel cannot take back.
    let anonymousMiB: Double
    let peakMiB: Double
    let descriptors: Int
    let mappings: Int

    static func now() -> Footprint {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func mebibytes(_ field: String) -> Double {
            let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
            let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
            return (kibibytes ?? 0) / 1_024
        }
        let mappings = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8))?.utf8.count { $0 == UInt8(ascii: "\n") }
        return Footprint(
            residentMiB: mebibytes("VmRSS"), anonymousMiB: mebibytes("RssAnon"), peakMiB: mebibytes("VmHWM"),
            descriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0, mappings: mappings ?? 0)
    }
}
