/// How far a long piece of work is.
public struct WorkProgress: Equatable, Sendable {
    /// What is being done, in a word.
    public let phase: String
    /// What is counted.
    public let unit: ProgressMeter.Unit
    public let done: Int
    /// 0 where it is not known.
    public let total: Int

    public init(phase: String, bytesDone: Int, bytesTotal: Int) {
        self.phase = phase
        unit = .bytes
        done = bytesDone
        total = bytesTotal
    }

    public init(phase: String, rowsDone: Int, rowsTotal: Int) {
        self.phase = phase
        unit = .rows
        done = rowsDone
        total = rowsTotal
    }

    /// As a server tells it.
    init(_ object: JSONObject) {
        func count(_ key: String) -> Int { object[key]?.integer ?? 0 }
        let phase = object["phase"]?.string ?? ""
        if object["rows_done"] != nil {
            self.init(phase: phase, rowsDone: count("rows_done"), rowsTotal: count("rows_total"))
        } else {
            self.init(phase: phase, bytesDone: count("bytes_done"), bytesTotal: count("bytes_total"))
        }
    }
}
