import Quantization
import VectorKernels
import VectorModel

extension IVFView {
    /// Reads the header and checks every number in the image that a search follows.
    init(checking bytes: UnsafeRawBufferPointer, ordinalBound: Int) throws(IndexImageDamage) {
        let header = try IVFHeader(bytes)
        layout = header.layout
        space = IndexSpace(geometry: header.geometry, dimension: header.dimension, seed: header.seed)
        spread = header.spread
        base = bytes.baseAddress!
        try checkLists()
        try checkReferences()
        try checkRows(ordinalBound)
    }

    private func checkLists() throws(IndexImageDamage) {
        func require(_ condition: Bool, _ list: Int, _ reason: String) throws(IndexImageDamage) {
            let offset = layout.listStarts + list * MemoryLayout<ListStart>.size
            if !condition { throw IndexImageDamage(offset: offset, reason: "list \(list) \(reason)") }
        }
        let (first, end) = (listStarts[0], listStarts[layout.lists])
        try require(first.block == 0 && first.slot == 0 && first.reference == 0, 0, "begins behind others")
        try require(
            end.block == layout.blocks && end.slot == layout.rows && end.reference == layout.references, layout.lists, "is not where all end")
        for list in 0..<layout.lists {
            let (start, end) = (listStarts[list], listStarts[list + 1])
            try require(start.block <= end.block && start.slot <= end.slot && start.reference <= end.reference, list, "ends before it begins")
            let extent = ListExtent(start, end)
            try require(extent.blocks.count == FastScan.blocks(rows: extent.entryCount), list, "has too many blocks or too few")
        }
    }

    private func checkReferences() throws(IndexImageDamage) {
        for index in 0..<layout.references {
            let reference = listReferences[index]
            guard reference.slot < layout.rows, reference.list < layout.lists else {
                let offset = layout.listReferences + index * MemoryLayout<ListReference>.size
                throw IndexImageDamage(offset: offset, reason: "a reference to row \(reference.slot) of list \(reference.list)")
            }
        }
    }

    private func checkRows(_ ordinalBound: Int) throws(IndexImageDamage) {
        for row in 0..<layout.rows {
            guard ordinals[row] < ordinalBound else {
                throw IndexImageDamage(offset: layout.ordinals + 4 * row, reason: "ordinal \(ordinals[row]) does not exist")
            }
        }
    }
}

/// The first bytes of an image.
struct IVFHeader {
    let layout: IVFLayout
    let geometry: MetricGeometry
    let dimension: Int
    let seed: UInt64
    let spread: Float

    init(
        layout: IVFLayout, geometry: MetricGeometry, dimension: Int, seed: UInt64, spread: Float
    ) {
        self.layout = layout
        self.geometry = geometry
        self.dimension = dimension
        self.seed = seed
        self.spread = spread
    }

    private typealias Field = IVFFormat.Field

    func write(to bytes: UnsafeMutableRawBufferPointer) {
        func store<Value: BitwiseCopyable>(_ value: Value, _ offset: Int) { bytes.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
        store(IVFFormat.magic.littleEndian, Field.magic)
        store(IVFFormat.version.littleEndian, Field.version)
        store(geometry.metric.rawValue, Field.metric)
        store(layout.depth.rawValue, Field.depth)
        store(UInt32(dimension).littleEndian, Field.dimension)
        store(UInt32(layout.rows).littleEndian, Field.rows)
        store(UInt32(layout.lists).littleEndian, Field.lists)
        store(UInt32(layout.references).littleEndian, Field.references)
        store(UInt32(layout.blocks).littleEndian, Field.blocks)
        store(seed.littleEndian, Field.seed)
        store(UInt64(layout.end).littleEndian, Field.imageBytes)
        store(Int32(geometry.exponent).littleEndian, Field.exponent)
        store(geometry.squaredCeiling, Field.squaredCeiling)
        store(spread, Field.spread)
    }

    init(_ bytes: UnsafeRawBufferPointer) throws(IndexImageDamage) {
        guard bytes.count >= IVFFormat.headerBytes else { throw IndexImageDamage(offset: 0, reason: "shorter than a header") }
        func read<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: Value.Type) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        func float(_ offset: Int) throws(IndexImageDamage) -> Float {
            let value = bytes.loadUnaligned(fromByteOffset: offset, as: Float.self)
            guard value.isFinite, value >= 0 else { throw IndexImageDamage(offset: offset, reason: "\(value) is out of range") }
            return value
        }
        func require(_ condition: Bool, _ offset: Int, _ reason: String) throws(IndexImageDamage) {
            if !condition { throw IndexImageDamage(offset: offset, reason: reason) }
        }
        try require(read(Field.magic, UInt64.self) == IVFFormat.magic, Field.magic, "no IVF index")
        try require(read(Field.version, UInt32.self) == IVFFormat.version, Field.version, "of another version")
        guard let metric = Metric(rawValue: read(Field.metric, UInt8.self)) else {
            throw IndexImageDamage(offset: Field.metric, reason: "no such metric")
        }
        guard let depth = RaBitQ.Depth(rawValue: read(Field.depth, UInt8.self)) else {
            throw IndexImageDamage(offset: Field.depth, reason: "no such codes")
        }
        let zeros = Array(Field.depth + 1..<Field.dimension) + Array(Field.reserved..<IVFFormat.headerBytes)
        for offset in zeros { try require(bytes[offset] == 0, offset, "a reserved byte is not zero") }
        dimension = Int(read(Field.dimension, UInt32.self))
        try require((1...IVFFormat.dimensionMax).contains(dimension), Field.dimension, "dimension \(dimension)")
        let (rows, lists) = (Int(read(Field.rows, UInt32.self)), Int(read(Field.lists, UInt32.self)))
        let (references, blocks) = (Int(read(Field.references, UInt32.self)), Int(read(Field.blocks, UInt32.self)))
        try require(lists <= min(rows, IVFParameters.nlistMax) && (lists > 0) == (rows > 0), Field.lists, "\(lists) lists of \(rows) rows")
        layout = IVFLayout(dimension: dimension, depth: depth, rows: rows, lists: lists, references: references, blocks: blocks)
        try require(read(Field.imageBytes, UInt64.self) == layout.end && layout.end == bytes.count, Field.imageBytes, "of another length")
        seed = read(Field.seed, UInt64.self)
        let exponent = Int(read(Field.exponent, Int32.self))
        guard let geometry = MetricGeometry(metric: metric, exponent: exponent, squaredCeiling: try float(Field.squaredCeiling)) else {
            throw IndexImageDamage(offset: Field.exponent, reason: "no geometry that rows lead to")
        }
        self.geometry = geometry
        spread = try float(Field.spread)
    }
}
