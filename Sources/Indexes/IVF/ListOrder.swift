import VectorKernels

/// The lists of an index in the order of their distance to a query, as far as anybody asked.
final class ListOrder {
    private let count: Int
    // SAFETY: allocated in `init` for `count` lists and a whole number of blocks of them, freed in `deinit`.
    private let order: UnsafeMutablePointer<UInt32>
    private var ordered = 0
    private let isOrdered: UnsafeMutablePointer<Bool>
    private let estimates: UnsafeMutablePointer<Float>
    private let found: UnsafeMutablePointer<UInt32>
    private let masks: UnsafeMutablePointer<UInt32>
    private let keys: UnsafeMutablePointer<UInt64>
    private let products: UnsafeMutablePointer<Int32>
    /// ‖q−c‖² by list without the further coordinate; negative where it is not known yet.
    private let squaredDistances: UnsafeMutablePointer<Float>
    private var hasEstimates = false

    /// How many centres are measured by their 8-bit codes for each one that is wanted, and how many at least: 1-bit codes may hide the nearest
    /// behind so many.
    private static let measuredPerWanted = 2
    private static let measuredMore = 8
    /// Below the estimate of a list that has its place already.
    private static let farthest = Float.greatestFiniteMagnitude / 2

    init(_ count: Int) {
        self.count = count
        let capacity = max(CentroidTable.blockCount(count) * FastScan.rows, 1)
        order = .allocate(capacity: capacity)
        isOrdered = .allocate(capacity: capacity)
        isOrdered.initialize(repeating: false, count: capacity)
        estimates = .allocate(capacity: capacity)
        found = .allocate(capacity: capacity)
        masks = .allocate(capacity: capacity / FastScan.rows + 1)
        keys = .allocate(capacity: capacity)
        products = .allocate(capacity: capacity)
        squaredDistances = .allocate(capacity: capacity)
    }

    /// Forgets the query before.
    func begin() {
        squaredDistances.update(repeating: -1, count: count)
        for index in 0..<ordered { isOrdered[Int(order[index])] = false }
        ordered = 0
        hasEstimates = false
    }

    deinit {
        order.deallocate()
        isOrdered.deallocate()
        estimates.deallocate()
        found.deallocate()
        masks.deallocate()
        keys.deallocate()
        products.deallocate()
        squaredDistances.deallocate()
    }

    /// Whether `extend` has returned the list.
    @inline(__always)
    func contains(_ list: UInt32) -> Bool { isOrdered[Int(list)] }

    /// ‖q−c‖² without the further coordinate.
    @inline(__always)
    func squaredDistance(_ list: Int, _ query: RotatedVector, _ centroids: CentroidTable, _ kernels: VectorKernels) -> Float {
        let known = squaredDistances[list]
        return known >= 0 ? known : measure(list, query, centroids, kernels)
    }

    @inline(never)
    private func measure(_ list: Int, _ query: RotatedVector, _ centroids: CentroidTable, _ kernels: VectorKernels) -> Float {
        var product: Int32 = 0
        kernels.codeInnerProduct(
            query: query.codes, rows: centroids.codes + list * centroids.dimension, stride: centroids.dimension, count: 1, into: &product)
        squaredDistances[list] = centroids.squaredDistance(query, list, product: product)
        return squaredDistances[list]
    }

    /// Orders `wanted` lists, at most all; what was ordered before stays.
    func extend(to wanted: Int, _ query: RotatedVector, _ centroids: CentroidTable, _ kernels: VectorKernels) -> UnsafeBufferPointer<UInt32> {
        if !hasEstimates {
            centroids.estimate(query, kernels, masks: masks, into: estimates)
            // What damaged bytes or a query beyond all sizes make of an estimate must still leave the list one that can be found.
            for list in 0..<count { estimates[list] = estimates[list] < Self.farthest ? estimates[list] : Self.farthest }
            hasEstimates = true
        }
        // A list that has its place is as far as can be.
        for index in 0..<ordered { estimates[Int(order[index])] = .greatestFiniteMagnitude }
        let more = min(wanted, count) - ordered
        let number = kernels.collectSmallest(
            estimates, count: count, wanted: min(count - ordered, Self.measuredPerWanted * more + Self.measuredMore), into: found)
        kernels.codeInnerProduct(
            query: query.codes, base: centroids.codes, stride: centroids.dimension, ordinals: found, count: number, into: products)
        var measured = 0
        for index in 0..<number where estimates[Int(found[index])] < .greatestFiniteMagnitude {
            let list = Int(found[index])
            let squaredDistance = centroids.squaredDistance(query, list, product: products[index])
            squaredDistances[list] = squaredDistance
            let extra = centroids.parameters[list].extra
            // Distances are not negative, so their bit patterns sort as they do.
            keys[measured] = UInt64(max(squaredDistance + extra * extra, 0).bitPattern) << 32 | UInt64(list)
            measured += 1
        }
        Self.sort(keys, measured)
        for index in 0..<min(more, measured) {
            let list = UInt32(truncatingIfNeeded: keys[index])
            order[ordered + index] = list
            isOrdered[Int(list)] = true
        }
        ordered += min(more, measured)
        return UnsafeBufferPointer(start: order, count: ordered)
    }

    /// Shell's sort with the gaps of Ciura: for a few hundred keys that need no allocation.
    private static func sort(_ keys: UnsafeMutablePointer<UInt64>, _ count: Int) {
        for gap in [1_750, 701, 301, 132, 57, 23, 10, 4, 1] {
            for index in stride(from: gap, to: count, by: 1) {
                let key = keys[index]
                var place = index
                while place >= gap && keys[place - gap] > key {
                    keys[place] = keys[place - gap]
                    place -= gap
                }
                keys[place] = key
            }
        }
    }
}
