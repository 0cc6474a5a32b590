#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One line of a text file.
public struct Line: Equatable, Sendable {
    /// Counted from 1.
    public let number: Int
    /// Without the line feed, nor a carriage return before it.
    public let bytes: [UInt8]
    /// Where the next line starts, from the start of the file.
    public let endOffset: Int

    public init(number: Int, bytes: [UInt8], endOffset: Int) {
        self.number = number
        self.bytes = bytes
        self.endOffset = endOffset
    }

    /// Nothing but spaces and tabs.
    public var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}

/// Reads a stream line by line, holding one block and the current line. Not shared between tasks.
public struct LineReader {
    /// A longer line is refused: it is not a record but another kind of file.
    public static let lineBytesMax = 64 << 20

    private static let blockBytes = 1 << 18

    private let descriptor: Int32
    private let name: String
    private var block: [UInt8] = []
    private var blockPosition = 0
    private var nextOffset: Int
    private var nextNumber: Int
    private var isAtEnd = false

    /// - Parameters:
    ///   - descriptor: An open file, pipe or terminal, positioned at `offset`; owned by the caller.
    ///   - offset: Where in the file reading starts, which must be the start of a line.
    ///   - lineNumber: The number of that line, from 1.
    public init(descriptor: Int32, name: String, offset: Int = 0, lineNumber: Int = 1) {
        self.descriptor = descriptor
        self.name = name
        self.nextOffset = offset
        self.nextNumber = lineNumber
    }

    /// The next line, or `nil` at the end. A last line without a line feed counts, an empty rest does not.
    public mutating func next() throws(ClientError) -> Line? {
        var bytes: [UInt8] = []
        while true {
            if blockPosition == block.count {
                try fill()
                if isAtEnd { return bytes.isEmpty ? nil : finish(&bytes, terminatorBytes: 0) }
            }
            let feed = block[blockPosition...].firstIndex(of: 0x0A)
            bytes.append(contentsOf: block[blockPosition..<(feed ?? block.count)])
            guard bytes.count <= Self.lineBytesMax else {
                throw .data("\(name): line \(nextNumber) is longer than \(Self.lineBytesMax >> 20) MiB; is this a JSON Lines file?")
            }
            blockPosition = feed.map { $0 + 1 } ?? block.count
            if feed != nil { return finish(&bytes, terminatorBytes: 1) }
        }
    }

    private mutating func finish(_ bytes: inout [UInt8], terminatorBytes: Int) -> Line {
        nextOffset += bytes.count + terminatorBytes
        if bytes.last == 0x0D { bytes.removeLast() }
        defer { nextNumber += 1 }
        return Line(number: nextNumber, bytes: bytes, endOffset: nextOffset)
    }

    private mutating func fill() throws(ClientError) {
        guard !isAtEnd else { return }
        var failure: ClientError?
        let descriptor = descriptor, name = name
        block = [UInt8](unsafeUninitializedCapacity: Self.blockBytes) { buffer, initialized in
            while true {
                // SAFETY: the destination holds `blockBytes`.
                let got = read(descriptor, buffer.baseAddress!, Self.blockBytes)
                if got >= 0 {
                    initialized = got
                    return
                }
                if errno != EINTR {
                    failure = .systemCall("cannot read", path: name)
                    return
                }
            }
        }
        if let failure { throw failure }
        blockPosition = 0
        isAtEnd = block.isEmpty
    }
}
