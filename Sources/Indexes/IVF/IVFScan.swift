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
    /// The rows that were selected, the lists that their codes count from, and their estimates.
    private var selected: RowSelection
    private let selectedEstimates: UnsafeMutablePointer<Float>
    private let promising: RowSelection
    private let smallest: UnsafeMutablePointer<UInt32>
    /// Rows that were selected before, whose codes are on their way from memory.
    private var pending: RowSelection
    private var pendingCount = 0
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
        selected = RowSelection(capacity: rows)
        selectedEstimates = .allocate(capacity: rows)
        promising = RowSelection(capacity: rows)
        smallest = .allocate(capacity: rows)
        pending = RowSelection(capacity: rows)
        products = .allocate(capacity: rows)
    }

    deinit {
        placed.deallocate()
        estimates.deallocate()
        masks.deallocate()
        selectedEstimates.deallocate()
        smallest.deallocate()
        products.deallocate()
    }

    /// Takes the next query; returns how the squared distances to it are read.
    func begin(_ values: UnsafePointer<Float>) -> DistanceReading {
        let reading = view.space.place(query: values, scratch: placed, into: query.values)
        VectorArithmetic.subtract(view.mean, from: query.values, count: query.dimension)
        query.prepareScan(kernels)
        query.prepareCodes()
        lists.begin()
        pendingCount = 0
        return reading
    }

    /// The lists nearest to the query; those that an earlier call returned come first again, in the same order.
    func nearestLists(_ count: Int) -> UnsafeBufferPointer<UInt32> {
        lists.extend(to: count, query, centroids, kernels)
    }

    /// Scans a list, and looks at those rows again that may be among the nearest. Meanwhile the `next` one is on its way from memory.
    func visit(_ list: Int, next: Int, _ accepted: borrowing OrdinalSet?, _ nearest: inout NearestSlots) {
        let squaredDistance = lists.squaredDistance(list, query, centroids, kernels)
        let extent = view.extent(list)
        let nextBlock = Int(view.listStarts[next].block)
        for first in stride(from: 0, to: extent.blocks.count, by: Self.batchBlocks) {
            let count = select(list, extent, first, nextBlock, squaredDistance, accepted, nearest.threshold)
            if nearest.isFull {
                for index in 0..<count {
                    prefetch(view.rowCodes + Int(selected.slots[index]) * view.layout.rowBytes, bytes: view.layout.rowBytes)
                }
                lookAgain(pending, pendingCount, &nearest)
                swap(&selected, &pending)
                pendingCount = count
            } else if count <= nearest.capacity {
                lookAgain(selected, count, &nearest)
            } else {
                lookAtBestFirst(count, squaredDistance, &nearest)
            }
        }
    }

    /// Looks at the rows that are left; the lists that were visited have no others then.
    func finish(_ nearest: inout NearestSlots) {
        lookAgain(pending, pendingCount, &nearest)
        pendingCount = 0
    }

    /// Collects the accepted rows of a list, from one of its blocks on, whose estimates may be below the threshold, and returns how many they are.
    private func select(
        _ list: Int, _ extent: ListExtent, _ firstBlock: Int, _ nextBlock: Int, _ squaredDistance: Float, _ accepted: borrowing OrdinalSet?,
        _ threshold: Float
    ) -> Int {
        let error = 0.5 * Self.errorsAllowed * (squaredDistance * view.spread).squareRoot()
        let how = FastScanEstimate(
            step: query.scale.step, shift: query.scale.base - 0.5 * query.total + error, threshold: threshold - squaredDistance)
        let stride = view.layout.listBlockBytes
        let blocks = min(Self.batchBlocks, extent.blocks.count - firstBlock)
        kernels.fastScanSelect(
            codes: view.listBlocks + (extent.blocks.lowerBound + firstBlock) * stride, stride: stride, blocks: blocks, table: query.table,
            chunks: query.chunks, how, ahead: view.listBlocks + nextBlock * stride, estimates: estimates, masks: masks)
        let (own, references) = (extent.slots.count, view.listReferences + extent.references.lowerBound)
        var count = 0
        for block in 0..<blocks {
            var mask = masks[block]
            let firstEntry = (firstBlock + block) * FastScan.rows
            // The last block may have places without an entry.
            if extent.entryCount - firstEntry < FastScan.rows { mask &= (1 << UInt32(extent.entryCount - firstEntry)) - 1 }
            while mask != 0 {
                let row = mask.trailingZeroBitCount
                mask &= mask &- 1
                let entry = firstEntry + row
                let home = entry < own
                    ? ListReference(slot: UInt32(extent.slots.lowerBound + entry), list: UInt32(list)) : references[entry - own]
                // A row whose own list is visited is met there.
                if entry >= own, lists.contains(home.list) { continue }
                selected.set(count, home)
                selectedEstimates[count] = estimates[block * FastScan.rows + row]
                count += 1
            }
        }
        return keepAccepted(count, accepted)
    }

    private func keepAccepted(_ count: Int, _ accepted: borrowing OrdinalSet?) -> Int {
        guard let accepted = copy accepted else { return count }
        var kept = 0
        for index in 0..<count where accepted.contains(Int(view.ordinals[Int(selected.slots[index])])) {
            selected.set(kept, selected[index])
            selectedEstimates[kept] = selectedEstimates[index]
            kept += 1
        }
        return kept
    }

    /// While there is no threshold, all rows are selected. Those with the smallest estimates make one that most of the others are not below.
    private func lookAtBestFirst(_ count: Int, _ squaredDistance: Float, _ nearest: inout NearestSlots) {
        let best = kernels.collectSmallest(selectedEstimates, count: count, wanted: nearest.capacity, into: smallest)
        for index in 0..<best {
            selectedEstimates[Int(smallest[index])] = .infinity
            promising.set(index, selected[Int(smallest[index])])
        }
        lookAgain(promising, best, &nearest)
        var others = 0
        for index in 0..<count where selectedEstimates[index] < nearest.threshold - squaredDistance {
            promising.set(others, selected[index])
            others += 1
        }
        lookAgain(promising, others, &nearest)
    }

    /// Estimates rows by their own codes, and keeps the nearest.
    private func lookAgain(_ rows: RowSelection, _ count: Int, _ nearest: inout NearestSlots) {
        let (codeBytes, rowBytes) = (view.layout.codeBytes, view.layout.rowBytes)
        switch view.layout.depth {
        case .two:
            kernels.crumbProducts(
                query: query.codes, rows: view.rowCodes, stride: rowBytes, bytes: codeBytes, positions: rows.slots, count: count, into: products)
        case .four:
            kernels.nibbleProducts(
                query: query.codes, rows: view.rowCodes, stride: rowBytes, bytes: codeBytes, positions: rows.slots, count: count, into: products)
        }
        let middle = view.layout.depth.levelMax * query.codeTotal
        for index in 0..<count {
            let slot = rows.slots[index]
            let tail = UnsafeRawPointer(view.rowCodes + Int(slot) * rowBytes + codeBytes)
            let factor = tail.loadUnaligned(as: Float.self)
            let offset = tail.loadUnaligned(fromByteOffset: 4, as: Float.self)
            let distance = lists.squaredDistance(Int(rows.lists[index]), query, centroids, kernels) + offset
                - factor * (query.codeStep * (Float(products[index]) - middle))
            if distance < nearest.threshold { nearest.offer(slot, distance) }
        }
    }
}

/// Rows to look at again, with the lists that their codes count from.
private final class RowSelection {
    // SAFETY: allocated in `init`, freed in `deinit`; only the scan that this belongs to uses them.
    let slots: UnsafeMutablePointer<UInt32>
    let lists: UnsafeMutablePointer<UInt32>

    init(capacity: Int) {
        slots = .allocate(capacity: capacity)
        lists = .allocate(capacity: capacity)
    }

    deinit {
        slots.deallocate()
        lists.deallocate()
    }

    subscript(index: Int) -> ListReference { ListReference(slot: slots[index], list: lists[index]) }

    func set(_ index: Int, _ reference: ListReference) {
        slots[index] = reference.slot
        lists[index] = reference.list
    }
}
