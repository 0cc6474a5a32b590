/// Sends batches, a bounded number at a time, and reports what is acknowledged.
///
/// At most `concurrency` batches are on their way while one more is read; memory holds no more than these. With a concurrency of 1 rows are
/// stored in the order of the file, and of two rows with one id the later wins; with more, neither is promised.
public struct Ingestion: Sendable {
    private let client: ChromaClient
    private let collectionID: String
    private let encoder: BatchEncoder
    private let concurrency: Int

    public init(client: ChromaClient, collectionID: String, encoder: BatchEncoder, concurrency: Int) {
        self.client = client
        self.collectionID = collectionID
        self.encoder = encoder
        self.concurrency = max(1, concurrency)
    }

    /// Sends everything that `batches` gives.
    /// - Parameters:
    ///   - position: Where `batches` starts.
    ///   - acknowledged: Called after every acknowledgement with the state then; what it throws stops the ingest.
    /// - Returns: The final state.
    /// - Throws: The first failure, after the batches on their way have ended, so that none of their acknowledgements is lost.
    public func run(
        _ batches: consuming BatchReader, startingAt position: RowPosition, acknowledged: (AcknowledgementTracker) throws(ClientError) -> Void
    ) async throws(ClientError) -> AcknowledgementTracker {
        var batches = batches
        var tracker = AcknowledgementTracker(startingAt: position)
        var failure: ClientError?

        func note(_ receipt: Receipt) {
            do throws(ClientError) {
                try receipt.outcome.get()
                _ = tracker.acknowledge(batchNumber: receipt.batchNumber, rows: receipt.rows, end: receipt.end)
                try acknowledged(tracker)
            } catch {
                failure = failure ?? error
            }
        }

        await withTaskGroup(of: Receipt.self) { group in
            var sent = 0
            var onTheirWay = 0
            while failure == nil {
                let batch: Batch
                do throws(ClientError) {
                    guard let next = try batches.next() else { break }
                    batch = next
                } catch {
                    failure = error
                    break
                }
                if onTheirWay == concurrency, let receipt = await group.next() {
                    onTheirWay -= 1
                    note(receipt)
                    if failure != nil { break }
                }
                group.addTask { [self, sent] in await send(batch, number: sent) }
                sent += 1
                onTheirWay += 1
            }
            for await receipt in group { note(receipt) }
        }
        if let failure { throw failure }
        return tracker
    }

    private struct Receipt: Sendable {
        let batchNumber: Int
        let rows: Int
        let end: RowPosition
        let outcome: Result<Void, ClientError>
    }

    private func send(_ batch: Batch, number: Int) async -> Receipt {
        var outcome: Result<Void, ClientError> = .success(())
        do throws(ClientError) {
            try await client.write(encoder.mode, collectionID: collectionID, body: encoder.body(for: batch.records))
        } catch .refused(let status, let name, let message) {
            let rows = batch.rowNumbers
            outcome = .failure(.refused(status: status, name: name, message: "rows \(rows.lowerBound) to \(rows.upperBound): \(message)"))
        } catch {
            outcome = .failure(error)
        }
        return Receipt(batchNumber: number, rows: batch.records.count, end: batch.end, outcome: outcome)
    }
}
