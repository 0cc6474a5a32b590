import ByteCoding
import FileIO
import Filtering
import Indexes
import TextSearch

/// A segment's lookup file that was found, of which only the header was looked at. Its content are sections, each of them an index for filters.
struct LookupFile {
    private let segment: Segment
    private let file: DerivedFile<LookupFileHeader>

    /// The length of the file.
    var byteCount: Int { file.byteCount }
    /// See `LookupFileHeader`.
    var analysis: UInt32 { file.header.analysis }

    /// Reads the header of a segment's lookup file; `nil` if there is none. See `DerivedFile`.
    init?(of segment: Segment) throws(IndexLoadError) {
        guard let file = try DerivedFile<LookupFileHeader>(segment.lookupPath, of: segment) else { return nil }
        (self.segment, self.file) = (segment, file)
    }

    /// Checks every byte of the file, and opens the sections, which check what they are led by. See `DerivedFile`.
    func load(pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) -> SegmentLookup {
        try file.load(readAs: .normal, pace: pace) { content, owner throws(IndexLoadError) in try open(content, owner) }
    }

    private func open(_ content: UnsafeRawBufferPointer, _ owner: any Sendable) throws(IndexLoadError) -> SegmentLookup {
        func bytes(_ section: LookupSection) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: content[file.header[section]]) }
        func text(_ section: LookupSection) -> TextImage? {
            file.header[section].isEmpty ? nil : TextImage(borrowing: bytes(section), owner: owner)
        }
        let (rowCount, columnCount) = (segment.rowCount, segment.layout[.columns].count)
        let columns: ColumnIndex
        do throws(ColumnIndexDamage) {
            columns = try ColumnIndex(bytes(.columns), owner: owner, rowCount: rowCount, columnCount: columnCount)
        } catch { throw damage(.columns, error.offset, error.reason) }
        var trigrams: TrigramIndex?
        do throws(TextImageDamage) {
            if let image = text(.trigrams) { trigrams = try TrigramIndex(image, rowCount: rowCount) }
        } catch { throw damage(.trigrams, error.offset, error.reason) }
        var terms: TermIndex?
        do throws(TextImageDamage) {
            if let image = text(.terms) { terms = try TermIndex(image, rowCount: rowCount) }
        } catch { throw damage(.terms, error.offset, error.reason) }
        guard analysis == terms?.analysis.checksum ?? 0 else { throw damage(.terms, 0, "an analysis that the header does not tell") }
        do throws(IndexImageDamage) {
            let sparse = try SparseLookup(bytes(.sparse), owner: owner, rowCount: rowCount, columnCount: columnCount)
            return SegmentLookup(columns: columns, trigrams: trigrams, terms: terms, sparse: sparse, byteCount: byteCount)
        } catch { throw damage(.sparse, error.offset, error.reason) }
    }

    private func damage(_ section: LookupSection, _ offset: Int, _ reason: String) -> IndexLoadError {
        file.damage(
            "section \(section)", at: DerivedFileFormat.contentOffset + file.header[section].lowerBound + offset,
            expected: "an index of the segment's rows", found: reason)
    }
}
