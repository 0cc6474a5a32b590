import ColumnStore
import Testing

@Suite struct StableArrayTests {
    @Test func rowsKeepTheirPlaceWhileTheArrayGrows() {
        let array = StableArray<UInt64>()
        array.append(7)
        let first = array.pointer(toRow: 0)
        for value in 1..<100_000 as Range<UInt64> { array.append(value * 3) }
        #expect(array.pointer(toRow: 0) == first && first.pointee == 7)
        #expect(array.count == 100_000)
        #expect((1..<100_000).allSatisfy { array[$0] == UInt64($0) * 3 })
    }

    @Test(arguments: [1, 3, 384])
    func runsCoverEveryRowOnceAndAreContiguous(stride: Int) {
        let array = StableArray<Float>(stride: stride)
        for row in 0..<1_000 {
            let place = array.appendRow()
            for index in 0..<stride { place[index] = Float(row * stride + index) }
        }
        var row = 0
        while row < 1_000 {
            let rows = min(array.rowsToEndOfBlock(from: row), 1_000 - row)
            #expect(rows > 0)
            let base = array.pointer(toRow: row)
            #expect((0..<rows * stride).allSatisfy { base[$0] == Float(row * stride + $0) })
            row += rows
        }
        #expect(row == 1_000)
    }

    @Test func arenaBytesStayWhatTheyWere() {
        let arena = ByteArena()
        var copies: [(UnsafeRawPointer, [UInt8])] = []
        for size in [0, 1, 7, 8, 9, 100, 600, 5_000, 2_000_000, 3] + Array(repeating: 333, count: 5_000) {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &+ size) }
            copies.append((bytes.withUnsafeBytes { arena.copy($0) }, bytes))
        }
        for (pointer, bytes) in copies {
            #expect(UInt(bitPattern: pointer) % 8 == 0)
            #expect(UnsafeRawBufferPointer(start: pointer, count: bytes.count).elementsEqual(bytes))
        }
    }
}
