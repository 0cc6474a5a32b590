public import VectorModel
import Quantization
import VectorKernels

/// Rows in lists around trained centres (an inverted file): a search looks only into the lists whose centres are nearest to the query.
///
/// A row lies in the list of its nearest centre and, as a reference, in a second one (SOAR). In the lists, rows have 1-bit codes, 32 to a block
/// (`RaBitQ`, FastScan); those whose estimate may be good enough by its error are looked at again by 4-bit codes, kept once for each row.
/// So beside the vectors a row of D dimensions takes about 3D/4 + 50 bytes.
///
/// Invariants, checked by `init(_:ordinalBound:)`: sections lie within the image; list starts ascend; rows and lists are named by numbers that exist;
/// ordinals are below the bound. Codes and floats may be anything: they can make answers bad, but no search read elsewhere.
///
/// Sivic, Zisserman, "Video Google", ICCV 2003; Jégou, Douze, Schmid, TPAMI 2011, doi:10.1109/TPAMI.2010.57.
public struct IVFIndex: VectorIndex {
    public static let kind = IndexKind.ivf
    /// Rows have 4-bit codes, whose errors move them a little further than those of 8 bits.
    public static func proposalCount(k: Int) -> Int { k + 4 + k / 4 }

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
    var listStarts: UnsafePointer<UInt32> { section(layout.listStarts) }
    var listBlocks: UnsafePointer<UInt8> { section(layout.listBlocks) }
    var rowCodes: UnsafePointer<UInt8> { section(layout.rowCodes) }
    var ordinals: UnsafePointer<UInt32> { section(layout.ordinals) }

    /// Bytes from one block of a list to the next.
    var listBlockBytes: Int { IVFLayout.listBlockBytes(layout.rotatedDimension) }
    var rowBytes: Int { IVFLayout.rowBytes(layout.rotatedDimension) }

    /// The numbers of a block's rows.
    @inline(__always)
    func slots(ofBlock block: Int) -> UnsafePointer<UInt32> {
        UnsafeRawPointer(listBlocks + (block + 1) * listBlockBytes - 4 * FastScan.rows).assumingMemoryBound(to: UInt32.self)
    }

    private func section<Element>(_ offset: Int) -> UnsafePointer<Element> {
        (base + offset).assumingMemoryBound(to: Element.self)
    }
}
