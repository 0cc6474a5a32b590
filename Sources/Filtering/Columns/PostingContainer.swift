import VectorModel

/// Where the rows of one value within one chunk of 65,536 rows are, and in which form: a container of a roaring bitmap, in 8 bytes.
///
/// Lemire et al., "Roaring Bitmaps: Implementation of an Optimized Software Library" (2018), DOI 10.1002/spe.2560. The format is our own,
/// since all of it is read in place and every number that a reader goes by is checked once before.
struct PostingContainer: BitwiseCopyable {
    /// How the rows of a chunk are written, as 16-bit units.
    enum Form: UInt64 {
        /// Each row, ascending.
        case rows = 0
        /// One bit per row of the chunk.
        case bits = 1
        /// The first row and the number of rows after it, for each run of consecutive rows.
        case runs = 2
    }

    let word: UInt64

    init(word: UInt64) { self.word = word }

    init(chunk: Int, count: Int, form: Form, unit: Int) {
        word = UInt64(chunk) | UInt64(count - 1) << 16 | form.rawValue << 32 | UInt64(unit) << 34
    }

    /// Rows from `65_536 * chunk` on.
    var chunk: Int { Int(word & 0xffff) }
    /// Rows; for runs, runs.
    var count: Int { Int(word >> 16 & 0xffff) + 1 }
    /// `nil` for a number that no writer gives.
    var form: Form? { Form(rawValue: word >> 32 & 3) }
    /// Where it begins among the lane's units.
    var unit: Int { Int(word >> 34) }

    var unitCount: Int {
        switch form {
        case .rows, nil: count
        case .bits: Self.unitsOfBits
        case .runs: 2 * count
        }
    }

    static let rowsPerChunk = 1 << 16
    static let unitsOfBits = rowsPerChunk / 16
    /// Units that containers of one lane can name.
    static let unitCountMax = 1 << 30
}

/// Writes the sets of rows of a lane's values.
struct PostingWriter {
    private(set) var containers: [UInt64] = []
    private(set) var units: [UInt16] = []

    /// Appends the rows of the next value: ascending, each once.
    mutating func append(_ rows: UnsafeBufferPointer<UInt32>) {
        var start = 0
        while start < rows.count {
            let chunk = rows[start] >> 16
            var (end, runs) = (start + 1, 1)
            while end < rows.count, rows[end] >> 16 == chunk {
                if rows[end] != rows[end - 1] + 1 { runs += 1 }
                end += 1
            }
            append(UnsafeBufferPointer(rebasing: rows[start..<end]), chunk: Int(chunk), runs: runs)
            start = end
        }
    }

    private mutating func append(_ rows: UnsafeBufferPointer<UInt32>, chunk: Int, runs: Int) {
        let unit = units.count
        if 2 * runs < min(rows.count, PostingContainer.unitsOfBits) {
            appendRuns(rows)
            containers.append(PostingContainer(chunk: chunk, count: runs, form: .runs, unit: unit).word)
        } else if rows.count <= PostingContainer.unitsOfBits {
            for row in rows { units.append(UInt16(truncatingIfNeeded: row)) }
            containers.append(PostingContainer(chunk: chunk, count: rows.count, form: .rows, unit: unit).word)
        } else {
            units.append(contentsOf: repeatElement(0, count: PostingContainer.unitsOfBits))
            for row in rows { units[unit + Int(row & 0xffff) >> 4] |= 1 << UInt16(row & 15) }
            containers.append(PostingContainer(chunk: chunk, count: rows.count, form: .bits, unit: unit).word)
        }
    }

    private mutating func appendRuns(_ rows: UnsafeBufferPointer<UInt32>) {
        var first = 0
        for index in rows.indices where index + 1 == rows.count || rows[index + 1] != rows[index] + 1 {
            units.append(UInt16(truncatingIfNeeded: rows[first]))
            units.append(UInt16(index - first))
            first = index + 1
        }
    }
}

extension PostingContainer {
    /// Adds the container's rows to a set whose bound they are below.
    /// - Parameter units: those of the lane.
    func insert(into set: inout OrdinalSet, _ units: UnsafePointer<UInt16>) {
        let (first, units) = (chunk * Self.rowsPerChunk, units + unit)
        switch form {
        case .rows: for index in 0..<count { set.insert(first + Int(units[index])) }
        case .runs:
            for run in 0..<count {
                let start = first + Int(units[2 * run])
                set.insert(start...start + Int(units[2 * run + 1]))
            }
        case .bits:
            for index in 0..<min(Self.rowsPerChunk, set.bound - first + 63) / 64 {
                set.insert(Self.bits(units, index), at: first / 64 + index)
            }
        // Refused when the index was opened.
        case nil: preconditionFailure("a container of no form")
        }
    }

    /// How many rows the container holds, if it is one that a writer makes; `nil` otherwise.
    /// - Parameters:
    ///   - units: those of the lane, all of which may be read.
    ///   - rowCount: what rows are below.
    func checkedRowCount(_ units: UnsafeBufferPointer<UInt16>, rowCount: Int) -> Int? {
        guard let form, unit <= units.count, unitCount <= units.count - unit else { return nil }
        let own = UnsafeBufferPointer(rebasing: units[unit..<unit + unitCount])
        let bound = min(Self.rowsPerChunk, rowCount - chunk * Self.rowsPerChunk)
        guard bound > 0 else { return nil }
        switch form {
        case .rows:
            for index in 1..<max(count, 1) where own[index] <= own[index - 1] { return nil }
            return Int(own[count - 1]) < bound ? count : nil
        case .runs:
            var (next, rows) = (0, 0)
            for run in 0..<count {
                let (start, length) = (Int(own[2 * run]), Int(own[2 * run + 1]) + 1)
                guard start >= next, start + length <= bound else { return nil }
                (next, rows) = (start + length, rows + length)
            }
            return rows
        case .bits:
            var rows = 0
            for index in 0..<Self.rowsPerChunk / 64 {
                // SAFETY: `own` has the units of all bits.
                let word = Self.bits(own.baseAddress.unsafelyUnwrapped, index)
                let room = bound - index * 64
                if room < 64, word >> UInt64(max(room, 0)) != 0 { return nil }
                rows += word.nonzeroBitCount
            }
            return rows == count ? count : nil
        }
    }

    private static func bits(_ units: UnsafePointer<UInt16>, _ index: Int) -> UInt64 {
        // SAFETY: callers give an index below 1,024 of a container of that many words.
        UnsafeRawPointer(units).loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
    }
}
