/// What a derived file that holds what filters look up has for itself, shared by writer and reader. Normative text: `storage-format.md`,
/// "Lookup files".
package enum LookupFileFormat {
    /// The version this program writes, and the only one it reads: a file of another version is made again.
    package static let version: UInt32 = 2

    /// The first eight bytes of every lookup file, with the first and last byte chosen as for segment files.
    package static let magic: [UInt8] = [0x89] + Array("LYRLKP\n".utf8)

    /// The length of the header.
    package static let headerBytes = 256

    /// Each section begins at a multiple of this; zeros lie between them.
    package static let alignment = 64

    /// The fields of the header that are not those of every derived file; the raw value is the offset in bytes.
    package enum HeaderField: Int, CaseIterable {
        case sectionCount = 44
        case sectionsLength = 56
        case tableChecksum = 64
        case analysis = 68
        case reserved = 72
        case sections = 128
    }

    /// The fields of a section's entry.
    package enum SectionField: Int, CaseIterable {
        case kind = 0
        case reserved = 4
        case offset = 8
        case length = 16
    }

    /// The length of a section's entry in the header.
    package static let sectionEntryBytes = 24

    /// The end of every lookup file's name.
    package static let fileNameSuffix = ".lookup"

    /// The name of a segment's lookup file.
    package static func fileName(_ number: UInt64) -> String { DerivedFileFormat.fileName(number, suffix: fileNameSuffix) }

    static let kind = DerivedFileKind(
        name: "lookup file", magic: magic, version: version, headerBytes: headerBytes, contentLengthOffset: HeaderField.sectionsLength.rawValue,
        tableChecksumOffset: HeaderField.tableChecksum.rawValue)
}

/// What a lookup file holds, each in a section of its own. The raw value is the kind that stands in the file.
package enum LookupSection: UInt32, CaseIterable, Sendable {
    /// `ColumnIndex`: which rows have which values of a metadata key.
    case columns = 1
    /// `TrigramIndex`: which rows' documents hold three given bytes. Empty when no row has a document.
    case trigrams
    /// `TermIndex`: how often which words stand in which rows' documents. Empty when no row has a document.
    case terms
    /// `SparseLookup`: which rows have which indices in the sparse vectors of a metadata key.
    case sparse
}
