import ColumnStore
import Synchronization
import Testing

@Suite struct StringTableTests {
    private final class Progress: Sendable {
        let published = Atomic<Int>(0)
    }

    @Test func equalStringsShareANumberAndKeepIt() {
        let table = StringTable()
        let texts = (0..<20_000).map { "text-\($0 * 7)" } + ["", "\u{0}", "日本語", String(repeating: "x", count: 100_000)]
        let numbers = texts.map { table.intern($0) }
        #expect(numbers == Array(0..<UInt32(texts.count)))
        #expect(texts.map { table.intern($0) } == numbers)
        #expect(texts.map { table.find($0) } == numbers)
        #expect(zip(numbers, texts).allSatisfy { table.string(of: $0) == $1 })
        #expect(table.find("never interned") == nil)
        #expect(table.count == texts.count)
    }

    /// Every slot table starts with one seed, so strings that collide in a table of 16 slots fill whole probe runs.
    @Test func collidingStringsAreToldApart() {
        for seed in 0..<50 as Range<UInt64> {
            let table = StringTable(seed: seed)
            for index in 0..<11 { _ = table.intern("s\(index)") }
            #expect((0..<11).allSatisfy { table.find("s\($0)") == UInt32($0) })
            #expect((11..<40).allSatisfy { table.find("s\($0)") == nil })
        }
    }

    @Test func readersFindWhatWasPublishedWhileAWriterAdds() async {
        let table = StringTable()
        let progress = Progress()
        let total = 50_000
        await withTaskGroup(of: Int.self) { group in
            group.addTask {
                for index in 0..<total {
                    _ = table.intern("key \(index)")
                    progress.published.store(index + 1, ordering: .releasing)
                }
                return 0
            }
            for reader in 0..<2 {
                group.addTask {
                    var wrong = 0
                    var probe = reader
                    while true {
                        let visible = progress.published.load(ordering: .acquiring)
                        if visible > 0 {
                            probe = (probe &* 1_103_515_245 &+ 12_345) & 0x7FFF_FFFF
                            let index = probe % visible
                            if table.find("key \(index)") != UInt32(index) { wrong += 1 }
                        }
                        if visible == total { return wrong }
                    }
                }
            }
            for await wrong in group { #expect(wrong == 0) }
        }
    }
}
