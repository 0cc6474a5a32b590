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
        try checkRows(ordinalBound)
    }

    private func checkLists() throws(IndexImageDamage) {
        var previous: UInt32 = 0
        for list in 0...layout.lists {
            let start = listStarts[list]
            let expected = list == 0 ? start == 0 : list == layout.lists ? start == layout.blocks : start <= layout.blocks
            guard start >= previous, expected else {
                throw IndexImageDamage(offset: layout.listStarts + 4 * list, reason: "list \(list) begins at block \(start)")
            }
            previous = start
        }
        for block in 0..<layout.blocks {
            let slots = slots(ofBlock: block)
            var largest: UInt32 = 0
            for row in 0..<FastScan.rows { largest = max(largest, slots[row]) }
            guard largest < layout.rows else {
                throw IndexImageDamage(offset: layout.listBlocks + block * listBlockBytes, reason: "a block names row \(largest)")
            }
        }
    }

    private func checkRows(_ ordinalBound: Int) throws(IndexImageDamage) {
        for row in 0..<layout.rows {
            let list = self.list(ofRow: row)
            guard list < layout.lists else {
                throw IndexImageDamage(offset: layout.rowCodes + row * rowBytes, reason: "a row is in list \(list)")
            }
            guard ordinals[row] < ordinalBound else {
                throw IndexImageDamage(offset: layout.ordinals + 4 * row, reason: "ordinal \(ordinals[row]) does not exist")
            }
        }
    }

    /// The list from whose centre a row's codes count.
    @inline(__always)
    func list(ofRow row: Int) -> UInt32 {
        UnsafeRawPointer(rowCodes + (row + 1) * rowBytes).loadUnaligned(fromByteOffset: -4, as: UInt32.self)
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
        store(UInt32(dimension).littleEndian, Field.dimension)
        store(UInt32(layout.rows).littleEndian, Field.rows)
        store(UInt32(layout.lists).littleEndian, Field.lists)
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
        let zeros = Array(Field.metric + 1..<Field.dimension) + Array(Field.reserved..<IVFFormat.headerBytes)
        for offset in zeros { try require(bytes[offset] == 0, offset, "a reserved byte is not zero") }
        dimension = Int(read(Field.dimension, UInt32.self))
        try require((1...IVFFormat.dimensionMax).contains(dimension), Field.dimension, "dimension \(dimension)")
        let (rows, lists) = (Int(read(Field.rows, UInt32.self)), Int(read(Field.lists, UInt32.self)))
        let blocks = Int(read(Field.blocks, UInt32.self))
        try require(lists <= min(rows, IVFParameters.nlistMax) && (lists > 0) == (rows > 0), Field.lists, "\(lists) lists of \(rows) rows")
        layout = IVFLayout(dimension: dimension, rows: rows, lists: lists, blocks: blocks)
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
