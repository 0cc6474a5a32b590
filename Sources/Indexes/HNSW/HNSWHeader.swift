import ByteCoding
import Quantization
import VectorModel

/// The first bytes of a graph's image: what it holds and where. 512 bytes, little-endian, the rest of them zero.
struct HNSWHeader: Equatable {
    static let byteCount = 512
    static let version: UInt32 = 1
    static let layersMax = 8
    private static let magic: UInt64 = 0x3157_534E_4859_524C // "LRYHNSW1"

    struct Layer: Equatable {
        var nodeCount: Int
        /// Of the first block, in the image; a multiple of 64.
        var offset: Int
        /// Where searches begin.
        var entry: UInt32
    }

    var dimension: Int
    var parameters: HNSWParameters
    var seed: UInt64
    var geometry: MetricGeometry
    /// The lowest, which has all nodes, first.
    var layers: [Layer]

    /// Where the first block may begin, and how layers follow one another.
    static func lay(_ nodeCounts: [Int], _ layout: GraphLayout) -> (layers: [Layer], byteCount: Int) {
        var offset = byteCount
        let layers = nodeCounts.map { count in
            defer { offset += count * layout.stride }
            return Layer(nodeCount: count, offset: offset, entry: 0)
        }
        return (layers, offset)
    }

    var layout: GraphLayout { GraphLayout(degree: parameters.degree, dimension: RandomRotation.rotatedDimension(dimension)) }

    func write(to bytes: UnsafeMutableRawBufferPointer) {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.append(Self.magic)
        writer.append(Self.version)
        writer.append(UInt32(geometry.metric.rawValue))
        writer.append(UInt32(dimension))
        writer.append(UInt32(parameters.M))
        writer.append(UInt32(parameters.efConstruction))
        writer.append(UInt32(layers.count))
        writer.append(seed)
        writer.append(Int32(geometry.exponent))
        writer.append(geometry.squaredCeiling)
        for layer in layers {
            writer.append(UInt64(layer.offset))
            writer.append(UInt32(layer.nodeCount))
            writer.append(layer.entry)
        }
        writer.withUnsafeBytes { (header) throws(Never) in bytes.copyMemory(from: header) }
    }

    /// - Throws: where the header contradicts itself or the number of bytes.
    init(_ bytes: UnsafeRawBufferPointer) throws(IndexImageDamage) {
        var reader = ByteReader(bytes)
        do throws(DecodingFailure) {
            guard bytes.count >= Self.byteCount else { throw DecodingFailure(offset: 0, reason: .truncated(needed: Self.byteCount, available: bytes.count)) }
            try Self.expect(Self.magic, reader.read(), at: 0)
            try Self.expect(Self.version, reader.read(), at: 8)
            let metric = try UInt8(exactly: reader.read(UInt32.self)).flatMap(Metric.init(rawValue:))
            let (dimension, M) = (Int(try reader.read(UInt32.self)), Int(try reader.read(UInt32.self)))
            let (efConstruction, layerCount) = (Int(try reader.read(UInt32.self)), Int(try reader.read(UInt32.self)))
            let parameters = HNSWParameters(M: M, efConstruction: efConstruction)
            guard let metric, (1...Limits.standard.dimension).contains(dimension), parameters.M == M, parameters.efConstruction == efConstruction,
                (1...Self.layersMax).contains(layerCount)
            else { throw reader.failure(.invalidValue(UInt64(layerCount))) }
            (self.dimension, self.parameters) = (dimension, parameters)
            seed = try reader.read()
            let (exponent, squaredCeiling) = (Int(try reader.read(Int32.self)), try reader.readFloat())
            guard let geometry = MetricGeometry(metric: metric, exponent: exponent, squaredCeiling: squaredCeiling) else {
                throw reader.failure(.invalidValue(UInt64(truncatingIfNeeded: exponent)))
            }
            self.geometry = geometry
            var layers: [Layer] = []
            for _ in 0..<layerCount {
                let offset = Int(truncatingIfNeeded: try reader.read(UInt64.self))
                layers.append(Layer(nodeCount: Int(try reader.read(UInt32.self)), offset: offset, entry: try reader.read()))
            }
            self.layers = layers
            for offset in reader.offset..<Self.byteCount { try Self.expect(UInt8(0), reader.read(), at: offset) }
        } catch {
            throw IndexImageDamage(offset: error.offset, reason: "the graph's header is no such: \(error)")
        }
        try checkLayers(byteCount: bytes.count)
    }

    private static func expect<Value: FixedWidthInteger>(_ expected: Value, _ found: Value, at offset: Int) throws(DecodingFailure) {
        guard found == expected else { throw DecodingFailure(offset: offset, reason: .invalidValue(UInt64(truncatingIfNeeded: found))) }
    }

    init(geometry: MetricGeometry, dimension: Int, parameters: HNSWParameters, seed: UInt64, layers: [Layer]) {
        self.geometry = geometry
        self.dimension = dimension
        self.parameters = parameters
        self.seed = seed
        self.layers = layers
    }

    private func checkLayers(byteCount: Int) throws(IndexImageDamage) {
        // A search has marks for the nodes of the lowest layer only.
        let counts = [BeamEntry.nodesMax] + layers.map(\.nodeCount)
        guard zip(counts, counts.dropFirst()).allSatisfy({ $0 >= $1 }) else { throw IndexImageDamage(offset: 48, reason: "too many nodes") }
        let expected = Self.lay(layers.map(\.nodeCount), layout)
        for (layer, place) in zip(layers, expected.layers) {
            guard layer.offset == place.offset else { throw IndexImageDamage(offset: 48, reason: "a layer is not where it should be") }
            guard layer.nodeCount == 0 ? layers.count == 1 && layer.entry == 0 : Int(layer.entry) < layer.nodeCount else {
                throw IndexImageDamage(offset: 48, reason: "a layer's entry is none of its nodes")
            }
        }
        guard expected.byteCount == byteCount else {
            throw IndexImageDamage(offset: 48, reason: "the layers take \(expected.byteCount) bytes, the image has \(byteCount)")
        }
    }
}
