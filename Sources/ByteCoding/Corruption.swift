public import VectorModel

/// Bytes on disk that cannot be what was written.
///
/// It names the place and the rule that was broken, in the words of `storage-format.md`. `expected` and `found` hold numbers and names of
/// the format only: never a user's text or vector, since errors end up in logs.
public struct Corruption: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path of the file.
    public let file: String
    /// The byte offset in the file at which the broken value, or the structure that holds it, begins.
    public let offset: Int
    /// What was being read, as the format calls it.
    public let what: String
    /// What the format asks for at this place.
    public let expected: String
    /// What is there.
    public let found: String

    public init(file: String, offset: Int, what: String, expected: String, found: String) {
        self.file = file
        self.offset = offset
        self.what = what
        self.expected = expected
        self.found = found
    }

    public var description: String {
        "\(file) is damaged at byte \(offset): \(what): expected \(expected), found \(found)"
    }
}

extension RequestError {
    /// What damage on disk means for the request that met it.
    public init(_ corruption: Corruption) {
        self.init(.storageDamaged(corruption.description))
    }
}
