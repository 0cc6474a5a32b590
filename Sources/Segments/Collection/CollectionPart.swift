public import VectorModel

/// Some of a collection's rows, and which of them are dead at one moment. A value.
public struct CollectionPart: Sendable {
    public let rows: RowSource
    public var tombstones: Tombstones

    public init(_ rows: RowSource, tombstones: Tombstones = Tombstones()) {
        self.rows = rows
        self.tombstones = tombstones
    }

    public var rowCount: Int { rows.rowCount }
    public var liveCount: Int { rowCount - tombstones.count }

    /// Every living row.
    public func alive() -> OrdinalSet { tombstones.alive(below: rowCount) }
}

/// Where a row of a collection is: the part's place in the list of parts, and the row in it.
public struct RowAddress: Hashable, Sendable {
    public let part: Int
    public let row: Int

    public init(part: Int, row: Int) {
        self.part = part
        self.row = row
    }
}
