import LyricaClient
import TestSupport
import Testing

@Suite struct EmbeddingFileTests {
    static let rows: [[Float]] = [[1, -2.5, 0.1], [0, .leastNonzeroMagnitude, 3e38]]

    static func npy(version: UInt8 = 1) -> [UInt8] {
        FileBuilders.npy(
            version: version, fields: FileBuilders.npyFields(descriptor: "<f4", rows: 2, dimension: 3), data: FileBuilders.floats(rows.flatMap { $0 })
        )
    }

    static func open(_ bytes: [UInt8], _ format: EmbeddingFormat) throws(ClientError) -> EmbeddingFile {
        try EmbeddingFile(MemoryBytes(bytes), format: format)
    }

    @Test(arguments: [1, 2, 3] as [UInt8]) func readsEveryVersionOfNPY(version: UInt8) throws {
        let file = try Self.open(Self.npy(version: version), .npy)
        #expect(file.rowCount == 2)
        #expect(file.dimension == 3)
        #expect(try file.rows(0..<2) == Self.rows)
        #expect(try file.rows(1..<2) == [Self.rows[1]])
        #expect(try file.rows(2..<2).isEmpty)
    }

    @Test func readsDoublesAndHalves() throws {
        let doubles = FileBuilders.npy(
            fields: FileBuilders.npyFields(descriptor: "<f8", rows: 1, dimension: 3), data: FileBuilders.doubles([0.1, -1e-300, 1e300])
        )
        #expect(try Self.open(doubles, .npy).rows(0..<1) == [[0.1, -0.0, .infinity]])
        let halves = FileBuilders.npy(
            fields: FileBuilders.npyFields(descriptor: "<f2", rows: 2, dimension: 1), data: [0x00, 0x3C, 0x01, 0x80]
        )
        #expect(try Self.open(halves, .npy).rows(0..<2) == [[1], [-0x1p-24]])
    }

    @Test func readsVectorLists() throws {
        for (bytes, format) in [(FileBuilders.fvecs(Self.rows), EmbeddingFormat.fvecs), (FileBuilders.fbin(Self.rows), .fbin)] {
            let file = try Self.open(bytes, format)
            #expect(try file.rows(0..<2) == Self.rows)
            #expect(file.elementType == .float32)
        }
    }

    @Test(arguments: EmbeddingFormat.allCases) func refusesEveryTruncationAndEveryAddition(format: EmbeddingFormat) throws {
        let whole =
            switch format {
            case .npy: Self.npy()
            case .fvecs: FileBuilders.fvecs(Self.rows)
            case .fbin: FileBuilders.fbin(Self.rows)
            }
        _ = try Self.open(whole, format)
        for length in 0..<whole.count {
            // An .fvecs file has no row count: cut between rows it is a shorter file, and a good one.
            if format == .fvecs, length == whole.count / 2 { continue }
            #expect(throws: ClientError.self, "cut to \(length) bytes") { try Self.open(Array(whole[..<length]), format) }
        }
        #expect(throws: ClientError.self) { try Self.open(whole + [0], format) }
    }

    @Test(arguments: [
        "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 1048576), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 9223372036854775807), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, }",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<f4', 'shape': (2, 3), }",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } x",
        "", "{", "{}", "[]",
    ]) func refusesHostileHeaders(fields: String) {
        let bytes = FileBuilders.npy(fields: fields, data: FileBuilders.floats(Self.rows.flatMap { $0 }))
        #expect(throws: ClientError.self) { try Self.open(bytes, .npy) }
    }

    @Test func refusesHeadersThatClaimTooMuch() {
        var longHeader = Self.npy(version: 2)
        longHeader.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: ClientError.self) { try Self.open(longHeader, .npy) }
        for words: [UInt32] in [[0xFFFF_FFFF, 0xFFFF_FFFF], [2, 0], [3, 3], [0xFFFF_FFFF, 3]] {
            let bytes = words.flatMap { FileBuilders.little($0) } + FileBuilders.floats(Self.rows.flatMap { $0 })
            #expect(throws: ClientError.self) { try Self.open(bytes, .fbin) }
        }
        for dimension: UInt32 in [0, 0xFFFF_FFFF, 1 << 21] {
            #expect(throws: ClientError.self) { try Self.open(FileBuilders.little(dimension) + [UInt8](repeating: 0, count: 64), .fvecs) }
        }
    }

    @Test func namesTheRowOfAnOtherDimension() {
        var bytes = FileBuilders.fvecs(Self.rows)
        bytes[16] = 2
        #expect(throws: ClientError.file(path: "memory", problem: "row 2 claims dimension 2, the first row has 3")) { try Self.open(bytes, .fvecs) }
    }

    @Test(arguments: [11, 12, 13] as [UInt64]) func survivesFlippedBytes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let wholes: [([UInt8], EmbeddingFormat)] = [
            (Self.npy(), .npy), (FileBuilders.fvecs(Self.rows), .fvecs), (FileBuilders.fbin(Self.rows), .fbin),
        ]
        for _ in 0..<3_000 {
            var (bytes, format) = wholes.randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let file = try? Self.open(bytes, format) else { continue }
            // What is accepted must be readable to the last row.
            #expect(throws: Never.self) { try file.rows(0..<file.rowCount) }
        }
    }

    @Test func halvesWidenExactly() {
        #expect(ElementType.float(fromHalf: 0x0000) == 0)
        #expect(ElementType.float(fromHalf: 0x8000).sign == .minus)
        #expect(ElementType.float(fromHalf: 0x0001) == 0x1p-24)
        #expect(ElementType.float(fromHalf: 0x03FF) == 0x1p-24 * 1023)
        #expect(ElementType.float(fromHalf: 0x0400) == 0x1p-14)
        #expect(ElementType.float(fromHalf: 0x7BFF) == 65_504)
        #expect(ElementType.float(fromHalf: 0x7C00) == .infinity)
        #expect(ElementType.float(fromHalf: 0xFC00) == -.infinity)
        #expect(ElementType.float(fromHalf: 0x7E00).isNaN)
        #if !(os(macOS) && arch(x86_64))
        for bits in UInt16.min...UInt16.max {
            let expected = Float(Float16(bitPattern: bits))
            let found = ElementType.float(fromHalf: bits)
            #expect(found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN))
        }
        #endif
    }
}
