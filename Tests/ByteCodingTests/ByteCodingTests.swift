import ByteCoding
import TestSupport
import Testing

/// Writing and reading back, and every way in which the bytes can be wrong.
@Suite struct ByteCodingTests {
    /// One value of every kind, as the engine would write a record.
    private struct Sample: Equatable {
        var byte: UInt8
        var short: UInt16
        var word: UInt32
        var long: Int64
        var varint: UInt64
        var signed: Int64
        var float: Float
        var double: Double
        var text: String
        var floats: [Float]
        var raw: [UInt8]

        func encoded() -> ByteBlock {
            var writer = ByteWriter(capacity: 0)
            writer.append(byte)
            writer.append(short)
            writer.append(word)
            writer.append(long)
            writer.appendVarint(varint)
            writer.appendSignedVarint(signed)
            writer.append(float)
            writer.append(double)
            writer.append(lengthPrefixed: text)
            writer.appendVarint(UInt64(floats.count))
            writer.append(contentsOf: floats)
            raw.withUnsafeBytes { writer.append(lengthPrefixed: $0) }
            return writer.finish()
        }

        init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
            var reader = ByteReader(bytes)
            byte = try reader.read()
            short = try reader.read()
            word = try reader.read()
            long = try reader.read()
            varint = try reader.readVarint()
            signed = try reader.readSignedVarint()
            float = try reader.readFloat()
            double = try reader.readDouble()
            text = try reader.readString()
            floats = try reader.readFloats(try reader.readCount(elementBytesMin: 4))
            raw = Array(try reader.readLengthPrefixedBytes())
            try reader.finish()
        }

        init(using random: inout some RandomNumberGenerator) {
            byte = .random(in: .min ... .max, using: &random)
            short = .random(in: .min ... .max, using: &random)
            word = .random(in: .min ... .max, using: &random)
            long = .random(in: .min ... .max, using: &random)
            varint = .random(in: .min ... .max, using: &random) >> UInt64.random(in: 0...63, using: &random)
            signed = .random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random)
            float = .random(in: -1e30...1e30, using: &random)
            double = .random(in: -1e300...1e300, using: &random)
            text = String((0..<Int.random(in: 0...40, using: &random)).map { _ in "aé漢🎵\0".randomElement(using: &random)! })
            floats = (0..<Int.random(in: 0...20, using: &random)).map { _ in .random(in: -1...1, using: &random) }
            raw = (0..<Int.random(in: 0...200, using: &random)).map { _ in .random(in: .min ... .max, using: &random) }
        }
    }

    @Test func randomValuesComeBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let sample = Sample(using: &random)
            let decoded = try sample.encoded().withUnsafeBytes { (bytes) throws(DecodingFailure) in try Sample(decoding: bytes) }
            #expect(decoded == sample, "seed \(seed)")
        }
    }

    @Test func everyTruncationThrows() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            Sample(using: &random).encoded().withUnsafeBytes { bytes in
                for count in 0..<bytes.count {
                    #expect(throws: DecodingFailure.self, "seed \(seed), \(count) bytes") {
                        try Sample(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                    }
                }
            }
        }
    }

    @Test func randomBytesNeverTrap() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        var decoded = 0
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            if (try? bytes.withUnsafeBytes { try Sample(decoding: $0) }) != nil { decoded += 1 }
        }
        #expect(decoded < 5000)
    }

    @Test(arguments: [
        (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (16383, [0xFF, 0x7F]), (16384, [0x80, 0x80, 1]),
        (UInt64.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
    ] as [(UInt64, [UInt8])])
    func varintsHaveOneEncoding(_ value: UInt64, _ expected: [UInt8]) throws {
        var writer = ByteWriter()
        writer.appendVarint(value)
        #expect(writer.withUnsafeBytes { Array($0) } == expected)
        let decoded = try expected.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            defer { #expect(reader.remaining == 0) }
            return try reader.readVarint()
        }
        #expect(decoded == value)
    }

    @Test(arguments: [
        [0x80, 0], [0xFF, 0x80, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0],
    ] as [[UInt8]])
    func malformedVarintsAreRefused(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(throws: DecodingFailure(offset: 0, reason: .malformedVarint)) { try reader.readVarint() }
            #expect(reader.offset == 0)
        }
    }

    @Test(arguments: [0, -1, 1, -64, 64, .max, .min] as [Int64])
    func signedVarints(_ value: Int64) throws {
        var writer = ByteWriter()
        writer.appendSignedVarint(value)
        #expect((-64..<64).contains(value) == (writer.count == 1))
        let decoded = try writer.finish().withUnsafeBytes { (bytes) throws(DecodingFailure) in
            var reader = ByteReader(bytes)
            return try reader.readSignedVarint()
        }
        #expect(decoded == value)
    }

    @Test func liesAboutLengthsAreRefusedBeforeAllocating() {
        var writer = ByteWriter()
        writer.appendVarint(1 << 60)
        writer.append(UInt64(0))
        writer.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let limit = reader.remaining - 9
            #expect(throws: DecodingFailure(offset: 0, reason: .lengthOutOfBounds(length: 1 << 60, limit: limit))) { try reader.readString() }
            #expect(throws: DecodingFailure.self) { try reader.readCount(elementBytesMin: 4) }
            #expect(throws: DecodingFailure.self) { try reader.readFloats(.max) }
            #expect(throws: DecodingFailure.self) { try reader.readFloats(-1) }
            #expect(throws: DecodingFailure.self) { try reader.readBytes(-1) }
            #expect(reader.offset == 0)
        }
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE6, 0xBC]] as [[UInt8]])
    func textThatIsNotUTF8IsRefused(_ utf8: [UInt8]) {
        var writer = ByteWriter()
        utf8.withUnsafeBytes { writer.append(lengthPrefixed: $0) }
        writer.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(throws: DecodingFailure(offset: 0, reason: .invalidUTF8)) { try reader.readString() }
        }
    }

    @Test func blocksArePaddedWithZeros() {
        for count in 0..<40 {
            var writer = ByteWriter(capacity: 3)
            for _ in 0..<count { writer.append(UInt8(0xFF)) }
            let block = writer.finish()
            #expect(block.count == count && block.paddedCount % 8 == 0 && block.paddedCount - count < 8)
            block.withUnsafePaddedBytes { padded in
                #expect(Array(padded) == [UInt8](repeating: 0xFF, count: count) + [UInt8](repeating: 0, count: block.paddedCount - count))
            }
        }
    }

    @Test func overwritingChangesOnlyItsPlace() {
        var writer = ByteWriter()
        writer.append(UInt32(0))
        writer.append(UInt32(7))
        writer.overwrite(UInt32(0x0403_0201), at: 0)
        #expect(writer.withUnsafeBytes { Array($0) } == [1, 2, 3, 4, 7, 0, 0, 0])
    }
}
