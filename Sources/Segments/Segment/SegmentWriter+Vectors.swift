import ByteCoding
import Indexes
import Quantization
import VectorModel

extension SegmentWriter {
    /// Writes the vectors, zeros for rows without one, and for `cosine` the inverse norms.
    func writeVectors() throws(SegmentWriteError) {
        let dimension = header.dimension
        let hasNorms = dimension > 0 && header.metric == .cosine
        var norms: [Float] = []
        if hasNorms { norms.reserveCapacity(rows.count) }
        var stored = [UInt16](repeating: 0, count: header.element == .float16 ? dimension : 0)
        try section(.vectors) { () throws(SegmentWriteError) in
            try rows.forEach { index, source, row throws(SegmentWriteError) in
                var norm: Float = 0
                try self.withVector(index, source, row) { vector throws(SegmentWriteError) in
                    guard let vector else { return try self.output.appendZeros(dimension * self.header.element.byteCount) }
                    self.flags[index] |= SegmentFormat.RowFlag.hasVector
                    if hasNorms, let base = vector.baseAddress { norm = InverseNorm.of(base, dimension: dimension) }
                    try self.appendNumbers(of: vector, &stored)
                }
                if hasNorms { norms.append(norm) }
            }
        }
        try section(.inverseNorms) { () throws(SegmentWriteError) in try output.append(contentsOf: norms) }
    }

    /// - Parameter stored: room for the bits of a vector, where they are stored as float16.
    private func appendNumbers(of vector: UnsafeBufferPointer<Float>, _ stored: inout [UInt16]) throws(SegmentWriteError) {
        switch header.element {
        case .float32: try output.append(UnsafeRawBufferPointer(vector))
        case .float16:
            if let base = vector.baseAddress { Float16Vectors.narrow(base, count: vector.count, into: &stored) }
            try output.append(contentsOf: stored)
        }
    }

    /// Writes the 8-bit codes of the vectors and their parameters.
    func writeCodes() throws(SegmentWriteError) {
        guard header.codes == .scalar8 else { return }
        let dimension = header.dimension
        let zeros = [Float](repeating: 0, count: dimension)
        var codes = [Int8](repeating: 0, count: ScalarQuantizer8.codeStride(dimension: dimension))
        var parameters: [CodeParameters] = []
        parameters.reserveCapacity(rows.count)
        try section(.codes) { () throws(SegmentWriteError) in
            try rows.forEach { index, source, row throws(SegmentWriteError) in
                try self.withVector(index, source, row) { vector throws(SegmentWriteError) in
                    parameters.append(Self.encode(vector, zeros, into: &codes))
                }
                try self.output.append(contentsOf: codes)
            }
        }
        try section(.codeParameters) { () throws(SegmentWriteError) in try output.append(contentsOf: parameters) }
    }

    /// The codes of a vector, or of zeros where a row has none.
    static func encode(_ vector: UnsafeBufferPointer<Float>?, _ zeros: [Float], into codes: inout [Int8]) -> CodeParameters {
        codes.withUnsafeMutableBufferPointer { codes in
            zeros.withUnsafeBufferPointer { zeros in
                let vector = vector ?? zeros
                // SAFETY: both have `dimension` floats, which are not none, and `codes` has the stride of that dimension.
                return ScalarQuantizer8.encode(
                    vector.baseAddress.unsafelyUnwrapped, dimension: vector.count, into: codes.baseAddress.unsafelyUnwrapped)
            }
        }
    }

    /// Calls `body` with a row's vector, whose length is the segment's dimension, as it is stored: rounded where that is as float16.
    private func withVector(
        _ index: Int, _ source: any StoredRows, _ row: Int, _ body: (UnsafeBufferPointer<Float>?) throws(SegmentWriteError) -> Void
    ) throws(SegmentWriteError) {
        let dimension = header.dimension
        try copying { () throws(Corruption) in
            try source.withVector(of: row) { vector in
                Result { () throws(SegmentWriteError) in
                    if let vector, vector.count != dimension {
                        throw .unusableRow(index: index, problem: "its vector has \(vector.count) numbers; the segment's dimension is \(dimension)")
                    }
                    guard self.header.element == .float16, let vector else { return try body(vector) }
                    try self.withRounded(index, vector, body)
                }
            }
        }
    }

    private func withRounded(
        _ index: Int, _ vector: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>?) throws(SegmentWriteError) -> Void
    ) throws(SegmentWriteError) {
        if let place = Float16Vectors.firstUnstorable(in: vector) {
            throw .unusableRow(index: index, problem: "number \(place) of its vector is beyond \(Float16Vectors.magnitudeMax), the largest float16")
        }
        // Typed throws do not pass through `withUnsafeTemporaryAllocation`, hence the result.
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: vector.count) { rounded in
            _ = rounded.initialize(from: vector)
            if let base = rounded.baseAddress { Float16Vectors.round(base, count: rounded.count) }
            return Result { () throws(SegmentWriteError) in try body(UnsafeBufferPointer(rounded)) }
        }.get()
    }

    /// Writes insertion keys, which must ascend, and sequence numbers.
    func writeKeysAndSequences() throws(SegmentWriteError) {
        var last: UInt64?
        try section(.insertionKeys) { () throws(SegmentWriteError) in
            try rows.forEach { index, source, row throws(SegmentWriteError) in
                let key = try reading { () throws(Corruption) in try source.insertionKey(of: row) }
                if let last, key <= last {
                    throw .unusableRow(index: index, problem: "its insertion key \(key) is not above \(last), that of the row before")
                }
                last = key
                try self.output.append(key)
            }
        }
        try section(.sequences) { () throws(SegmentWriteError) in
            try rows.forEach { _, source, row throws(SegmentWriteError) in
                try self.output.append(try reading { () throws(Corruption) in try source.sequence(of: row) }.rawValue)
            }
        }
    }
}

extension SegmentWriter {
    /// Writes keys, strings, columns and what else metadata needs.
    func writeMetadata() throws(SegmentWriteError) { try SegmentMetadataWriter(self).write() }
}
