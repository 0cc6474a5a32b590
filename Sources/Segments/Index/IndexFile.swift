import ByteCoding
import FileIO
import Indexes

/// An index file of a segment that was found, of which only the header was looked at. Its content is the image of an index.
struct IndexFile {
    private let segment: Segment
    private let file: DerivedFile<IndexFileHeader>

    var header: IndexFileHeader { file.header }
    /// The length of the file.
    var byteCount: Int { file.byteCount }

    /// Reads the header of the index file of one kind; `nil` if there is no such file. See `DerivedFile`.
    init?(of segment: Segment, _ kind: IndexKind) throws(IndexLoadError) {
        guard let file = try DerivedFile<IndexFileHeader>(segment.indexPath(kind), of: segment) else { return nil }
        (self.segment, self.file) = (segment, file)
        guard header.parameters.kind == kind else {
            throw file.damage(
                "header, kind", at: IndexFileFormat.HeaderField.kind.rawValue, expected: "\(kind)", found: "\(header.parameters.kind)")
        }
    }

    /// Checks every byte of the file, and the structure: after this no byte of it can make a search read outside. See `DerivedFile`.
    func load(pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) -> SegmentIndex {
        try file.load(readAs: .random, pace: pace) { content, owner throws(IndexLoadError) in
            SegmentIndex(try open(IndexImage(borrowing: content, owner: owner)), header.summary, seed: header.seed)
        }
    }

    private func open(_ image: IndexImage) throws(IndexLoadError) -> SegmentIndex.Kind {
        do throws(IndexImageDamage) {
            let kind: SegmentIndex.Kind = switch header.parameters {
            case .hnsw: .hnsw(try HNSWIndex(image, ordinalBound: segment.rowCount))
            case .ivf: .ivf(try IVFIndex(image, ordinalBound: segment.rowCount))
            }
            let (rowCount, dimension, metric) = kind.shape
            guard rowCount == header.rowCount, dimension == segment.dimension, metric == segment.metric else {
                throw IndexImageDamage(offset: 0, reason: "an index of \(rowCount) rows of \(dimension) numbers and metric \(metric)")
            }
            return kind
        } catch {
            throw file.damage(
                "image", at: DerivedFileFormat.contentOffset + error.offset, expected: "an index as the header describes it", found: error.reason)
        }
    }
}
