import VectorModel

/// Changes that are in a working state and in the log's hands, but not yet known to be durable; each with the state that it made. Oldest first.
///
/// A change is settled once: confirmed, when its state may be published, or withdrawn, when the log had no room for it and never will have
/// it. After a withdrawal the states of the later changes are made anew without it, as recovery would make them from the log.
///
/// Precondition of both: changes are settled in the order of their numbers. When one's outcome is known, so are those before it.
struct UnsettledChanges<Change: Sendable, State: Sendable>: Sendable {
    private struct Entry: Sendable {
        let number: SequenceNumber
        let change: Change
        var state: State
    }

    private var entries: [Entry] = []

    mutating func append(_ change: Change, at number: SequenceNumber, making state: State) {
        entries.append(Entry(number: number, change: change, state: state))
    }

    /// The unsettled numbers up to `last`, ascending.
    func numbers(through last: SequenceNumber) -> [SequenceNumber] {
        entries.prefix { $0.number <= last }.map(\.number)
    }

    /// Removes a change that is durable and returns the state to publish; `nil` if it was settled before.
    mutating func confirm(_ number: SequenceNumber) -> State? {
        guard let place = entries.firstIndex(where: { $0.number == number }) else { return nil }
        return entries.remove(at: place).state
    }

    /// Removes a change that will never be durable and replays those after it.
    /// - Parameter replay: applies one change to the working state, which the caller has set back to what is published, and returns the state made.
    /// - Returns: the change, or `nil` if it was settled before.
    mutating func withdraw<Failure: Error>(
        _ number: SequenceNumber, settingBack: () -> Void, replay: (Change, SequenceNumber) throws(Failure) -> State
    ) throws(Failure) -> Change? {
        guard let place = entries.firstIndex(where: { $0.number == number }) else { return nil }
        let withdrawn = entries.remove(at: place).change
        settingBack()
        for index in entries.indices { entries[index].state = try replay(entries[index].change, entries[index].number) }
        return withdrawn
    }

    /// Rewrites every state into one that shows the same.
    mutating func mapStates<Failure: Error>(_ body: (State) throws(Failure) -> State) throws(Failure) {
        for index in entries.indices { entries[index].state = try body(entries[index].state) }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The oldest unsettled number.
    var first: SequenceNumber? { entries.first?.number }
}
