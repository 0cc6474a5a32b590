/// Reads moments out of text: the calendar dates and instants of ISO 8601 in their extended form.
///
/// `2024-05-31`; the same with `T` (or `t`, or a space) and `12:30`, `12:30:15` or `12:30:15.25` (a comma is a point too); then, if anything, `Z` (or
/// `z`), `+02`, `+0200` or `+02:00`. Without an offset the time is UTC, without a time the day's first moment. Years are 0000 to 9999 of the
/// Gregorian calendar, continued to before it was made. A fraction is cut off after the microsecond, and second 60, a leap second, is the next
/// minute's first.
public enum DateText {
    /// - Returns: microseconds since 1970-01-01T00:00:00Z; `nil` when the text is anything else.
    public static func microseconds(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { microseconds(UnsafeRawBufferPointer($0)) }
    }

    /// - Parameter text: UTF-8. Anything longer than `bytesMax` is no date, so a long text costs nothing.
    public static func microseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 10, text.count <= bytesMax else { return nil }
        var scanner = Scanner(text)
        guard let day = scanner.day() else { return nil }
        var moment = day * 86_400_000_000
        guard !scanner.isAtEnd else { return moment }
        guard scanner.skip(where: { $0 == UInt8(ascii: "T") || $0 == UInt8(ascii: "t") || $0 == UInt8(ascii: " ") }), let time = scanner.time(),
            let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        moment += time - offset
        return moment
    }

    /// A date, a time with a fraction of nanoseconds and more, and an offset have fewer.
    private static let bytesMax = 64

    /// Goes through a text; every method returns `nil` where the text has something else, and then the place no longer matters.
    private struct Scanner {
        private let text: UnsafeRawBufferPointer
        private var place = 0

        init(_ text: UnsafeRawBufferPointer) {
            self.text = text
        }

        var isAtEnd: Bool { place == text.count }

        mutating func skip(where isMeant: (UInt8) -> Bool) -> Bool {
            guard place < text.count, isMeant(text[place]) else { return false }
            place += 1
            return true
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool { skip { $0 == UInt8(ascii: character) } }

        /// A number of exactly `digits` digits in `range`.
        mutating func number(_ digits: Int, _ range: ClosedRange<Int64>) -> Int64? {
            guard place + digits <= text.count else { return nil }
            var number: Int64 = 0
            for character in text[place..<place + digits] {
                guard let digit = Self.digit(character) else { return nil }
                number = number * 10 + digit
            }
            place += digits
            return range.contains(number) ? number : nil
        }

        /// Days since 1970-01-01.
        mutating func day() -> Int64? {
            guard let year = number(4, 0...9_999), skip("-"), let month = number(2, 1...12), skip("-"), let day = number(2, 1...31),
                day <= Self.days(in: month, of: year)
            else { return nil }
            return Self.days(before: year, month, day)
        }

        /// Microseconds since midnight.
        mutating func time() -> Int64? {
            guard let hour = number(2, 0...23), skip(":"), let minute = number(2, 0...59) else { return nil }
            var microseconds = (hour * 60 + minute) * 60_000_000
            guard skip(":") else { return microseconds }
            guard let second = number(2, 0...60) else { return nil }
            microseconds += second * 1_000_000
            guard skip(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }) else { return microseconds }
            guard let fraction = fraction() else { return nil }
            return microseconds + fraction
        }

        /// Digits after the point, as microseconds.
        private mutating func fraction() -> Int64? {
            var (value, unit): (Int64, Int64) = (0, 100_000)
            let start = place
            while place < text.count, let digit = Self.digit(text[place]) {
                value += digit * unit
                unit /= 10
                place += 1
            }
            return place > start ? value : nil
        }

        /// How far the clock is ahead of UTC, in microseconds; 0 when nothing is said.
        mutating func offset() -> Int64? {
            if isAtEnd || skip(where: { $0 == UInt8(ascii: "Z") || $0 == UInt8(ascii: "z") }) { return 0 }
            let isBehind = skip("-")
            guard isBehind || skip("+"), let hours = number(2, 0...23) else { return nil }
            var minutes: Int64 = 0
            if !isAtEnd {
                _ = skip(":")
                guard let number = number(2, 0...59) else { return nil }
                minutes = number
            }
            let microseconds = (hours * 60 + minutes) * 60_000_000
            return isBehind ? -microseconds : microseconds
        }

        private static func digit(_ character: UInt8) -> Int64? {
            let digit = character &- UInt8(ascii: "0")
            return digit <= 9 ? Int64(digit) : nil
        }

        private static func isLeap(_ year: Int64) -> Bool {
            year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        }

        private static func days(in month: Int64, of year: Int64) -> Int64 {
            switch month {
            case 2: isLeap(year) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }

        /// Days from 1970-01-01 to a date that exists.
        private static func days(before year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
            // Counted in years that begin in March, so that the leap day is the last one; 400 years have 146,097 days.
            let shifted = month > 2 ? year : year - 1
            let era = (shifted >= 0 ? shifted : shifted - 399) / 400
            let yearOfEra = shifted - era * 400
            let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
            let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            // From 0000-03-01 to 1970-01-01.
            return era * 146_097 + dayOfEra - 719_468
        }
    }
}
