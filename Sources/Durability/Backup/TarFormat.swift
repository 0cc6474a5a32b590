/// The layout of an archive: POSIX ustar (IEEE Std 1003.1-1988), so that every `tar` lists and unpacks it. Normative text of what we add:
/// `storage-format.md`, "Archives".
package enum TarFormat {
    /// Headers and contents begin at multiples of this.
    package static let blockBytes = 512

    /// Zero blocks at the end.
    package static let endBytes = 2 * blockBytes

    /// The last member: the checksums of all others, and of itself.
    package static let checksumsName = "CHECKSUMS"

    /// How long the member of checksums may be, which is read whole.
    package static let checksumsBytesMax = 1 << 30

    /// The largest size that a header says in octal digits; larger ones are in base 256, as GNU and POSIX tar read it.
    package static let octalSizeMax = (1 << 33) - 1

    /// The fields of a header; the raw value is the offset in bytes.
    package enum HeaderField: Int, CaseIterable {
        case name = 0
        case mode = 100
        case uid = 108
        case gid = 116
        case size = 124
        case mtime = 136
        case chksum = 148
        case typeflag = 156
        case linkname = 157
        case magic = 257
        case version = 263
        case uname = 265
        case gname = 297
        case devmajor = 329
        case devminor = 337
        case prefix = 345

        var bytes: Int {
            let next = Self.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0
            // Behind the prefix are 12 bytes that nobody uses.
            return (next < Self.allCases.count ? Self.allCases[next].rawValue : 500) - rawValue
        }
    }

    package static func paddedBytes(_ count: Int) -> Int {
        (count + blockBytes - 1) & ~(blockBytes - 1)
    }

    /// Whether a member may have this name: relative, without empty parts, `.` and `..`, without control characters, so that unpacking it stays
    /// inside the directory, and short enough for a header.
    package static func isUsable(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else { return false }
        return name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" } && split(name) != nil
    }

    /// The name's parts for the fields `prefix` and `name`: divided at the first slash that leaves a name of at most 100 bytes.
    static func split(_ name: String) -> (prefix: [UInt8], name: [UInt8])? {
        let bytes = Array(name.utf8)
        if bytes.count <= HeaderField.name.bytes { return ([], bytes) }
        guard let slash = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "/") && bytes.count - $0 - 1 <= HeaderField.name.bytes }),
            slash <= HeaderField.prefix.bytes
        else { return nil }
        return (Array(bytes[..<slash]), Array(bytes[(slash + 1)...]))
    }
}
