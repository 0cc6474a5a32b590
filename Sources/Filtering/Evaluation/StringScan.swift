import ByteCoding
import ColumnStore
import VectorModel

/// One run of a test over strings: asks the caller now and then whether to go on, and remembers what went wrong, since the loops over rows cannot
/// throw.
///
/// What was found of the strings seen last is kept, by their numbers: a key with few values has each of them tested about once.
struct StringScan {
    private let test: StringTest
    private var untilCheck = 0
    /// Direct-mapped: a string's number and its answer in the lowest bit; all ones for nothing.
    private var known = [UInt64](repeating: .max, count: Self.knownCount)
    private(set) var failure: RequestError?

    /// Strings can be large: ask often.
    private static let testsBetweenChecks = 256
    private static let knownCount = 1_024

    init(_ test: StringTest) {
        self.test = test
    }

    /// Tests a metadata string. `false` once something has failed.
    mutating func accepts<Rows: FilterableRows>(
        string number: UInt32, of rows: Rows, _ shouldContinue: () throws(RequestError) -> Void
    ) -> Bool {
        let place = Int(number) % Self.knownCount
        if known[place] >> 1 == UInt64(number) { return failure == nil && known[place] & 1 != 0 }
        let isAccepted = accepts(shouldContinue) { () throws(Corruption) in try rows.metadataString(number) }
        known[place] = UInt64(number) << 1 | (isAccepted ? 1 : 0)
        return isAccepted
    }

    /// Tests a record's id. `false` once something has failed.
    mutating func accepts<Rows: FilterableRows>(
        identifierOf row: Int, of rows: Rows, _ shouldContinue: () throws(RequestError) -> Void
    ) -> Bool {
        accepts(shouldContinue) { () throws(Corruption) in try rows.identifier(of: row) }
    }

    private mutating func accepts(
        _ shouldContinue: () throws(RequestError) -> Void, _ text: () throws(Corruption) -> UnsafeRawBufferPointer
    ) -> Bool {
        guard failure == nil else { return false }
        do throws(RequestError) {
            if untilCheck == 0 {
                untilCheck = Self.testsBetweenChecks
                try shouldContinue()
            }
            untilCheck -= 1
            do throws(Corruption) {
                return test.accepts(try text())
            } catch {
                throw RequestError(error)
            }
        } catch {
            failure = error
            return false
        }
    }
}
