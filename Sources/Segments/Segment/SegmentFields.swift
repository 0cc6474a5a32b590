import ByteCoding
import FoundationEssentials
import VectorModel

/// The fixed fields of a header, a trailer or a table, and the words for what is wrong with them.
struct SegmentFields {
    // SAFETY: borrowed for the life of this value, which never leaves the function that makes it; every access is checked.
    let bytes: UnsafeRawBufferPointer
    let file: String
    /// Where `bytes` begin in the file.
    let fileOffset: Int
    /// The name of the whole, for messages.
    let structure: String

    /// The integer at an offset, which must be inside.
    subscript<Value: FixedWidthInteger & BitwiseCopyable>(offset: Int) -> Value { bytes.integer(at: offset) }

    /// The integer of a field, whose raw value is its offset.
    subscript<Field: RawRepresentable<Int>, Value: FixedWidthInteger & BitwiseCopyable>(field: Field) -> Value { self[field.rawValue] }

    /// The length, the number or the place in a field of 8 bytes.
    func size(_ field: some RawRepresentable<Int>) -> Int { bytes.size(at: field.rawValue) }

    func identifier(_ offset: Int) -> CollectionIdentifier {
        precondition(offset >= 0 && offset + 16 <= bytes.count)
        return CollectionIdentifier(UUID(uuid: bytes.loadUnaligned(fromByteOffset: offset, as: uuid_t.self)))
    }

    func corruption(_ what: String, _ offset: Int, expected: String, found: String) -> Corruption {
        Corruption(file: file, offset: fileOffset + offset, what: "\(structure), \(what)", expected: expected, found: found)
    }

    /// Throws unless a field is as it has to be.
    func require<Field: RawRepresentable<Int>>(
        _ holds: Bool, _ field: Field, expected: @autoclosure () -> String, found: @autoclosure () -> String
    ) throws(SegmentError) {
        if !holds { throw .corruption(corruption("\(field)", field.rawValue, expected: expected(), found: found())) }
    }

    /// Checks the checksum at `offset`, which covers everything before it. Any of those bytes may be the wrong one: the place named is the beginning.
    func check(checksumAt offset: Int) throws(SegmentError) {
        try check(crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<offset])), against: self[offset])
    }

    /// Compares the checksum of what was read with what it should be.
    func check(_ found: UInt32, against expected: UInt32) throws(SegmentError) {
        guard found == expected else {
            throw .corruption(corruption("checksum", 0, expected: hexadecimal(expected), found: hexadecimal(found)))
        }
    }

    func checkZeros(_ range: Range<Int>) throws(SegmentError) {
        if let offset = range.first(where: { bytes[$0] != 0 }) {
            throw .corruption(corruption("reserved", offset, expected: "0", found: "\(bytes[offset])"))
        }
    }
}

/// `0x` and 8 digits.
func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
