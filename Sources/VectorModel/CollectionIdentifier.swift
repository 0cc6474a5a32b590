public import FoundationEssentials

/// The identity of a collection (or database), which stays when it is renamed. Written as a lower-case UUID.
public struct CollectionIdentifier: Hashable, Sendable, CustomStringConvertible {
    public let uuid: UUID

    public init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// A new random (version 4) identifier.
    public static func random() -> CollectionIdentifier { CollectionIdentifier(UUID()) }

    /// The identifier whose bytes are all zero: the id of the default database, as Chroma has it.
    public static let zero = CollectionIdentifier(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    /// Reads the hyphenated form in either case; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: String(text)) else { return nil }
        self.uuid = uuid
    }

    public var description: String { uuid.uuidString.lowercased() }
}
