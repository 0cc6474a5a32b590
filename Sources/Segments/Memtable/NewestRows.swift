import ColumnStore
import Synchronization

/// For each record id's number the row of its newest version, dead or alive: the heads of the version chains.
///
/// Isolation: one writer; readers at any time, since each head is atomic. A reader that finds a row newer than its snapshot follows the chain back.
final class NewestRows: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable`: the array is append-only, its elements are changed through atomics only.
    private let heads = StableArray<UInt32>()

    func newest(of identifier: UInt32) -> UInt32? {
        guard Int(identifier) < published.load(ordering: .acquiring) else { return nil }
        let row = atomic(identifier).pointee.load(ordering: .acquiring)
        return row == MemtableRow.none ? nil : row
    }

    /// Writer only.
    func setNewest(_ row: UInt32, of identifier: UInt32) {
        while heads.count <= Int(identifier) { heads.append(MemtableRow.none) }
        atomic(identifier).pointee.store(row, ordering: .releasing)
        published.store(heads.count, ordering: .releasing)
    }

    private let published = Atomic<Int>(0)

    private func atomic(_ identifier: UInt32) -> UnsafeMutablePointer<Atomic<UInt32>> {
        // SAFETY: `Atomic<UInt32>` has the layout of `UInt32`; after `append` the element is only touched through this pointer.
        UnsafeMutableRawPointer(heads.mutablePointer(toRow: Int(identifier))).assumingMemoryBound(to: Atomic<UInt32>.self)
    }
}
