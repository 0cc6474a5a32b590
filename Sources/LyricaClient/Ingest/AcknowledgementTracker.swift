/// Knows up to which row everything is stored, while batches may be acknowledged in any order.
public struct AcknowledgementTracker: Equatable, Sendable {
    /// Everything before it is acknowledged.
    public private(set) var position: RowPosition
    /// Rows acknowledged, those behind a gap included.
    public private(set) var rowsAcknowledged: Int
    private var nextToFinish = 0
    private var finishedEarly: [Int: RowPosition] = [:]

    /// - Parameter position: Where this run starts; the rows before it count as acknowledged.
    public init(startingAt position: RowPosition) {
        self.position = position
        rowsAcknowledged = position.rows
    }

    /// Notes that a batch is stored.
    /// - Parameter batchNumber: Its place in the order of sending, from 0; each is acknowledged once.
    /// - Returns: Whether `position` moved.
    public mutating func acknowledge(batchNumber: Int, rows: Int, end: RowPosition) -> Bool {
        rowsAcknowledged += rows
        finishedEarly[batchNumber] = end
        let before = nextToFinish
        while let end = finishedEarly.removeValue(forKey: nextToFinish) {
            position = end
            nextToFinish += 1
        }
        return nextToFinish > before
    }
}
