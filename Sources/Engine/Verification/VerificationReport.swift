public import ByteCoding
public import VectorModel

/// What a verification found. Holds names and numbers of the format only, never a user's text or vector.
public struct VerificationReport: Hashable, Sendable, CustomStringConvertible {
    /// How bad a finding is.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// Bytes are not what was written, or contradict one another: data is lost or cannot be trusted.
        case damage
        /// A file that nothing refers to. The next start of a server removes it; nothing is missing.
        case orphan
        /// Worth knowing, and nothing is lost.
        case note
    }

    /// One thing that is not as it should be.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        public let severity: Severity
        /// The path of the file or directory.
        public let file: String
        /// The byte in the file at which the broken value, or what holds it, begins; `nil` where the file as a whole is meant.
        public let offset: Int?
        /// What was looked at, as the format calls it.
        public let what: String
        public let expected: String
        public let found: String
        /// The collection that suffers from it.
        public let collection: CollectionIdentifier?
        /// What to do about it.
        public let remedy: String

        public init(
            _ severity: Severity, file: String, offset: Int? = nil, what: String, expected: String, found: String,
            collection: CollectionIdentifier? = nil, remedy: String
        ) {
            self.severity = severity
            self.file = file
            self.offset = offset
            self.what = what
            self.expected = expected
            self.found = found
            self.collection = collection
            self.remedy = remedy
        }

        /// Damage as a reader reports it.
        public init(_ corruption: Corruption, collection: CollectionIdentifier? = nil, remedy: String = Finding.repair) {
            self.init(
                .damage, file: corruption.file, offset: corruption.offset, what: corruption.what, expected: corruption.expected,
                found: corruption.found, collection: collection, remedy: remedy)
        }

        /// What helps against most damage.
        public static let repair = "restore from a backup, or run lyrica verify --repair, which saves what can be read"

        public var description: String {
            "\(severity.rawValue): \(file)\(offset.map { ", byte \($0)" } ?? ""): \(what): expected \(expected), found \(found)"
                + "\(collection.map { " (collection \($0))" } ?? ""); \(remedy)"
        }
    }

    /// Files that were looked at, and their lengths together.
    public internal(set) var files = 0
    public internal(set) var bytes = 0
    public internal(set) var collections = 0
    /// Living rows whose invariants were checked.
    public internal(set) var rows = 0
    /// Records of the log.
    public internal(set) var logRecords = 0
    /// In the order in which they were found.
    public internal(set) var findings: [Finding] = []
    /// The caller ended it: what was not looked at yet may be damaged too.
    public internal(set) var wasCancelled = false

    public init() {}

    /// Nothing is damaged, and everything was looked at.
    public var isSound: Bool { !wasCancelled && !findings.contains { $0.severity == .damage } }

    /// A page of text: a line of totals, then a line per finding.
    public var description: String {
        let verdict = isSound ? "no damage" : wasCancelled ? "not finished" : "damaged"
        let totals = "\(verdict): \(files) files of \(bytes) bytes, \(collections) collections, \(rows) rows, \(logRecords) log records"
        return ([totals] + findings.map(\.description)).joined(separator: "\n")
    }
}

/// How far a verification has come.
public struct VerificationProgress: Hashable, Sendable {
    public let bytesDone: Int
    /// Of all files that are read; may be exceeded while a server writes.
    public let bytesTotal: Int
}
