/// Moments as people write them: `2026-01-31T23:59:59Z`, by the proleptic Gregorian calendar, without leap seconds.
public enum UTCTime {
    /// Milliseconds since the beginning of 1970 for `YYYY-MM-DDTHH:MM:SS[.fff]Z`; `nil` for anything else, and for a date that does not exist.
    ///
    /// The time zone must be said and be UTC: a moment to restore to is no place for guesses.
    public static func milliseconds(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
        for (place, sign) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] where bytes[place] != sign.utf8.first { return nil }
        guard let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            let fraction = fraction(bytes[19..<bytes.count - 1])
        else { return nil }
        guard year >= 1970, (1...12).contains(month), (1...days(in: month, of: year)).contains(day), hour < 24, minute < 60, second < 60 else {
            return nil
        }
        let days = days(until: year, month) + day - 1
        return UInt64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + UInt64(fraction)
    }

    /// `2026-01-31T23:59:59.123Z`.
    public static func text(milliseconds: UInt64) -> String {
        let seconds = Int(clamping: milliseconds / 1_000)
        var days = seconds / 86_400
        var year = 1970 + days / 366
        while Self.days(until: year + 1, 1) <= days { year += 1 }
        days -= Self.days(until: year, 1)
        var month = 1
        while days >= Self.days(in: month, of: year) {
            days -= Self.days(in: month, of: year)
            month += 1
        }
        let clock = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(days + 1, 2))T\(clock).\(padded(Int(milliseconds % 1_000), 3))Z"
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// Milliseconds of nothing, or of a dot and one to three digits.
    private static func fraction(_ text: ArraySlice<UInt8>) -> Int? {
        guard let dot = text.first else { return 0 }
        let digits = text.dropFirst()
        guard dot == UInt8(ascii: "."), (1...3).contains(digits.count), let value = number(digits) else { return nil }
        return value * [100, 10, 1][digits.count - 1]
    }

    private static func isLeap(_ year: Int) -> Bool { year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) }

    private static func days(in month: Int, of year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days from the beginning of 1970 to that of a month.
    private static func days(until year: Int, _ month: Int) -> Int {
        let past = year - 1
        let leapDays = past / 4 - past / 100 + past / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        return (year - 1970) * 365 + leapDays + (1..<month).reduce(0) { $0 + days(in: $1, of: year) }
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
