import ByteCoding
import FileIO
import Segments
import Testing
import TestSupport
import VectorModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A row as tests write and expect it.
struct SampleRow: Equatable {
    var identifier: String
    var vector: [Float]?
    var document: String?
    var uri: String?
    var metadata: Metadata?
    var insertionKey: UInt64
    var sequence: UInt64
}

/// Rows in memory for a segment writer.
struct SampleSource: StoredRows {
    let rows: [SampleRow]

    var rowCount: Int { rows.count }
    func insertionKey(of row: Int) throws(Corruption) -> UInt64 { rows[row].insertionKey }
    func sequence(of row: Int) throws(Corruption) -> SequenceNumber { SequenceNumber(rows[row].sequence) }
    func metadata(of row: Int) throws(Corruption) -> Metadata? { rows[row].metadata }

    func withIdentifier<R>(of row: Int, _ body: (UnsafeRawBufferPointer) -> R) throws(Corruption) -> R {
        Array(rows[row].identifier.utf8).withUnsafeBytes { body($0) }
    }

    func withVector<R>(of row: Int, _ body: (UnsafeBufferPointer<Float>?) -> R) throws(Corruption) -> R {
        guard let vector = rows[row].vector else { return body(nil) }
        return vector.withUnsafeBufferPointer { body($0) }
    }

    func withTexts<R>(
        of row: Int, _ body: (_ document: UnsafeRawBufferPointer?, _ uri: UnsafeRawBufferPointer?) -> R
    ) throws(Corruption) -> R {
        let (document, uri) = (Array((rows[row].document ?? "").utf8), Array((rows[row].uri ?? "").utf8))
        return document.withUnsafeBytes { documentBytes in
            uri.withUnsafeBytes { body(rows[row].document == nil ? nil : documentBytes, rows[row].uri == nil ? nil : $0) }
        }
    }
}

/// What the rows of a random segment are like.
struct SampleShape {
    var rows: Int
    var dimension: Int?
    var metric = Metric.l2
}

/// Rows with every kind of metadata, holes, and empty and absent texts.
func sampleRows(_ shape: SampleShape, _ generator: inout SeededGenerator) -> [SampleRow] {
    var insertionKey: UInt64 = 0
    return (0..<shape.rows).map { number in
        insertionKey += .random(in: 1...1_000, using: &generator)
        return SampleRow(
            identifier: sampleIdentifier(number, &generator),
            vector: shape.dimension.flatMap { generator.chance(percent: 85) ? sampleVector($0, &generator) : nil },
            document: generator.chance(percent: 75) ? sampleText(&generator) : nil, uri: generator.chance(percent: 25) ? sampleText(&generator) : nil,
            metadata: generator.chance(percent: 85) ? sampleMetadata(&generator) : nil, insertionKey: insertionKey,
            sequence: .random(in: 0 ... .max, using: &generator))
    }
}

private func sampleIdentifier(_ number: Int, _ generator: inout SeededGenerator) -> String {
    number == 0 ? "" : "\(number)-" + String(repeating: "ä", count: generator.chance(percent: 2) ? 3_000 : Int(generator.next() % 20))
}

private func sampleVector(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
    generator.chance(percent: 5) ? [Float](repeating: 0, count: dimension) : generator.vector(dimension)
}

func sampleText(_ generator: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: ""
    case 1: String(repeating: "many words ", count: Int.random(in: 0..<20_000, using: &generator))
    // What cannot be compressed.
    case 2: String((0..<Int(generator.next() % 300)).map { _ in Character(UnicodeScalar(UInt8.random(in: 33..<127, using: &generator))) })
    default: "a text with the number \(generator.next()) in it"
    }
}

func sampleMetadata(_ generator: inout SeededGenerator) -> Metadata {
    var fields: [MetadataField] = []
    if generator.chance(percent: 90) { fields.append(MetadataField(key: "kind", value: .integer(Int64.random(in: -3...3, using: &generator)))) }
    for _ in 0..<Int.random(in: 0..<6, using: &generator) {
        let key = "key\(Int.random(in: 0..<20, using: &generator))"
        fields.append(MetadataField(key: key, value: sampleValue(&generator)))
    }
    fields.shuffle(using: &generator)
    return Metadata(fields: fields)
}

func sampleValue(_ generator: inout SeededGenerator) -> MetadataValue {
    let count = Int.random(in: 0..<4, using: &generator)
    func some<Element>(_ element: (inout SeededGenerator) -> Element) -> [Element] { (0..<count).map { _ in element(&generator) } }
    func string(_ generator: inout SeededGenerator) -> String { ["", "a", "b", "Ωmega", "s\(generator.next() % 50)"][Int(generator.next() % 5)] }
    func integer(_ generator: inout SeededGenerator) -> Int64 {
        generator.chance(percent: 50) ? Int64(generator.next() % 5) : Int64(bitPattern: generator.next())
    }
    func float(_ generator: inout SeededGenerator) -> Double {
        generator.chance(percent: 50) ? Double(generator.next() % 5) : .random(in: -10...10, using: &generator)
    }
    return switch generator.next() % 9 {
    case 0: .string(string(&generator))
    case 1: .integer(integer(&generator))
    case 2: .float(float(&generator))
    case 3: .boolean(generator.chance(percent: 50))
    case 4: .strings(some(string))
    case 5: .integers(some(integer))
    case 6: .floats(some(float))
    case 7: .booleans(some { $0.chance(percent: 50) })
    default: .sparse(sampleSparseVector(&generator))
    }
}

/// A few of twelve indices, values of both signs, sometimes labels.
func sampleSparseVector(_ generator: inout SeededGenerator) -> SparseVector {
    let indices = (0..<12).filter { _ in generator.chance(percent: 25) }.map { UInt32($0 * $0 * 30_000_000) }
    let values = indices.map { _ in Float.random(in: -1...1, using: &generator) }
    let labels = generator.chance(percent: 30) ? indices.map { "t\($0 % 7)" } : nil
    do {
        return try SparseVector(indices: indices, values: values, labels: labels)
    } catch {
        preconditionFailure("\(error)")
    }
}

extension SegmentDescription {
    /// A segment whose bytes follow from its rows alone.
    static func sample(
        _ number: UInt64 = 1, dimension: Int?, metric: Metric = .l2, element: VectorElement = .float32
    ) -> SegmentDescription {
        SegmentDescription(
            collection: CollectionIdentifier("00010203-0405-0607-0809-0a0b0c0d0e0f")!, number: number, dimension: dimension, metric: metric,
            element: element, createdWith: "1.0", hashKey: HashKey(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908))
    }
}

/// Writes rows to a segment of the machine's disk.
func writeSample(_ rows: [SampleRow], as description: SegmentDescription, in directory: String) throws -> SegmentReference {
    try SegmentWriter.write(SegmentRows(all: SampleSource(rows: rows)), as: description, in: directory, fileSystem: POSIXFileSystem())
}

extension SegmentCursor {
    /// A row, read through the methods that a segment writer uses.
    func sample(_ row: Int) throws -> SampleRow {
        let texts = try withTexts(of: row) { document, uri in
            (document.map { String(decoding: $0, as: UTF8.self) }, uri.map { String(decoding: $0, as: UTF8.self) })
        }
        return SampleRow(
            identifier: try withIdentifier(of: row) { String(decoding: $0, as: UTF8.self) }, vector: try withVector(of: row) { $0.map(Array.init) },
            document: texts.0, uri: texts.1, metadata: try metadata(of: row), insertionKey: try insertionKey(of: row),
            sequence: try sequence(of: row).rawValue)
    }

    /// A row, read as a record.
    func sampleOfRecord(_ row: Int) throws -> SampleRow {
        let record = try record(row, fields: .all)
        return SampleRow(
            identifier: record.identifier, vector: record.withVector { $0.map(Array.init) }, document: record.document, uri: record.uri,
            metadata: record.metadata, insertionKey: try insertionKey(of: row), sequence: try sequence(of: row).rawValue)
    }

    func find(_ identifier: String) throws -> Int? {
        try Array(identifier.utf8).withUnsafeBytes { bytes in try find(bytes) }
    }
}

/// Calls `body` with a new empty directory and removes it and the files in it.
func withSegmentDirectory(_ body: (String) throws -> Void) throws {
    let template = try #require(strdup("/tmp/lyrica-segments-XXXXXX"))
    defer { free(template) }
    let directory = String(cString: try #require(mkdtemp(template)))
    defer {
        for name in (try? POSIXFileSystem().list(directory)) ?? [] { unlink(directory + "/" + name) }
        rmdir(directory)
    }
    try body(directory)
}

/// The bytes of a file of the machine's disk.
func fileBytes(_ path: String) throws -> [UInt8] {
    let file = try POSIXFileSystem().open(path, .readOnly)
    var bytes = [UInt8](repeating: 0, count: try file.size())
    let count = try bytes.withUnsafeMutableBytes { buffer in try file.read(into: buffer, at: 0) }
    #expect(count == bytes.count)
    return bytes
}

/// Makes a file of the machine's disk have these bytes.
func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let disk = POSIXFileSystem()
    do { try disk.remove(path) } catch { guard error.isMissing else { throw error } }
    let file = try disk.create(path)
    try bytes.withUnsafeBytes { buffer in try file.write(buffer, at: 0) }
}
