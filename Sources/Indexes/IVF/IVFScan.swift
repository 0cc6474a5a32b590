import Quantization
import VectorKernels
import VectorModel

/// The memory of one search through an index, and the query in the forms that codes are compared with. Used for one query after the other.
final class IVFScan {
    private let view: IVFView
    private let kernels: VectorKernels
    private let centroids: CentroidTable
    private let query: RotatedVector
    private let lists: ListOrder

    // SAFETY: allocated in `init`, freed in `deinit`: room for a query, and for the rows of `batchBlocks` blocks.
    private let placed: UnsafeMutablePointer<Float>
    private let estimates: UnsafeMutablePointer<Float>
    private let masks: UnsafeMutablePointer<UInt32>
    /// The rows that were selected, and their estimates.
    private let selected: UnsafeMutablePointer<UInt32>
    private let selectedEstimates: UnsafeMutablePointer<Float>
    private let promising: UnsafeMutablePointer<UInt32>
    private let products: UnsafeMutablePointer<Int32>

    /// How many standard errors an estimate by 1-bit codes may be off before a row is missed; 1.9 in the paper. Measured, 1.2 loses 0.0001 of the
    /// recall of 2 and saves an eighth of the second looks.
    private static let errorsAllowed: Float = 1.6
    /// Blocks scanned at once; the threshold falls in between.
    private static let batchBlocks = 16

    init(_ view: IVFView, _ kernels: VectorKernels) {
        self.view = view
        self.kernels = kernels
        centroids = view.centroids
        query = RotatedVector(dimension: view.layout.rotatedDimension)
        lists = ListOrder(view.layout.lists)
        let rows = Self.batchBlocks * FastScan.rows
        placed = .allocate(capacity: view.space.dimension)
        estimates = .allocate(capacity: rows)
        masks = .allocate(capacity: Self.batchBlocks)
        selected = .allocate(capacity: rows)
        selectedEstimates = .allocate(capacity: rows)
        promising = .allocate(capacity: rows)
        products = .allocate(capacity: rows)
    }

    deinit {
        placed.deallocate()
        estimates.deallocate()
        masks.deallocate()
        selected.deallocate()
        selectedEstimates.deallocate()
        promising.deallocate()
        products.deallocate()
    }

    /// Takes the next query; returns how the squared distances to it are read.
    func begin(_ values: UnsafePointer<Float>) -> DistanceReading {
        let reading = view.space.place(query: values, scratch: placed, into: query.values)
        VectorArithmetic.subtract(view.mean, from: query.values, count: query.dimension)
        query.prepareScan(kernels)
        query.prepareCodes()
        lists.begin()
        return reading
    }

    /// The lists nearest to the query; those that an earlier call returned come first again, in the same order.
    func nearestLists(_ count: Int) -> UnsafeBufferPointer<UInt32> {
        lists.extend(to: count, query, centroids, kernels)
    }

    /// Scans a list, and looks at those rows again that may be among the nearest.
    func visit(_ list: Int, _ accepted: borrowing OrdinalSet?, _ nearest: inout NearestSlots) {
        let squaredDistance = lists.squaredDistance(list, query, centroids, kernels)
        let (first, end) = (Int(view.listStarts[list]), Int(view.listStarts[list + 1]))
        for block in stride(from: first, to: end, by: Self.batchBlocks) {
            let count = select(block..<min(end, block + Self.batchBlocks), squaredDistance, accepted, nearest.threshold)
            if nearest.isFull || count <= nearest.capacity {
                lookAgain(selected, count, &nearest)
            } else {
                lookAtBestFirst(count, squaredDistance, &nearest)
            }
        }
    }

    /// Collects the accepted rows whose estimates may be below the threshold, and returns how many they are.
    private func select(_ blocks: Range<Int>, _ squaredDistance: Float, _ accepted: borrowing OrdinalSet?, _ threshold: Float) -> Int {
        let error = 0.5 * Self.errorsAllowed * (squaredDistance * view.spread).squareRoot()
        let how = FastScanEstimate(
            step: query.scale.step, shift: query.scale.base - 0.5 * query.total + error, threshold: threshold - squaredDistance)
        kernels.fastScanSelect(
            codes: view.listBlocks + blocks.lowerBound * view.listBlockBytes, stride: view.listBlockBytes, blocks: blocks.count, table: query.table,
            chunks: query.chunks, how, estimates: estimates, masks: masks)
        var count = 0
        for index in 0..<blocks.count {
            var mask = masks[index]
            guard mask != 0 else { continue }
            let slots = view.slots(ofBlock: blocks.lowerBound + index)
            while mask != 0 {
                let row = mask.trailingZeroBitCount
                mask &= mask &- 1
                selected[count] = slots[row]
                selectedEstimates[count] = estimates[index * FastScan.rows + row]
                count += 1
            }
        }
        return keepAccepted(count, accepted)
    }

    private func keepAccepted(_ count: Int, _ accepted: borrowing OrdinalSet?) -> Int {
        guard let accepted = copy accepted else { return count }
        var kept = 0
        for index in 0..<count where accepted.contains(Int(view.ordinals[Int(selected[index])])) {
            selected[kept] = selected[index]
            selectedEstimates[kept] = selectedEstimates[index]
            kept += 1
        }
        return kept
    }

    /// While there is no threshold, all rows are selected. Those with the smallest estimates make one that most of the others are not below.
    private func lookAtBestFirst(_ count: Int, _ squaredDistance: Float, _ nearest: inout NearestSlots) {
        let best = kernels.collectSmallest(selectedEstimates, count: count, wanted: nearest.capacity, into: promising)
        for index in 0..<best {
            selectedEstimates[Int(promising[index])] = .infinity
            promising[index] = selected[Int(promising[index])]
        }
        lookAgain(promising, best, &nearest)
        var others = 0
        for index in 0..<count where selectedEstimates[index] < nearest.threshold - squaredDistance {
            promising[others] = selected[index]
            others += 1
        }
        lookAgain(promising, others, &nearest)
    }

    /// Estimates rows by their 4-bit codes, and keeps the nearest.
    private func lookAgain(_ slots: UnsafePointer<UInt32>, _ count: Int, _ nearest: inout NearestSlots) {
        let codeBytes = query.dimension / 2
        kernels.nibbleProducts(
            query: query.codes, rows: view.rowCodes, stride: view.rowBytes, bytes: codeBytes, positions: slots, count: count, into: products)
        let middle = 7.5 * query.codeTotal
        for index in 0..<count {
            let tail = UnsafeRawPointer(view.rowCodes + Int(slots[index]) * view.rowBytes + codeBytes)
            let factor = tail.loadUnaligned(as: Float.self)
            let offset = tail.loadUnaligned(fromByteOffset: 4, as: Float.self)
            let list = Int(tail.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            let distance = lists.squaredDistance(list, query, centroids, kernels) + offset
                - factor * (query.codeStep * (Float(products[index]) - middle))
            if distance < nearest.threshold { nearest.offer(slots[index], distance) }
        }
    }
}
