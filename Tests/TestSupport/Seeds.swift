import FoundationEssentials

/// The seeds that random tests run with: a fixed few by default, or the one in `LYRICA_SEED` to replay a failure.
public enum Seeds {
    public static func some(_ count: Int) -> [UInt64] {
        if let text = ProcessInfo.processInfo.environment["LYRICA_SEED"], let seed = UInt64(text) { return [seed] }
        return (1...UInt64(count)).map { $0 }
    }

    /// What to print with a failure.
    public static func replay(_ seed: UInt64) -> String { "replay with LYRICA_SEED=\(seed)" }
}
