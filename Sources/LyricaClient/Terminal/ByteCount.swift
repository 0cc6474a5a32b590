/// Numbers of bytes for people.
public enum ByteCount {
    /// `512 B`, `1.5 KiB`, `12.0 GiB`: one decimal, rounded down.
    public static func text(_ bytes: Int) -> String {
        guard bytes >= 1_024 else { return "\(bytes) B" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB"]
        var shift = 10
        while shift < units.count * 10, bytes >> (shift + 10) > 0 { shift += 10 }
        let tenths = ((bytes >> (shift - 10)) * 10) >> 10
        return "\(tenths / 10).\(tenths % 10) \(units[shift / 10 - 1])"
    }
}
