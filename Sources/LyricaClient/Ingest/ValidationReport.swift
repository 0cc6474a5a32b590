/// What a dry run found: totals of every kind, and the first rows of each.
public struct ValidationReport: Equatable, Sendable {
    /// How many findings of each kind are kept in full.
    public static let shownPerKind = 20

    public struct Finding: Equatable, Sendable {
        public var total = 0
        public var first: [RowProblem] = []
    }

    public private(set) var rowCount = 0
    public private(set) var dimension: Int?
    private var findings: [RowProblemKind: Finding] = [:]

    public init() {}

    /// Counts a row with whatever was found in it.
    public mutating func add(dimension: Int?, problems: [RowProblem]) {
        rowCount += 1
        if self.dimension == nil { self.dimension = dimension }
        for problem in problems {
            findings[problem.kind, default: Finding()].total += 1
            if findings[problem.kind, default: Finding()].first.count < Self.shownPerKind {
                findings[problem.kind, default: Finding()].first.append(problem)
            }
        }
    }

    public subscript(kind: RowProblemKind) -> Finding { findings[kind, default: Finding()] }

    /// The kinds that occurred, in the order of their declaration.
    public var kinds: [RowProblemKind] { RowProblemKind.allCases.filter { self[$0].total > 0 } }

    public var errorCount: Int { kinds.filter { !$0.isWarning }.reduce(0) { $0 + self[$1].total } }
    public var warningCount: Int { kinds.filter(\.isWarning).reduce(0) { $0 + self[$1].total } }

    /// The report as lines of text.
    public var lines: [String] {
        var lines: [String] = []
        for kind in kinds {
            let finding = self[kind]
            lines.append("\(kind.isWarning ? "warning" : "error"): \(kind.rawValue): \(finding.total)")
            lines += finding.first.map { "  row \($0.row): \($0.detail)" }
            if finding.total > finding.first.count { lines.append("  … and \(finding.total - finding.first.count) more") }
        }
        let vectors = dimension.map { ", \($0) components each" } ?? ""
        lines.append("rows: \(rowCount)\(errorCount == 0 ? vectors : ""); errors: \(errorCount); warnings: \(warningCount); nothing was sent")
        return lines
    }

    /// The report for programs.
    public var json: JSONValue {
        let kinds = kinds.map { kind in
            JSONValue.object(JSONObject([
                .init("kind", .string(kind.rawValue)),
                .init("severity", .string(kind.isWarning ? "warning" : "error")),
                .init("total", .integer(Int64(self[kind].total))),
                .init("first", .array(self[kind].first.map { problem in
                    .object(JSONObject([.init("row", .integer(Int64(problem.row))), .init("detail", .string(problem.detail))]))
                })),
            ]))
        }
        return .object(JSONObject([
            .init("is_valid", .bool(errorCount == 0)),
            .init("rows", .integer(Int64(rowCount))),
            .init("dimension", dimension.map { .integer(Int64($0)) } ?? .null),
            .init("errors", .integer(Int64(errorCount))),
            .init("warnings", .integer(Int64(warningCount))),
            .init("problems", .array(kinds)),
        ]))
    }
}
