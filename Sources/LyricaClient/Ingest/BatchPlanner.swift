/// Decides which rows go together: no more than so many, and no more than about so many bytes. A row alone may be larger.
public struct BatchPlanner: Equatable, Sendable {
    public let rowsMax: Int
    public let bytesMax: Int
    private var rows = 0
    private var bytes = 0

    /// - Parameters:
    ///   - rowsMax: At least 1.
    ///   - bytesMax: Of the request, as estimated.
    public init(rowsMax: Int, bytesMax: Int) {
        precondition(rowsMax >= 1, "a batch holds at least one row")
        self.rowsMax = rowsMax
        self.bytesMax = bytesMax
    }

    /// Counts a row, and says whether it is the first of a new batch because the one before was full. The very first row is not.
    public mutating func startsNewBatch(rowBytes: Int) -> Bool {
        let isFull = rows > 0 && (rows == rowsMax || rowBytes > bytesMax - bytes)
        rows = isFull ? 1 : rows + 1
        bytes = isFull ? rowBytes : bytes + rowBytes
        return isFull
    }
}
