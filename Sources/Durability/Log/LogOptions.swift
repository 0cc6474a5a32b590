/// How much a log may lose when the machine, not only the process, dies.
public enum LogDurability: Hashable, Sendable {
    /// A change is acknowledged after `fdatasync`: nothing acknowledged is lost.
    case sync
}

/// Settings of a log. They may differ from one opening to the next.
public struct LogOptions: Sendable {
    /// The length of a log file in bytes. Default 16 MiB, a multiple of 8 from 4 KiB to 1 GiB; a record that does not fit gets a file of its size.
    ///
    /// The next file is written full of zeros before it is needed, so this is also the least that an idle log occupies. Overwriting such
    /// space syncs in a fraction of the time that growing a file takes.
    public var fileBytes: Int {
        didSet { Self.check(fileBytes: fileBytes) }
    }

    /// How many bytes may wait for the disk before `append` throws `overloaded`. Default 256 MiB. A single record is always taken when
    /// nothing waits.
    public var pendingBytesMax: Int

    /// What an acknowledgement means. Default `sync`.
    public var durability: LogDurability

    /// The version of the program, noted in new files for whoever looks at them. At most 32 bytes of UTF-8 are kept.
    public var createdWith: String

    public init(
        fileBytes: Int = 16 << 20, pendingBytesMax: Int = 256 << 20, durability: LogDurability = .sync, createdWith: String = "lyrica-vectord"
    ) {
        Self.check(fileBytes: fileBytes)
        self.fileBytes = fileBytes
        self.pendingBytesMax = pendingBytesMax
        self.durability = durability
        self.createdWith = createdWith
    }

    private static func check(fileBytes: Int) {
        precondition(fileBytes >= 4 << 10 && fileBytes <= 1 << 30 && fileBytes % 8 == 0, "fileBytes is out of range")
    }
}
