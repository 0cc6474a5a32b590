import Quantization
import VectorKernels

/// Where the parts of a node lie in its block: everything that a visit needs, in one piece of memory (Gou, Gao, Xu & Long, "SymphonyQG",
/// SIGMOD 2025, arXiv:2411.12229).
///
///     codes                the node's own vector, rotated, in 8 bits
///     values               scale, squared norm and extra coordinate of the codes (floats), and the target (u32)
///     links                numbers of the neighbours, u32
///     groups of 32 links   FastScan codes of the neighbours' residuals, then 32 factors and 32 offsets (floats)
struct GraphLayout: Equatable, Sendable {
    static let linksPerGroup = FastScan.rows
    /// Links per node, a multiple of `linksPerGroup`.
    let degree: Int
    /// Numbers in a rotated vector, a multiple of 64.
    let dimension: Int
    let valuesOffset: Int
    let linksOffset: Int
    let groupsOffset: Int
    let groupBytes: Int
    /// From one node to the next, a multiple of a cache line.
    let stride: Int

    init(degree: Int, dimension: Int) {
        precondition(degree % Self.linksPerGroup == 0 && dimension % RandomRotation.alignment == 0)
        self.degree = degree
        self.dimension = dimension
        groupBytes = dimension / FastScan.chunkDimensions * FastScan.chunkBytes + 2 * Self.linksPerGroup * MemoryLayout<Float>.size
        valuesOffset = dimension
        linksOffset = valuesOffset + MemoryLayout<NodeValues>.size
        // Codes that are looked up start at a cache line; a row's links end in the one before.
        groupsOffset = Self.roundUp(linksOffset + degree * MemoryLayout<UInt32>.size)
        stride = Self.roundUp(groupsOffset + degree / Self.linksPerGroup * groupBytes)
    }

    private static func roundUp(_ bytes: Int) -> Int { (bytes + IndexImage.alignment - 1) / IndexImage.alignment * IndexImage.alignment }

    var groups: Int { degree / Self.linksPerGroup }
    var chunks: Int { dimension / FastScan.chunkDimensions }
}

/// What belongs to a node's codes.
struct NodeValues: BitwiseCopyable {
    /// The number that one code step stands for.
    var scale: Float
    /// Of the vector that the codes stand for, extra coordinate included.
    var squaredNorm: Float
    var extra: Float
    /// In the lowest layer the node's row, above it the number of the same node in the layer below.
    var target: UInt32
}
