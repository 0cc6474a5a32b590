/// The version of `lyrica`, which it also tells servers.
public enum ClientVersion {
    public static let current = "0.1.0"
    public static let userAgent = "lyrica/" + current
}
