import LyricaClient
import Testing

@Suite struct TerminalTests {
    @Test func printableTextCannotSteerTheTerminal() {
        #expect(TerminalText.printable("a\u{1B}[2Jb\u{7}\n\t c \u{202E}x\u{9B}5m") == "a [2Jb c x 5m")
        #expect(TerminalText.printable("  ") == "")
    }

    @Test func widthsAreThoseOfTheTerminal() {
        #expect(TerminalText.columns("abc") == 3)
        #expect(TerminalText.columns("日本") == 4)
        #expect(TerminalText.columns("e\u{301}") == 1)
        #expect(TerminalText.columns("😀") == 2)
    }

    @Test func cutsAtTheWidth() {
        #expect(TerminalText.cut("abcdef", columnsMax: 6) == "abcdef")
        #expect(TerminalText.cut("abcdef", columnsMax: 5) == "abcd…")
        #expect(TerminalText.cut("日本語", columnsMax: 5) == "日本…")
        #expect(TerminalText.cut("日本語", columnsMax: 4) == "日…")
        #expect(TerminalText.cut("ab", columnsMax: 1) == "…")
        #expect(TerminalText.cut("ab", columnsMax: 0) == "")
    }

    private var table: Table {
        var table = Table([.init("#", alignsRight: true), .init("id"), .init("document", shrinks: true)])
        table.add(["1", "a", "A short one"])
        table.add(["10", "bcd", "A longer one that\ndoes not fit"])
        return table
    }

    @Test func alignsColumns() {
        #expect(table.lines(width: nil) == [
            " #  id   document",
            "──  ───  ─────────────────────────────",
            " 1  a    A short one",
            "10  bcd  A longer one that does not fit",
        ].enumerated().map { $0.offset == 1 ? $0.element + "─" : $0.element })
    }

    @Test(arguments: 1...60) func isNeverWiderThanTheTerminal(width: Int) {
        for line in table.lines(width: width) { #expect(TerminalText.columns(line) <= width) }
    }

    @Test func shrinksTheLongColumn() {
        #expect(table.lines(width: 25).last == "10  bcd  A longer one th…")
    }

    @Test(arguments: [
        (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_535, "1.4 KiB"), (1_048_575, "1023.9 KiB"), (1 << 20, "1.0 MiB"), (3 << 29, "1.5 GiB"),
        (Int.max, "8191.9 PiB"),
    ]) func bytesHaveAUnit(bytes: Int, text: String) {
        #expect(ByteCount.text(bytes) == text)
    }

    @Test func oneIsNotMany() {
        #expect(ProgressMeter.counted(1, "file") == "1 file")
        #expect(ProgressMeter.counted(0, "file") == "0 files")
        #expect(ProgressMeter.counted(1_200, "row") == "1,200 rows")
    }

    @Test func progressTellsRateAndTimeLeft() {
        var meter = ProgressMeter(total: 12_000, initial: 2_000, now: .seconds(100))
        #expect(meter.summary(now: .seconds(100)) == "2,000 of 12,000 rows, 16 %")
        meter.advance(to: 4_500)
        #expect(meter.summary(now: .seconds(102)) == "4,500 of 12,000 rows, 37 %, 1,250 rows/s, 0:06 left")
        #expect(meter.line(now: .seconds(102), columns: 80).hasPrefix("[#########"))
        meter.advance(to: 12_000)
        #expect(meter.summary(now: .seconds(110)) == "12,000 of 12,000 rows, 100 %, 1,000 rows/s")
        for columns in 2...120 { #expect(TerminalText.columns(meter.line(now: .seconds(110), columns: columns)) < columns) }
        var open = ProgressMeter(total: nil, initial: 0, now: .zero)
        open.advance(to: 10)
        #expect(open.summary(now: .seconds(5)) == "10 rows, 2 rows/s")
        var bytes = ProgressMeter(unit: .bytes, total: 3 << 30, initial: 0, now: .zero)
        bytes.advance(to: 1 << 30)
        #expect(bytes.summary(now: .seconds(4)) == "1.0 GiB of 3.0 GiB, 33 %, 256.0 MiB/s, 0:08 left")
        #expect(ProgressMeter(total: 0, initial: 0, now: .zero).summary(now: .zero) == "0 of 0 rows, 100 %")
        #expect(ProgressMeter.clock(.seconds(3_725)) == "1:02:05")
        #expect(ProgressMeter.grouped(-1_234_567) == "-1,234,567")
    }
}
