/// Writes the formats of embedding files byte by byte, independently of the code under test.
enum FileBuilders {
    static func npy(version: UInt8 = 1, fields: String, data: [UInt8]) -> [UInt8] {
        let text = Array((fields + "\n").utf8)
        let length: [UInt8] = version == 1 ? Array(little(UInt16(text.count))) : Array(little(UInt32(text.count)))
        return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version, 0] + length + text + data
    }

    static func npyFields(descriptor: String, rows: Int, dimension: Int) -> String {
        "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(rows), \(dimension)), }"
    }

    static func floats(_ values: [Float]) -> [UInt8] { values.flatMap { little($0.bitPattern) } }

    static func doubles(_ values: [Double]) -> [UInt8] { values.flatMap { little($0.bitPattern) } }

    static func fvecs(_ rows: [[Float]]) -> [UInt8] {
        rows.flatMap { little(UInt32($0.count)) + floats($0) }
    }

    static func fbin(_ rows: [[Float]]) -> [UInt8] {
        little(UInt32(rows.count)) + little(UInt32(rows[0].count)) + rows.flatMap { floats($0) }
    }

    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
