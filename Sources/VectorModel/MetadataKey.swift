/// A metadata key that records of a collection have had, with the kinds of its values.
public struct MetadataKey: Hashable, Sendable {
    public let name: String
    public var kinds: MetadataKinds

    public init(name: String, kinds: MetadataKinds) {
        self.name = name
        self.kinds = kinds
    }
}

/// Kinds of values. An array counts as the kind of its elements.
public struct MetadataKinds: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let string = MetadataKinds(rawValue: 1)
    public static let integer = MetadataKinds(rawValue: 2)
    public static let float = MetadataKinds(rawValue: 4)
    public static let boolean = MetadataKinds(rawValue: 8)
    public static let sparse = MetadataKinds(rawValue: 16)
}
