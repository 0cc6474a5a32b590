import ByteCoding
import Durability
import Segments
import TestSupport

/// Damage whose checksums fit: what a build that ignores checksums would take for sound.
enum DamageForgery: CaseIterable {
    case logRecord
    case manifest
    case segment

    /// A file of this kind, and the places in it to damage.
    func target(in disk: SimulatedFileSystem) -> (path: String, places: Range<Int>)? {
        let paths = disk.paths
        switch self {
        case .logRecord:
            // The last record is in no segment yet. A compressed one would seldom be another one after a flipped bit.
            guard let path = paths.last(where: { $0.hasSuffix(".wal") && !Self.plainRecords(disk.contents($0)).isEmpty }),
                let record = Self.plainRecords(disk.contents(path)).last
            else { return nil }
            return (path, record)
        case .manifest:
            guard let path = paths.last(where: { $0.hasSuffix("/MANIFEST") }) else { return nil }
            return (path, CheckedFileFormat.headerBytes..<disk.contents(path).count)
        case .segment:
            guard let path = paths.last(where: { $0.hasSuffix(".segment") }) else { return nil }
            // Vectors begin at the first page.
            return (path, SegmentFormat.vectorAlignment..<SegmentFormat.vectorAlignment + 64)
        }
    }

    /// Damages one byte of a file and makes every checksum over it fit.
    func damage(_ disk: SimulatedFileSystem, _ path: String, at place: Int) throws {
        var bytes = disk.contents(path)
        bytes[place] ^= 0x10
        switch self {
        case .logRecord: mendFrame(&bytes, at: place)
        case .manifest: mendCheckedFile(&bytes)
        case .segment: try mendManifest(disk, path, checksum: mendSegment(&bytes, at: place))
        }
        disk.replaceContents(path, with: bytes)
    }

    /// Where the payloads of the records of a log file are that are stored as they were written, and are batches rather than small changes.
    private static func plainRecords(_ bytes: [UInt8]) -> [Range<Int>] {
        var records: [Range<Int>] = []
        var frame = LogFormat.fileHeaderBytes
        while frame + LogFormat.frameHeaderBytes <= bytes.count {
            let kind = LogFormat.FrameKind(rawValue: bytes[frame + LogFormat.FrameField.kind.rawValue])
            guard kind == .record else { break }
            let stored = Int(bytes.u32(frame + LogFormat.FrameField.storedLength.rawValue))
            let payload = frame + LogFormat.frameHeaderBytes
            let isPlain = bytes[frame + LogFormat.FrameField.compression.rawValue] == LogFormat.Compression.none.rawValue
            if isPlain, stored > 100 { records.append(payload..<payload + stored) }
            frame = payload + LogFormat.paddedBytes(stored)
        }
        return records
    }

    private func mendFrame(_ bytes: inout [UInt8], at place: Int) {
        guard let record = Self.plainRecords(bytes).first(where: { $0.contains(place) }) else { return }
        let (payload, stored) = (record.lowerBound, record.count)
        let frame = payload - LogFormat.frameHeaderBytes
        bytes.set(crc(bytes[payload..<payload + LogFormat.paddedBytes(stored)]), at: frame + LogFormat.FrameField.payloadChecksum.rawValue)
        let salt = bytes[LogFormat.FileHeaderField.salt.rawValue..<LogFormat.FileHeaderField.salt.rawValue + 8]
        let place = (0..<8).map { UInt8(truncatingIfNeeded: frame >> (8 * $0)) }
        bytes.set(crc(salt + place + bytes[frame + LogFormat.FrameField.payloadChecksum.rawValue..<payload]), at: frame)
    }

    private func mendCheckedFile(_ bytes: inout [UInt8]) {
        bytes.set(crc(bytes[CheckedFileFormat.headerBytes...]), at: CheckedFileFormat.HeaderField.payloadChecksum.rawValue)
        let end = CheckedFileFormat.HeaderField.headerChecksum.rawValue
        bytes.set(crc(bytes[..<end]), at: end)
    }

    /// Returns the new checksum of the trailer.
    private func mendSegment(_ bytes: inout [UInt8], at place: Int) -> UInt32 {
        let trailer = bytes.count - SegmentFormat.trailerBytes
        func field(_ field: SegmentFormat.TrailerField) -> Int { trailer + field.rawValue }
        let table = Int(bytes.u32(field(.checksumTableOffset)))
        let sections = Int(bytes.u32(field(.sectionTableOffset)))
        let block = place / SegmentFormat.blockBytes
        let start = block * SegmentFormat.blockBytes
        bytes.set(crc(bytes[start..<min(table, start + SegmentFormat.blockBytes)]), at: table + 4 * block)
        bytes.set(crc(bytes[table..<sections]), at: field(.checksumTableChecksum))
        let checksum = crc(bytes[trailer..<field(.checksum)])
        bytes.set(checksum, at: field(.checksum))
        return checksum
    }

    private func mendManifest(_ disk: SimulatedFileSystem, _ segmentPath: String, checksum: UInt32) throws {
        let name = segmentPath.split(separator: "/").last.map(String.init) ?? ""
        let path = String(segmentPath.dropLast(name.count)) + CollectionManifest.fileName
        guard var manifest = try CollectionManifest.read(path, disk) else { return }
        for place in manifest.segments.indices where SegmentFormat.fileName(manifest.segments[place].number) == name {
            manifest.segments[place].checksum = checksum
        }
        try manifest.write(to: path, disk, createdWith: "")
    }
}

private func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
    Array(bytes).withUnsafeBytes { crc32c($0) }
}

extension [UInt8] {
    fileprivate func u32(_ place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[place + $1]) << (8 * UInt32($1)) }
    }

    fileprivate mutating func set(_ value: UInt32, at place: Int) {
        for byte in 0..<4 { self[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    }
}
