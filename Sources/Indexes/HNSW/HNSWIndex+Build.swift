import Quantization
import VectorModel

extension HNSWIndex {
    /// A layer of at most this many nodes has none above it.
    private static let topCount = 64
    /// Rows that are read between two reports of progress.
    private static let reportRows = 1_024
    /// How much of the work reading and encoding is, and linking the lowest layer.
    private static let (readingShare, linkingShare) = (0.1, 0.8)

    /// Builds the graph of some rows.
    ///
    /// Cost: about 0.15 ms per row at 384 dimensions and `efConstruction` 100, shared by the threads; beside the image, memory of
    /// dimension + 10 · degree bytes per row.
    /// - Throws: what `source.read` and `build.progress` throw; nothing is left then.
    public static func build<Failure: Error>(
        _ source: IndexSource<Failure>, _ parameters: HNSWParameters, _ build: IndexBuild<Failure>
    ) throws(Failure) -> HNSWIndex {
        try Self.build(source, parameters, build, extending: nil)
    }

    /// Builds the graph of some rows, of which an older graph holds many: those keep their links, the others are inserted.
    ///
    /// - Parameter old: the older graph, and for a row of its part the same row of the new part; `nil` where it is dead. It is of use when it has
    ///   the same metric, dimension and degree; otherwise everything is built anew.
    public static func build<Failure: Error>(
        _ source: IndexSource<Failure>, _ parameters: HNSWParameters, _ build: IndexBuild<Failure>,
        extending old: (index: HNSWIndex, newOrdinal: (UInt32) -> UInt32?)?
    ) throws(Failure) -> HNSWIndex {
        let space = try IndexSpace(of: source, seed: build.seed)
        let rows = try encode(source, in: space, build)
        let links = GraphLinks(count: rows.count, degree: parameters.degree)
        var order = insertionOrder(of: rows.count, seed: build.seed)
        var linked = 0
        if let old, old.index.fits(source, parameters) {
            let inheritance = GraphInheritance(old.index, newOrdinal: old.newOrdinal, ordinals: source.ordinals)
            inheritance.takeOver(to: links, rows, threads: build.threads)
            linked = inheritance.survivorCount
            order = order.filter(inheritance.isSurvivor) + order.filter { !inheritance.isSurvivor($0) }
        }
        let builder = GraphBuilder(rows: rows, links: links, efConstruction: parameters.efConstruction, threads: build.threads)
        try builder.insert(order, from: linked) { (done) throws(Failure) in
            try build.report(readingShare + linkingShare * Double(done) / Double(order.count))
        }
        builder.finish(entry: order.first)
        try build.report(readingShare + linkingShare)
        let index = assemble(rows, links, order, parameters, space, threads: build.threads)
        try build.report(1)
        return index
    }

    /// Whether its links are of use for a graph of these parameters.
    private func fits(_ source: IndexSource<some Error>, _ parameters: HNSWParameters) -> Bool {
        metric == source.metric && dimension == source.dimension && self.parameters.degree == parameters.degree
    }

    // MARK: Reading

    private static func encode<Failure: Error>(
        _ source: IndexSource<Failure>, in space: IndexSpace, _ build: IndexBuild<Failure>
    ) throws(Failure) -> GraphRows {
        let rows = GraphRows(count: source.ordinals.count, stride: space.rotatedDimension)
        let floats = UnsafeMutablePointer<Float>.allocate(capacity: 2 * source.dimension + space.rotatedDimension)
        defer { floats.deallocate() }
        let (vector, scratch, rotated) = (floats, floats + source.dimension, floats + 2 * source.dimension)
        for (row, ordinal) in source.ordinals.enumerated() {
            try source.read(ordinal, vector)
            let extra = space.place(row: vector, scratch: scratch, into: rotated)
            rows.set(row, rotated: rotated, extra: extra, target: ordinal)
            if row % reportRows == 0 { try build.report(readingShare * Double(row) / Double(source.ordinals.count)) }
        }
        return rows
    }

    private static func insertionOrder(of count: Int, seed: UInt64) -> [UInt32] {
        var generator = SplitMix64(seed: seed)
        return (0..<UInt32(count)).shuffled(using: &generator)
    }

    // MARK: Assembly

    /// Builds the layers above and writes all of them to an image.
    private static func assemble(
        _ rows: GraphRows, _ links: GraphLinks, _ order: [UInt32], _ parameters: HNSWParameters, _ space: IndexSpace, threads: Int
    ) -> HNSWIndex {
        let layout = GraphLayout(degree: parameters.degree, dimension: space.rotatedDimension)
        var writers = [GraphLayerWriter(rows: rows, links: links, layout: layout, entry: order.first ?? 0)]
        var members = order
        // The order is random, so its beginning is a random choice: a layer has the first nodes of the one below.
        while members.count > topCount, writers.count < HNSWHeader.layersMax {
            members = Array(members.prefix(max(members.count / layerShare, 1)))
            writers.append(upperLayer(members, of: rows, parameters, layout, threads: threads))
        }
        let (places, byteCount) = HNSWHeader.lay(writers.map(\.order.count), layout)
        let image = IndexImage(zeroed: byteCount)
        let header = HNSWHeader(
            geometry: space.geometry, dimension: space.dimension, parameters: parameters, seed: space.rotation.seed, layers: places)
        header.write(to: image.mutableBytes)
        for (number, writer) in writers.enumerated() {
            let below = number == 0 ? nil : writers[number - 1]
            // A node of an upper layer is one of the first of the order, in all layers.
            let (oldNumbers, values) = (order, UncheckedValues(values: rows.values))
            writer.write(to: image.mutableBytes.baseAddress! + places[number].offset, threads: threads) { node in
                guard let below else { return values.values[Int(node)].target }
                return number == 1 ? below.numbers[Int(oldNumbers[Int(node)])] : below.numbers[Int(node)]
            }
        }
        return HNSWIndex(trusting: image, header)
    }

    /// One of so many nodes of a layer is in the layer above, too.
    private static let layerShare = 32

    private static func upperLayer(
        _ members: [UInt32], of rows: GraphRows, _ parameters: HNSWParameters, _ layout: GraphLayout, threads: Int
    ) -> GraphLayerWriter {
        let chosen = GraphRows(count: members.count, stride: rows.stride)
        for (row, member) in members.enumerated() {
            chosen.set(row, codes: rows.codes + Int(member) * rows.stride, values: rows.values[Int(member)])
        }
        let links = GraphLinks(count: members.count, degree: parameters.degree)
        let builder = GraphBuilder(rows: chosen, links: links, efConstruction: parameters.efConstruction, threads: threads)
        let order = Array(0..<UInt32(members.count))
        builder.insert(order, from: 0) { (_) throws(Never) in }
        builder.finish(entry: 0)
        return GraphLayerWriter(rows: chosen, links: links, layout: layout, entry: 0)
    }

    private struct UncheckedValues: @unchecked Sendable {
        // SAFETY: unchecked because of the pointer, to values that nobody writes any more.
        let values: UnsafeMutablePointer<NodeValues>
    }
}
