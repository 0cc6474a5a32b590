public import ByteCoding
import Indexes
import Quantization
import VectorModel

extension Segment {
    /// Everything that is wrong with the file: every block against its checksum, whether or not it was compared before, and if all are
    /// well every invariant of the format.
    ///
    /// Cost: reads the whole file; then several microseconds per row.
    /// - Parameter shouldContinue: called with the number of bytes or rows after each piece of work; may wait, and ends the check by returning false.
    /// - Returns: one corruption for each damaged block, or for each kind of invariant that is broken; empty if nothing is wrong.
    public func checkEverything(shouldContinue: (Int) -> Bool = { _ in true }) -> [Corruption] {
        let mapping: SegmentMapping
        do throws(Corruption) { mapping = try self.mapping() } catch { return [error] }
        mapping.advise(.everything, layout)
        defer { mapping.advise(.lookups, layout) }
        var found: [Corruption] = []
        for block in 0..<mapping.blockCount {
            if let corruption = mapping.verify(block) { found.append(damage.report(corruption)) }
            guard shouldContinue(SegmentFormat.blockBytes) else { return found }
        }
        // What lies in a damaged block can break any invariant: that would say nothing more.
        guard found.isEmpty else { return found }
        let check = SegmentCheck(SegmentCursor(self, mapping))
        for part in SegmentCheck.Part.allCases {
            do throws(Corruption) { try check.run(part) } catch { found.append(error) }
            guard shouldContinue(rowCount) else { return found }
        }
        return found
    }
}

/// The invariants of the format that checksums cannot see.
struct SegmentCheck {
    enum Part: CaseIterable {
        case gaps, identifiers, keys, strings, order, vectors, codes, texts, columns, metadata
    }

    private let cursor: SegmentCursor

    init(_ cursor: SegmentCursor) {
        self.cursor = cursor
    }

    func run(_ part: Part) throws(Corruption) {
        switch part {
        case .gaps: try checkGaps()
        case .identifiers: try check(.identifiers)
        case .keys: try check(.keys)
        case .strings: try check(.strings)
        case .order: try checkOrder()
        case .vectors: try checkVectors()
        case .codes: try checkCodes()
        case .texts: try checkTexts()
        case .columns: for number in 0..<cursor.layout[.columns].count { try check(try cursor.column(number)) }
        case .metadata: try checkMetadata()
        }
    }

    /// Bytes between sections are zero.
    private func checkGaps() throws(Corruption) {
        let layout = cursor.layout
        var end = SegmentFormat.headerBytes
        for section in SegmentSection.allCases.filter({ layout[$0].length > 0 }).sorted(by: { layout[$0].offset < layout[$1].offset }) {
            for offset in end..<layout[section].offset where cursor.mapping.base.load(fromByteOffset: offset, as: UInt8.self) != 0 {
                throw cursor.corruption(section, offset - layout[section].offset, "bytes before it", expected: "0", found: "another")
            }
            end = layout[section].end
        }
    }

    /// Every string is found by its bytes, as itself, so no two are alike; nothing else is in the index.
    private func check(_ table: SegmentStrings) throws(Corruption) {
        let count = cursor.layout[table.offsets].count - 1
        for number in 0..<count {
            let found = try cursor.find(try cursor.string(number, of: table), in: table)
            guard found == number else {
                throw cursor.corruption(
                    table.index, 0, expected: "to find string \(number) as itself", found: found.map { "string \($0)" } ?? "nothing")
            }
        }
        let first: UInt64 = try cursor.element(table.offsets, 0)
        let last: UInt64 = try cursor.element(table.offsets, count)
        guard first == 0, last == cursor.layout[table.bytes].length else {
            throw cursor.corruption(
                table.offsets, 0, expected: "offsets from 0 to \(cursor.layout[table.bytes].length)", found: "\(first) to \(last)")
        }
        var used = 0
        for slot in 0..<cursor.layout[table.index].count where try cursor.element(table.index, slot, as: UInt64.self) != 0 { used += 1 }
        guard used == count else { throw cursor.corruption(table.index, 0, expected: "\(count) slots in use", found: "\(used)") }
    }

    /// Insertion keys ascend.
    private func checkOrder() throws(Corruption) {
        for row in 1..<max(cursor.rowCount, 1) {
            let (before, key) = (try cursor.insertionKey(of: row - 1), try cursor.insertionKey(of: row))
            guard before < key else { throw cursor.corruption(.insertionKeys, row * 8, expected: "a key above \(before)", found: "\(key)") }
        }
    }

    /// Norms belong to their vectors; a row without a vector is zeros.
    private func checkVectors() throws(Corruption) {
        guard let run = cursor.vectorRun(), let dimension = cursor.segment.dimension else { return }
        let floats = UnsafeMutablePointer<Float>.allocate(capacity: dimension)
        defer { floats.deallocate() }
        for row in 0..<cursor.rowCount {
            try cursor.ensureVectors(rows: row..<row + 1)
            try cursor.copyVector(of: row, into: floats)
            let hasVector = try cursor.flags(of: row) & SegmentFormat.RowFlag.hasVector != 0
            if !hasVector, (0..<dimension).contains(where: { floats[$0].bitPattern != 0 }) {
                throw cursor.corruption(
                    .vectors, row * cursor.layout[.vectors].elementBytes, expected: "zeros, since the row has no vector", found: "another number")
            }
            guard let norms = run.inverseNorms else { continue }
            let (stored, computed) = (norms[row], InverseNorm.of(floats, dimension: dimension))
            // Instruction sets sum in different orders.
            guard stored == computed || abs(stored - computed) <= computed.magnitude * 1e-3 else {
                throw cursor.corruption(.inverseNorms, row * 4, expected: "\(computed)", found: "\(stored)")
            }
        }
    }

    /// Codes are those of the vectors.
    private func checkCodes() throws(Corruption) {
        guard let run = cursor.vectorRun(), let codes = run.codes, let dimension = cursor.segment.dimension else { return }
        var expected = [Int8](repeating: 0, count: codes.stride)
        let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: dimension)
        defer { floats.deallocate() }
        for row in 0..<cursor.rowCount {
            try cursor.ensureCodes(rows: row..<row + 1)
            try cursor.copyVector(of: row, into: floats.baseAddress.unsafelyUnwrapped)
            let parameters = SegmentWriter.encode(UnsafeBufferPointer(floats), [], into: &expected)
            guard expected.elementsEqual(UnsafeBufferPointer(start: codes.codes + row * codes.stride, count: codes.stride)) else {
                throw cursor.corruption(.codes, row * codes.stride, expected: "the codes of the row's vector", found: "others")
            }
            guard parameters == codes.parameters[row] else {
                throw cursor.corruption(.codeParameters, row * 16, expected: "\(parameters)", found: "\(codes.parameters[row])")
            }
        }
    }

    /// Every block of texts can be decompressed, and every row's texts lie in one.
    private func checkTexts() throws(Corruption) {
        for block in 0..<cursor.layout[.textBlocks].count { _ = try cursor.openTexts(block: block, through: .max) }
        for row in 0..<cursor.rowCount { _ = try cursor.texts(of: row) }
    }

    /// Rows of a sparse column ascend; arrays lie in their section.
    private func check(_ column: SegmentColumn) throws(Corruption) {
        var last = -1
        for index in 0..<column.count {
            _ = try cursor.entry(column, index)
            guard column.layout == .sparse else { continue }
            let row = try cursor.row(column, index)
            guard row > last else { throw cursor.corruption(.columnData, column.rows + index * 4, expected: "a row above \(last)", found: "\(row)") }
            last = row
        }
    }

    /// Every row's fields can be read, and columns have values for those rows only.
    private func checkMetadata() throws(Corruption) {
        var counts = [Int](repeating: 0, count: cursor.layout[.columns].count)
        for row in 0..<cursor.rowCount {
            guard let keys = try cursor.keyList(of: row) else { continue }
            let metadata = try cursor.metadata(of: row)
            guard metadata?.fields.count == keys.count else {
                throw cursor.corruption(.rowKeyLists, row * 4, expected: "a list of distinct keys", found: "a key twice")
            }
            for key in keys { counts[Int(key)] += 1 }
        }
        for (number, count) in counts.enumerated() {
            let column = try cursor.column(number)
            guard column.count == count else {
                throw cursor.corruption(
                    .columns, number * SegmentFormat.columnEntryBytes, "valueCount", expected: "\(count)", found: "\(column.count)")
            }
        }
    }
}
