/// Which parts of a record a reader wants; its id always comes along.
///
/// Parts that were not asked for are not read: documents stay compressed, vectors stay on disk.
public struct RecordFields: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let vector = RecordFields(rawValue: 1)
    public static let document = RecordFields(rawValue: 2)
    public static let uri = RecordFields(rawValue: 4)
    public static let metadata = RecordFields(rawValue: 8)

    public static let all: RecordFields = [.vector, .document, .uri, .metadata]
}
