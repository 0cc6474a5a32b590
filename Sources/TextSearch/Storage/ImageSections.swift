import ByteCoding

/// Where the sections of an image begin: one after the other, each at a multiple of 8.
struct ImageSections {
    private(set) var end: Int
    /// What lies between the sections, and is zero.
    private(set) var gaps: [Range<Int>] = []

    init(headerBytes: Int) {
        end = headerBytes
    }

    /// Places the next section and returns where it begins.
    /// - Throws: when the image cannot be that long, so that no later sum overflows.
    mutating func place(count: UInt64, elementBytes: Int) throws(TextImageDamage) -> Int {
        let limit = 1 << 46
        guard count <= UInt64(limit / elementBytes), end + Int(count) * elementBytes <= limit else {
            throw TextImageDamage(offset: 0, "a section of \(count) elements")
        }
        let start = end
        let used = start + Int(count) * elementBytes
        end = (used + 7) & ~7
        if end > used { gaps.append(used..<end) }
        return start
    }
}

extension UnsafeRawBufferPointer {
    /// Throws unless the sections end where the image does, and everything between them is zero.
    func check(_ sections: ImageSections) throws(TextImageDamage) {
        guard sections.end == count else { throw TextImageDamage(offset: 0, "\(count) bytes instead of \(sections.end)") }
        for gap in sections.gaps where !self[gap].allSatisfy({ $0 == 0 }) {
            throw TextImageDamage(offset: gap.lowerBound, "bytes between sections are not zero")
        }
    }
}

extension ByteWriter {
    /// Appends zeros until the next section may begin.
    mutating func alignSection() {
        appendZeros(-count & 7)
    }
}

/// Numbers of one section, at any address.
struct PackedNumbers<Number: FixedWidthInteger & BitwiseCopyable>: @unchecked Sendable {
    // SAFETY: the section lies inside the image, which whoever holds this value holds too; `index` is below the section's count.
    private let base: UnsafeRawPointer

    init(_ image: UnsafeRawBufferPointer, at offset: Int) {
        base = image.baseAddress! + offset
    }

    @inline(__always)
    subscript(index: Int) -> Number {
        base.loadUnaligned(fromByteOffset: index * MemoryLayout<Number>.size, as: Number.self)
    }
}
