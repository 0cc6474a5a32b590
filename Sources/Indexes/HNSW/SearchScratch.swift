import Quantization
import Synchronization
import VectorKernels
import VectorModel

/// The memory of one search: the query in the forms that a walk needs, the beam, and which nodes were visited.
final class SearchScratch: @unchecked Sendable {
    // SAFETY: unchecked because of the pointers: one search at a time uses a scratch. Sizes are those of the index that made it.
    private let kernels = VectorKernels.active
    private let dimension: Int
    private let rotatedDimension: Int
    private let scaled: UnsafeMutablePointer<Float>
    private let rotated: UnsafeMutablePointer<Float>
    let codes: UnsafeMutablePointer<Int8>
    let table: UnsafeMutablePointer<UInt8>
    let estimates: UnsafeMutablePointer<Float>
    let masks: UnsafeMutablePointer<UInt32>
    /// One bit per node of the lowest layer; all zero between searches.
    let visited: UnsafeMutablePointer<UInt64>
    /// The nodes whose bits are set.
    private(set) var visits: UnsafeMutablePointer<UInt32>
    private(set) var visitCapacity = 1_024
    /// The beam: nodes by ascending estimate.
    private(set) var beam: UnsafeMutablePointer<BeamEntry>
    private var beamCapacity = 256
    /// What was measured, nearest first.
    private(set) var results: UnsafeMutablePointer<BeamEntry>
    private var resultCapacity = 64
    /// What a filtered walk may pass through.
    private(set) var bridges: UnsafeMutablePointer<BeamEntry>
    private(set) var bridgeCapacity = 256

    init(nodeCount: Int, dimension: Int, rotatedDimension: Int, degree: Int) {
        self.dimension = dimension
        self.rotatedDimension = rotatedDimension
        scaled = .allocate(capacity: dimension)
        rotated = .allocate(capacity: rotatedDimension)
        codes = UnsafeMutableRawPointer.allocate(byteCount: rotatedDimension, alignment: 64).bindMemory(to: Int8.self, capacity: rotatedDimension)
        let tableBytes = rotatedDimension / FastScan.chunkDimensions * FastScan.chunkBytes
        table = UnsafeMutableRawPointer.allocate(byteCount: tableBytes, alignment: 64).bindMemory(to: UInt8.self, capacity: tableBytes)
        estimates = .allocate(capacity: degree)
        masks = .allocate(capacity: degree / GraphLayout.linksPerGroup)
        let words = nodeCount / 64 + 1
        visited = .allocate(capacity: words)
        visited.initialize(repeating: 0, count: words)
        visits = .allocate(capacity: visitCapacity)
        beam = .allocate(capacity: beamCapacity)
        results = .allocate(capacity: resultCapacity)
        bridges = .allocate(capacity: bridgeCapacity)
    }

    deinit {
        scaled.deallocate()
        rotated.deallocate()
        codes.deallocate()
        table.deallocate()
        estimates.deallocate()
        masks.deallocate()
        visited.deallocate()
        visits.deallocate()
        beam.deallocate()
        results.deallocate()
        bridges.deallocate()
    }

    /// Brings a query into the space.
    func prepare(_ query: UnsafeBufferPointer<Float>, in space: IndexSpace) -> PreparedQuery {
        let reading = space.place(query: query.baseAddress!, scratch: scaled, into: rotated)
        let parameters = ScalarQuantizer8.encode(rotated, dimension: rotatedDimension, into: codes)
        let made = kernels.makeFastScanTable(of: rotated, chunks: rotatedDimension / FastScan.chunkDimensions, into: table)
        var sum = SIMD16<Float>.zero
        for start in stride(from: 0, to: rotatedDimension, by: 16) {
            sum += UnsafeRawPointer(rotated + start).loadUnaligned(as: SIMD16<Float>.self)
        }
        return PreparedQuery(
            reading: reading, scale: parameters.scale, squaredNorm: parameters.squaredNorm,
            codeOffset: kernels.codeOffset(query: codes, stride: rotatedDimension), step: 2 * made.step, shift: 2 * made.base - sum.sum())
    }

    /// Doubles the room for visits, which stay.
    func growVisits() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * visitCapacity)
        larger.update(from: visits, count: visitCapacity)
        visits.deallocate()
        visits = larger
        visitCapacity *= 2
    }

    /// Doubles the room for bridges, which stay.
    func growBridges() {
        let larger = UnsafeMutablePointer<BeamEntry>.allocate(capacity: 2 * bridgeCapacity)
        larger.update(from: bridges, count: bridgeCapacity)
        bridges.deallocate()
        bridges = larger
        bridgeCapacity *= 2
    }

    /// Makes room for a beam and for results. What they hold is lost.
    func reserve(ef: Int, wanted: Int) {
        if beamCapacity < ef {
            beam.deallocate()
            beamCapacity = ef
            beam = .allocate(capacity: ef)
        }
        if resultCapacity < wanted {
            results.deallocate()
            resultCapacity = wanted
            results = .allocate(capacity: wanted)
        }
    }
}

/// A query in the space of a graph, beside its codes and its table.
struct PreparedQuery {
    let reading: DistanceReading
    /// Of its 8-bit codes.
    let scale: Float
    let squaredNorm: Float
    let codeOffset: Int32
    /// How a sum of table entries becomes ⟨y, q⟩ of a neighbour's code y: step · sum + shift.
    let step: Float
    let shift: Float
}

/// Scratch memory that searches leave for the next ones.
final class ScratchPool: Sendable {
    private let nodeCount: Int
    private let dimension: Int
    private let rotatedDimension: Int
    private let degree: Int
    private let free = Mutex<[SearchScratch]>([])

    init(nodeCount: Int, dimension: Int, rotatedDimension: Int, degree: Int) {
        self.nodeCount = nodeCount
        self.dimension = dimension
        self.rotatedDimension = rotatedDimension
        self.degree = degree
    }

    func take() -> SearchScratch {
        free.withLock { $0.popLast() }
            ?? SearchScratch(nodeCount: nodeCount, dimension: dimension, rotatedDimension: rotatedDimension, degree: degree)
    }

    func putBack(_ scratch: SearchScratch) {
        free.withLock { $0.append(scratch) }
    }
}
