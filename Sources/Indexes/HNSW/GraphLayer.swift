import VectorKernels

/// One layer of a graph as it lies in an image: a block per node.
struct GraphLayer {
    // SAFETY: whoever has a layer keeps its image, whose size was checked against the header, so that every block of `nodeCount` lies within it.
    let base: UnsafeRawPointer
    let nodeCount: Int
    let entry: UInt32
    let layout: GraphLayout

    init(_ layer: HNSWHeader.Layer, of image: UnsafeRawBufferPointer, _ layout: GraphLayout) {
        base = image.baseAddress! + layer.offset
        nodeCount = layer.nodeCount
        entry = layer.entry
        self.layout = layout
    }

    @inline(__always)
    func block(_ node: UInt32) -> UnsafeRawPointer { base + Int(node) * layout.stride }

    @inline(__always)
    func links(_ block: UnsafeRawPointer) -> UnsafePointer<UInt32> {
        (block + layout.linksOffset).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    func codes(_ block: UnsafeRawPointer) -> UnsafePointer<Int8> {
        block.assumingMemoryBound(to: Int8.self)
    }

    /// The first group of links.
    @inline(__always)
    func groups(_ block: UnsafeRawPointer) -> UnsafePointer<UInt8> {
        (block + layout.groupsOffset).assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    func values(_ block: UnsafeRawPointer) -> NodeValues {
        (block + layout.valuesOffset).load(as: NodeValues.self)
    }

    /// Compares every number of a node or row with what there is.
    func check(targetBound: Int, offset: Int) throws(IndexImageDamage) {
        for node in 0..<UInt32(nodeCount) {
            let block = block(node)
            let links = links(block)
            for link in 0..<layout.degree where Int(links[link]) >= nodeCount {
                throw IndexImageDamage(offset: offset + Int(node) * layout.stride, reason: "node \(node) links to node \(links[link]) of \(nodeCount)")
            }
            let target = values(block).target
            guard Int(target) < targetBound else {
                throw IndexImageDamage(offset: offset + Int(node) * layout.stride, reason: "node \(node) stands for \(target) of \(targetBound)")
            }
        }
    }
}
