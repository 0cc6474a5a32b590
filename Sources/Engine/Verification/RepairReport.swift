import ByteCoding
public import Durability
public import FileIO
public import VectorModel

/// What a repair did, or would do, and what it could not save. Never holds a user's text or vector; ids only where that was asked for.
public struct RepairReport: Sendable, CustomStringConvertible {
    /// One thing that was done.
    public struct Action: Hashable, Sendable {
        /// The file or directory that was changed.
        public let file: String
        public let what: String
        public let collection: CollectionIdentifier?
    }

    /// A row of a damaged segment that could not be read as a whole.
    public struct LostRow: Hashable, Sendable {
        public let collection: CollectionIdentifier
        public let file: String
        public let row: Int
        /// When it can be read, and was asked for.
        public let identifier: String?
        /// The first part of the row that does not verify.
        public let damage: String
    }

    /// Nothing was changed.
    public internal(set) var isDryRun = false
    /// Where everything that was replaced or taken out is kept; `nil` if there is nothing.
    public internal(set) var quarantine: String?
    public internal(set) var actions: [Action] = []
    /// Rows that were copied out of damaged segments.
    public internal(set) var savedRows = 0
    public internal(set) var lostRowCount = 0
    /// The first `lostRowsMax` of them.
    public internal(set) var lostRows: [LostRow] = []
    /// Records of the log that are not there any more.
    public internal(set) var logGaps: [LogSalvage.Gap] = []
    /// Records that were applied to make the log anew.
    public internal(set) var logRecords = 0
    /// Changes of the log that do not follow from what is left, such as changes of a collection whose creation is lost.
    public internal(set) var refusedChanges: [SequenceNumber] = []
    /// What else somebody should know.
    public internal(set) var warnings: [String] = []
    /// How things were before, and how they are now; the latter is `nil` after a dry run.
    public internal(set) var before = VerificationReport()
    public internal(set) var after: VerificationReport?

    /// How many lost rows are listed.
    public static let lostRowsMax = 10_000

    /// A page of text.
    public var description: String {
        guard !actions.isEmpty else { return "nothing to repair: \(before)" }
        var lines = [isDryRun ? "would do, had it not been a dry run:" : "done:"]
        lines += actions.map { "  \($0.file): \($0.what)" }
        if let quarantine { lines.append("what was replaced is kept in \(quarantine)") }
        if savedRows + lostRowCount > 0 { lines.append("damaged segments: \(savedRows) rows saved, \(lostRowCount) lost") }
        lines += lostRows.map { row in
            "  lost: row \(row.row)\(row.identifier.map { ", id \($0)" } ?? "") of \(row.file): \(row.damage)"
        }
        lines += logGaps.map { "lost: log records \($0.missing.lowerBound) to \($0.missing.upperBound), \($0.file), byte \($0.offset)" }
        if !refusedChanges.isEmpty {
            lines.append("log records that could not be applied: " + refusedChanges.map(\.description).joined(separator: ", "))
        }
        lines += warnings
        if let after { lines.append("now: \(after)") }
        return lines.joined(separator: "\n")
    }
}

/// Why a repair stopped. What it had done by then is whole, and running it again goes on from there.
public enum RepairFailure: Error, Sendable, CustomStringConvertible {
    /// Somebody uses the directory.
    case lock(DataDirectoryLock.Failure)
    case file(FileError)
    /// A file is from a newer program, which alone can repair it.
    case newerFormat(String)
    /// Something could not be written, or not be read back.
    case unfinished(String)

    public var description: String {
        switch self {
        case .lock(let failure): "\(failure)"
        case .file(let error) where error.isOutOfSpace: "\(error); free some space and run the repair again: nothing is lost"
        case .file(let error): "\(error); run the repair again: nothing is lost"
        case .newerFormat(let problem): "\(problem); nothing was changed"
        case .unfinished(let problem): "\(problem); run the repair again: nothing is lost"
        }
    }
}
