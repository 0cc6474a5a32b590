/// Reading the `Retry-After` header (RFC 9110, 10.2.3).
public enum RetryAfter {
    /// The wait that a header value asks for; `nil` when it is neither a number of seconds nor a date in the standard form.
    /// - Parameter unixNow: The time in seconds since 1970, from which a date is counted; a date in the past means no wait.
    public static func wait(from value: String, unixNow: Int64) -> Duration? {
        if let seconds = Int64(value), seconds >= 0, seconds < 1 << 40 { return .seconds(seconds) }
        return unixTime(ofHTTPDate: value).map { .seconds(max(0, $0 - unixNow)) }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that senders may still produce.
    private static func unixTime(ofHTTPDate text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT",
            let day = Int64(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[2])),
            let year = Int64(parts[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2]) else { return nil }
        let days = daysSince1970(year: year, month: Int64(month) + 1, day: day)
        return days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }

    /// Days in the proleptic Gregorian calendar. Years start in March here, so that the leap day comes last.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let marchMonth = (month + 9) % 12
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    }
}
