package import VectorModel

/// The sections of a segment file, in the order of the section table. The raw value is the kind that stands there.
///
/// Every kind has an entry; one that does not apply has no bytes.
package enum SegmentSection: UInt32, CaseIterable, Sendable {
    case vectors = 1
    case inverseNorms
    case codes
    case codeParameters
    case rowFlags
    case insertionKeys
    case sequences
    case identifierOffsets
    case identifierBytes
    case identifierIndex
    case textPlaces
    case textBlocks
    case textBytes
    case keyOffsets
    case keyBytes
    case keyIndex
    case stringOffsets
    case stringBytes
    case stringIndex
    case columns
    case columnData
    case arrays
    case keyListOffsets
    case keyLists
    case rowKeyLists

    /// The position in the section table.
    var index: Int { Int(rawValue) - 1 }

    var alignment: Int {
        self == .vectors ? SegmentFormat.vectorAlignment : SegmentFormat.alignment
    }

    /// The bytes of one element in a file with these properties.
    package func elementBytes(dimension: Int, element: VectorElement, codeStride: Int) -> Int {
        switch self {
        case .vectors: max(dimension, 1) * element.byteCount
        case .codes: max(codeStride, 1)
        case .codeParameters, .textPlaces, .textBlocks: 16
        case .columns: SegmentFormat.columnEntryBytes
        case .insertionKeys, .sequences, .identifierOffsets, .identifierIndex, .keyOffsets, .keyIndex, .stringOffsets, .stringIndex, .arrays,
            .keyListOffsets:
            8
        case .inverseNorms, .keyLists, .rowKeyLists: 4
        case .rowFlags, .identifierBytes, .textBytes, .keyBytes, .stringBytes, .columnData: 1
        }
    }
}
