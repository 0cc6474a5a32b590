import VectorModel

/// Turns rows as they are stored into what lists are made of: placed in the index's space, and counted from the middle of all rows.
struct RowPlacement {
    let space: IndexSpace
    /// The mean of the places, `dimension` floats.
    var mean: [Float]

    /// Of the places.
    var dimension: Int { space.rotatedDimension }

    init(space: IndexSpace) {
        self.space = space
        mean = [Float](repeating: 0, count: space.rotatedDimension)
    }

    /// - Parameter scratch: room for the row's own dimension.
    /// - Returns: the further coordinate.
    func place(row: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>, into place: UnsafeMutablePointer<Float>) -> Float {
        let extra = space.place(row: row, scratch: scratch, into: place)
        mean.withUnsafeBufferPointer { VectorArithmetic.subtract($0.baseAddress!, from: place, count: dimension) }
        return extra
    }
}

/// Element by element; counts are multiples of 8.
enum VectorArithmetic {
    typealias Lanes = SIMD8<Float>

    @inline(__always)
    static func subtract(_ vector: UnsafePointer<Float>, from target: UnsafeMutablePointer<Float>, count: Int) {
        difference(target, vector, count: count, into: target)
    }

    @inline(__always)
    static func difference(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>) {
        for start in stride(from: 0, to: count, by: Lanes.scalarCount) {
            let difference = lanes(a + start) - lanes(b + start)
            UnsafeMutableRawPointer(target + start).storeBytes(of: difference, as: Lanes.self)
        }
    }

    @inline(__always)
    static func add(_ vector: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
        for start in stride(from: 0, to: count, by: Lanes.scalarCount) {
            UnsafeMutableRawPointer(target + start).storeBytes(of: lanes(target + start) + lanes(vector + start), as: Lanes.self)
        }
    }

    @inline(__always)
    private static func lanes(_ vector: UnsafePointer<Float>) -> Lanes { UnsafeRawPointer(vector).loadUnaligned(as: Lanes.self) }
}

/// Placed rows in one block of memory, with their further coordinates.
final class PlacedRows {
    let count: Int
    let dimension: Int
    // SAFETY: allocated in `init`, freed in `deinit`. Written by the owner, row by row, before others read.
    let values: UnsafeMutablePointer<Float>
    let extras: UnsafeMutablePointer<Float>

    init(count: Int, dimension: Int) {
        self.count = count
        self.dimension = dimension
        values = .allocate(capacity: max(count * dimension, 1))
        extras = .allocate(capacity: max(count, 1))
    }

    deinit {
        values.deallocate()
        extras.deallocate()
    }

    func row(_ index: Int) -> UnsafeMutablePointer<Float> { values + index * dimension }
}
