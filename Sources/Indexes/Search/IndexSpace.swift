import Quantization
import VectorModel

/// The space that an index works in: vectors are placed as their metric asks for (`MetricGeometry`) and rotated, so that codes of few bits suit them.
struct IndexSpace: Sendable {
    let geometry: MetricGeometry
    let rotation: RandomRotation

    var metric: Metric { geometry.metric }
    /// Floats of a vector as clients know it.
    var dimension: Int { rotation.dimension }
    var rotatedDimension: Int { rotation.rotatedDimension }

    init(geometry: MetricGeometry, dimension: Int, seed: UInt64) {
        self.geometry = geometry
        rotation = RandomRotation(dimension: dimension, seed: seed)
    }

    /// The space of some rows. Reads all of them once, except for `cosine`.
    init<Failure: Error>(of source: IndexSource<Failure>, seed: UInt64) throws(Failure) {
        self.init(
            geometry: MetricGeometry(metric: source.metric, largestNorm: try Self.largestNorm(of: source)), dimension: source.dimension, seed: seed)
    }

    private static func largestNorm<Failure: Error>(of source: IndexSource<Failure>) throws(Failure) -> Double {
        switch source.metric {
        case .cosine: return 1
        case .l2, .innerProduct: break
        }
        let row = UnsafeMutablePointer<Float>.allocate(capacity: source.dimension)
        defer { row.deallocate() }
        var largest = 0.0
        for ordinal in source.ordinals {
            try source.read(ordinal, row)
            largest = max(largest, MetricGeometry.norm(row, source.dimension))
        }
        return largest
    }

    /// - Parameters:
    ///   - scratch: room for `dimension` floats.
    ///   - place: room for `rotatedDimension` floats.
    /// - Returns: the further coordinate.
    func place(row: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>, into place: UnsafeMutablePointer<Float>) -> Float {
        let extra = geometry.place(row: row, dimension: dimension, into: scratch)
        rotation.rotate(scratch, into: place)
        return extra
    }

    /// As for a row.
    /// - Returns: how squared distances to the query's place are read.
    func place(query: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>, into place: UnsafeMutablePointer<Float>) -> DistanceReading {
        let reading = geometry.place(query: query, dimension: dimension, into: scratch)
        rotation.rotate(scratch, into: place)
        return reading
    }
}
