import ByteCoding
import TestSupport
import TextSearch

extension TextImage {
    /// A copy of `bytes` in memory that ends where they do, so that an address sanitizer sees each read outside.
    static func copying(_ bytes: [UInt8]) -> TextImage {
        var writer = ByteWriter(capacity: bytes.count)
        bytes.withUnsafeBytes { writer.append(contentsOf: $0) }
        return TextImage(writer.finish())
    }
}

extension [UInt8] {
    /// Some bytes changed at random places.
    func damaged(_ generator: inout SeededGenerator) -> [UInt8] {
        var damaged = self
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let offset = Int.random(in: 0..<count, using: &generator)
            for place in offset..<Swift.min(count, offset + Int.random(in: 1...8, using: &generator)) {
                damaged[place] = generator.chance(percent: 30) ? 0xFF : UInt8.random(in: 0...255, using: &generator)
            }
        }
        return damaged
    }
}
