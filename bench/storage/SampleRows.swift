import Engine
import VectorModel

/// Rows to write: made from a pool, so that making them costs little of the time that is measured.
struct SampleRows: Sendable {
    let dimension: Int
    private let vectors: [Float]
    private let documents: [String]

    private static let poolCount = 8_192
    private static let documentBytes = 200
    private static let words = """
        alignment archive balance beacon canyon carrier compass crystal daylight delta ember engine evening falcon fiber forest garden glacier \
        harbor horizon island ivory journey kernel lantern ledger meadow mirror needle number ocean orchard pattern pepper quarry quartz river \
        rocket saddle signal summit timber tunnel umbrella valley vector window winter yellow zephyr
        """.split(separator: " ")

    init(_ sizes: Sizes) {
        dimension = sizes.dimension
        var chance = SplitMix64(state: sizes.seed)
        vectors = (0..<Self.poolCount * dimension).map { _ in Float.random(in: -1...1, using: &chance) }
        documents = (0..<Self.poolCount).map { _ in
            var text = ""
            while text.utf8.count < Self.documentBytes { text += Self.words.randomElement(using: &chance)! + " " }
            return text
        }
    }

    static func identifier(_ row: Int) -> String {
        let digits = String(row)
        return "row-" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }

    /// Rows `first ..< first + count`, with vector, document and metadata.
    func batch(from first: Int, count: Int) throws(RequestError) -> RecordBatch {
        let places = (first..<first + count).map { $0 % Self.poolCount }
        var values: [Float] = []
        values.reserveCapacity(count * dimension)
        for place in places { values += vectors[place * dimension..<(place + 1) * dimension] }
        return try RecordBatch(
            identifiers: (first..<first + count).map(Self.identifier), embeddings: EmbeddingColumn(dimension: dimension, values: values),
            documents: places.map { documents[$0] },
            metadatas: (first..<first + count).map(Self.metadata))
    }

    private static func metadata(_ row: Int) -> Metadata {
        Metadata(fields: [
            MetadataField(key: "source", value: .string("file-\(row % 1_000)")), MetadataField(key: "page", value: .integer(Int64(row % 300))),
        ])
    }

    /// A vector to search for.
    static func queryVector(_ number: Int, _ sizes: Sizes) -> [Float] {
        var chance = SplitMix64(state: sizes.seed &+ UInt64(number) &* 0x1_0000_0001)
        return (0..<sizes.dimension).map { _ in Float.random(in: -1...1, using: &chance) }
    }
}

/// S. Vigna's generator, doi:10.1145/2714064.2660195: the same rows from the same seed.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
