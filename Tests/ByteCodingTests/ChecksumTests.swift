import ByteCoding
import TestSupport
import Testing

@Suite struct ChecksumTests {
    /// The vectors of RFC 3720, appendix B.4, and the check value of the CRC catalogues.
    @Test(arguments: [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ] as [([UInt8], UInt32)])
    func knownVectors(_ bytes: [UInt8], _ expected: UInt32) {
        bytes.withUnsafeBytes { bytes in
            #expect(crc32c(bytes) == expected)
            #expect(crc32cPortable(extending: 0, with: bytes) == expected)
        }
    }

    @Test func everyLengthAndAlignmentAgreesWithTheTables() {
        var random = SeededGenerator(seed: 1)
        let bytes = (0..<300).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes.withUnsafeBytes { bytes in
            for start in 0..<16 {
                for end in start...bytes.count {
                    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    #expect(crc32c(extending: 0x1234_5678, with: part) == crc32cPortable(extending: 0x1234_5678, with: part))
                }
            }
        }
    }

    @Test func extendingEqualsTheWhole() {
        let bytes = Array("a log frame in two parts".utf8)
        bytes.withUnsafeBytes { bytes in
            for cut in 0...bytes.count {
                let first = crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<cut]))
                #expect(crc32c(extending: first, with: UnsafeRawBufferPointer(rebasing: bytes[cut...])) == crc32c(bytes))
            }
        }
    }
}
