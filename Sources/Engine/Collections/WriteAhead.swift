import Synchronization
import VectorModel

/// How much of a collection is only in memory and in the log. Read by the maintenance threads without the collection's locks.
final class WriteAhead: Sendable {
    private let firstNumber = Atomic<UInt64>(.max)
    private let bytes = Atomic<Int>(0)
    private let changes = Atomic<Int>(0)
    private let withdrawals = Atomic<Int>(0)

    /// The first change that the log must keep; `nil` if everything is in segments.
    var first: SequenceNumber? {
        let number = firstNumber.load(ordering: .acquiring)
        return number == .max ? nil : SequenceNumber(number)
    }

    /// Bytes of memtables.
    var memtableBytes: Int { bytes.load(ordering: .relaxed) }

    /// Grows with every change: tells a collection at rest from one that is written to.
    var changeCount: Int { changes.load(ordering: .relaxed) }

    /// Grows whenever a change was taken back.
    var withdrawalCount: Int { withdrawals.load(ordering: .acquiring) }

    // Changed with the collection's `working` locked.

    func note(_ number: SequenceNumber, bytes: Int) {
        self.bytes.store(bytes, ordering: .relaxed)
        changes.wrappingAdd(1, ordering: .relaxed)
        if firstNumber.load(ordering: .relaxed) > number.rawValue { firstNumber.store(number.rawValue, ordering: .releasing) }
    }

    func noteWithdrawal(bytes: Int) {
        self.bytes.store(bytes, ordering: .relaxed)
        withdrawals.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    /// Everything through `number` is in segments.
    func noteFlush(through number: SequenceNumber, last: SequenceNumber, bytes: Int) {
        self.bytes.store(bytes, ordering: .relaxed)
        firstNumber.store(last > number ? number.rawValue + 1 : .max, ordering: .releasing)
    }
}
