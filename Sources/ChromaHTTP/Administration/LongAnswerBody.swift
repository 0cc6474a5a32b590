import ChromaWire
import Hummingbird
import NIOCore

/// The body of a long answer that has begun: its first line, and the rest as it comes.
struct LongAnswerBody: Sendable {
    let answer: LongAnswer
    let first: WireBytes
    /// Words an error that comes after the beginning.
    let encoder: ChromaWire.ResponseEncoder
    /// Ends the work when the answer cannot be sent.
    let cancel: @Sendable () -> Void

    /// Lines whose number is not known.
    var content: Hummingbird.ResponseBody {
        .init { writer in
            do {
                try await Self.write(first, to: &writer)
                for await event in answer.events {
                    switch event {
                    case .progress(let line): try await Self.write(line, to: &writer)
                    case .end(.success(let line)): try await Self.write(line, to: &writer)
                    case .end(.failure(let error)): try await Self.write(encoder.errorLine(error), to: &writer)
                    }
                }
                // A cancelled task sees the end of the stream before the end of the work.
                try Task.checkCancellation()
                try await writer.finish(nil)
            } catch {
                cancel()
                throw error
            }
        }
    }

    private static func write(_ line: WireBytes, to writer: inout any ResponseBodyWriter) async throws {
        for chunk in line.chunks { try await writer.write(ByteBuffer(bytes: chunk)) }
    }
}
