import ByteCoding

/// What the image of every text index begins with: `u32` magic, `u32` version, `u32` rows of the part.
struct TextImageHead {
    /// For messages: `term index`.
    let name: String
    let magic: UInt32
    let version: UInt32
    /// The length of the whole header, of which these are the first 12 bytes.
    let headerBytes: Int

    func append(to writer: inout ByteWriter, rowCount: Int) {
        writer.append(magic)
        writer.append(version)
        writer.append(UInt32(rowCount))
    }

    /// Throws unless the bytes are an image of this kind about so many rows, and hold a whole header.
    func check(_ bytes: UnsafeRawBufferPointer, rowCount: Int) throws(TextImageDamage) {
        guard bytes.count >= headerBytes else { throw TextImageDamage(offset: 0, "shorter than a header") }
        guard bytes.integer(at: 0) == magic else { throw TextImageDamage(offset: 0, "no \(name)") }
        let (version, rows): (UInt32, UInt32) = (bytes.integer(at: 4), bytes.integer(at: 8))
        guard version == self.version else { throw TextImageDamage(offset: 4, "version \(version)") }
        guard Int(rows) == rowCount else { throw TextImageDamage(offset: 8, "\(rows) rows instead of \(rowCount)") }
    }
}
