import Indexes
import Quantization
import TestSupport
import Testing
import VectorKernels
import VectorModel

/// Rows with everything that a run may have, laid out as a segment does.
struct TestRows {
    let dimension: Int
    let count: Int
    let values: [Float]
    let inverseNorms: [Float]
    /// The same numbers as binary16, where the rows were made for it.
    private let halves: [UInt16]?
    private let codes: [Int8]
    private let parameters: [CodeParameters]
    private let stride: Int

    /// - Parameter element: for float16 the rows are rounded first.
    init(_ rows: [[Float]], element: VectorElement = .float32) {
        let rows = element == .float32 ? rows : rows.map(Self.rounded)
        dimension = rows[0].count
        count = rows.count
        let stride = ScalarQuantizer8.codeStride(dimension: dimension)
        var codes = [Int8](repeating: 0, count: rows.count * stride)
        parameters = codes.withUnsafeMutableBufferPointer { codes in
            rows.enumerated().map { index, row in
                ScalarQuantizer8.encode(row, dimension: row.count, into: codes.baseAddress! + index * stride)
            }
        }
        self.codes = codes
        self.stride = stride
        values = rows.flatMap { $0 }
        var halves = [UInt16](repeating: 0, count: values.count)
        Float16Vectors.narrow(values, count: values.count, into: &halves)
        self.halves = element == .float32 ? nil : halves
        inverseNorms = rows.map { row in row.withUnsafeBufferPointer { InverseNorm.of($0.baseAddress!, dimension: row.count) } }
    }

    private static func rounded(_ row: [Float]) -> [Float] {
        var row = row
        row.withUnsafeMutableBufferPointer { Float16Vectors.round($0.baseAddress!, count: $0.count) }
        return row
    }

    /// A row, sometimes moved a little, sometimes a vector of its own.
    func query(_ generator: inout SeededGenerator) -> [Float] {
        let row = Int.random(in: 0..<count, using: &generator)
        let vector = Array(values[row * dimension..<(row + 1) * dimension])
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return vector
        case 1: return generator.vector(dimension)
        default: return zip(vector, generator.vector(dimension)).map { ($0 + 0.1 * $1).isFinite ? $0 + 0.1 * $1 : $0 }
        }
    }

    func scan<Access: RowAccess>(
        _ query: [Float], _ metric: Metric, _ accepted: OrdinalSet, part: UInt32 = 0, usesCodes: Bool = true, kernels: VectorKernels = .active,
        access: Access, into nearest: inout TopK, order: (Int) -> UInt64
    ) where Access.Failure == Never {
        query.withUnsafeBufferPointer { query in
            let search = FlatSearch(query: query, metric: metric, kernels: kernels)
            withRun(part: part, usesCodes: usesCodes) { run in
                search.scan(run, accepted: accepted, access: access, into: &nearest, order: order, shouldContinue: {})
            }
        }
    }

    func search<Access: RowAccess>(
        _ query: [Float], _ metric: Metric, k: Int, _ accepted: OrdinalSet, usesCodes: Bool = true, kernels: VectorKernels = .active,
        access: Access, order: (Int) -> UInt64
    ) -> [Candidate] where Access.Failure == Never {
        var nearest = TopK(k: k)
        scan(query, metric, accepted, usesCodes: usesCodes, kernels: kernels, access: access, into: &nearest, order: order)
        return nearest.sorted()
    }

    func withRun<R>(part: UInt32 = 0, usesCodes: Bool = true, _ body: (VectorRun) throws -> R) rethrows -> R {
        try (halves ?? []).withUnsafeBufferPointer { halves in
            try withRun(part, usesCodes, self.halves == nil ? nil : halves.baseAddress!, body)
        }
    }

    private func withRun<R>(_ part: UInt32, _ usesCodes: Bool, _ halves: UnsafePointer<UInt16>?, _ body: (VectorRun) throws -> R) rethrows -> R {
        try values.withUnsafeBufferPointer { values in
            try inverseNorms.withUnsafeBufferPointer { norms in
                try codes.withUnsafeBufferPointer { codes in
                    try parameters.withUnsafeBufferPointer { parameters in
                        try body(
                            VectorRun(
                                part: part, firstOrdinal: 0, numbers: halves.map { .float16($0) } ?? .float32(values.baseAddress!), count: count,
                                inverseNorms: norms.baseAddress!,
                                codes: usesCodes
                                    ? CodeRun(codes: codes.baseAddress!, stride: stride, parameters: parameters.baseAddress!) : nil))
                    }
                }
            }
        }
    }

    /// Searches with codes, which announces what it reads, and without.
    func expectSameAnswers(
        _ query: [Float], _ metric: Metric, k: Int, _ accepted: OrdinalSet, _ kernels: VectorKernels, _ comment: Comment,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        // Neighbours get distant keys, so that the order is not that of the rows.
        let order: (Int) -> UInt64 = { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
        let access = RecordedAccess()
        let expected = search(query, metric, k: k, accepted, usesCodes: false, kernels: kernels, access: RecordedAccess(), order: order)
        let found = search(query, metric, k: k, accepted, kernels: kernels, access: access, order: order)
        #expect(found.map(\.ordinal) == expected.map(\.ordinal), comment, sourceLocation: sourceLocation)
        #expect(found.map(\.distance.bitPattern) == expected.map(\.distance.bitPattern), comment, sourceLocation: sourceLocation)
        #expect(found.allSatisfy { access.vectors.contains(Int($0.ordinal)) }, comment, sourceLocation: sourceLocation)
    }
}

/// Remembers which rows were announced.
final class RecordedAccess: RowAccess {
    private(set) var vectors: Set<Int> = []
    private(set) var codes: Set<Int> = []

    func willReadVectors(rows: Range<Int>) { vectors.formUnion(rows) }
    func willReadCodes(rows: Range<Int>) { codes.formUnion(rows) }
}
