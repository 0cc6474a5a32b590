public import VectorModel
import Quantization
import VectorKernels

/// Rows in lists around trained centres (an inverted file): a search looks only into the lists whose centres are nearest to the query.
///
/// A row lies in the list of its nearest centre and, near a border, as a reference in a second one (SOAR). In the lists, rows have 1-bit codes, 32 to
/// a block (`RaBitQ`, FastScan); those whose estimate may be good enough by its error are looked at again by codes of two or four bits, kept once for
/// each row. So beside the vectors a row of D dimensions takes about D/2 + 32 bytes, and of at most 256 dimensions 3D/4 + 32.
///
/// Invariants, checked by `init(_:ordinalBound:)`: sections lie within the image; list starts ascend, and lists have as many blocks as their entries
/// fill; references name rows and lists that exist; ordinals are below the bound. Codes and floats may be anything: they can make answers bad, but no
/// search read elsewhere.
///
/// Sivic, Zisserman, "Video Google", ICCV 2003; Jégou, Douze, Schmid, TPAMI 2011, doi:10.1109/TPAMI.2010.57.
public struct IVFIndex: VectorIndex {
    public static let kind = IndexKind.ivf
    /// Codes of two bits move rows further than those of 8 bits.
    public static func proposalCount(k: Int) -> Int { k + 6 + k * 4 / 5 }

    public let image: IndexImage
    let view: IVFView
    /// Memory of earlier searches.
    let scans = ScanPool()

    public var rowCount: Int { view.layout.rows }
    public var dimension: Int { view.space.dimension }
    public var metric: Metric { view.space.metric }
    public var byteCount: Int { image.bytes.count }

    /// The number of lists; 0 without rows.
    public var nlist: Int { view.layout.lists }

    /// Takes an image as a builder wrote it or as a file has it.
    ///
    /// - Parameter ordinalBound: every ordinal in the image must be below it.
    /// - Throws: when anything is not as a builder would have written it and could lead a search astray. Cost: one pass over the numbers in the image.
    public init(_ image: IndexImage, ordinalBound: Int) throws(IndexImageDamage) {
        view = try IVFView(checking: image.bytes, ordinalBound: ordinalBound)
        self.image = image
    }
}

/// What belongs to one list.
struct ListExtent {
    let blocks: Range<Int>
    /// The slots of its own rows, which are its first entries.
    let slots: Range<Int>
    /// Its other entries.
    let references: Range<Int>

    init(_ start: ListStart, _ end: ListStart) {
        blocks = Int(start.block)..<Int(end.block)
        slots = Int(start.slot)..<Int(end.slot)
        references = Int(start.reference)..<Int(end.reference)
    }

    var entryCount: Int { slots.count + references.count }
}

/// An image's header and sections. The image must stay where it is.
struct IVFView: Sendable {
    let layout: IVFLayout
    let space: IndexSpace
    /// The mean of 1 − cos² between rows and their 1-bit codes.
    let spread: Float

    // SAFETY: within the image's bytes by `layout`, which was checked against their number. Only read.
    nonisolated(unsafe) let base: UnsafeRawPointer

    var mean: UnsafePointer<Float> { section(layout.mean) }
    var centroids: CentroidTable {
        CentroidTable(
            count: layout.lists, dimension: layout.rotatedDimension, codes: section(layout.centroidCodes),
            parameters: section(layout.centroidParameters), blocks: section(layout.centroidBlocks))
    }
    var listStarts: UnsafePointer<ListStart> { section(layout.listStarts) }
    var listReferences: UnsafePointer<ListReference> { section(layout.listReferences) }
    var listBlocks: UnsafePointer<UInt8> { section(layout.listBlocks) }
    var rowCodes: UnsafePointer<UInt8> { section(layout.rowCodes) }
    var ordinals: UnsafePointer<UInt32> { section(layout.ordinals) }

    func extent(_ list: Int) -> ListExtent { ListExtent(listStarts[list], listStarts[list + 1]) }

    private func section<Element>(_ offset: Int) -> UnsafePointer<Element> {
        (base + offset).assumingMemoryBound(to: Element.self)
    }
}
