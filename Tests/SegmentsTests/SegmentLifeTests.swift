import FileIO
import Segments
import Synchronization
import Testing
import TestSupport
import VectorModel

/// How segment files come to be and go.
@Suite struct SegmentLifeTests {
    private func rows(_ count: Int, documentBytes: Int = 0) -> [SampleRow] {
        (0..<count).map {
            SampleRow(
                identifier: "\($0)", vector: [Float($0), 1], document: String(repeating: "d", count: documentBytes), uri: nil, metadata: nil,
                insertionKey: UInt64($0), sequence: 1)
        }
    }

    @Test(arguments: [FileError.Operation.create, .write, .sync, .rename, .syncDirectory])
    func nothingIsLeftOfASegmentThatCouldNotBeWritten(_ operation: FileError.Operation) throws {
        let disk = SimulatedFileSystem(seed: 3)
        try disk.createDirectory("c")
        disk.configure { $0.faults = [SimulatedFault(operation)] }
        let source = SegmentRows(all: SampleSource(rows: rows(10)))
        let error = #expect(throws: SegmentWriteError.self) {
            try SegmentWriter.write(source, as: .sample(dimension: 2), in: "c", fileSystem: disk)
        }
        #expect(error.map { if case .file(let fileError) = $0 { fileError.operation == operation } else { false } } == true)
        #expect(try disk.list("c") == [])
        let reference = try SegmentWriter.write(source, as: .sample(dimension: 2), in: "c", fileSystem: disk)
        #expect(try disk.list("c") == [reference.fileName])
    }

    @Test func aSegmentThatWasWrittenSurvivesThePower() throws {
        let disk = SimulatedFileSystem(seed: 4)
        try disk.createDirectory("c")
        try disk.syncDirectory(".")
        let reference = try SegmentWriter.write(
            SegmentRows(all: SampleSource(rows: rows(500))), as: .sample(dimension: 2), in: "c", fileSystem: disk)
        let after = disk.afterPowerLoss()
        let segment = try Segment.open("c/" + reference.fileName, fileSystem: after, expecting: reference)
        #expect(segment.checkEverything() == [])
        #expect(try segment.cursor().sample(499) == rows(500)[499])
    }

    @Test func whatAnEarlierAttemptLeftIsReplaced() throws {
        try withSegmentDirectory { directory in
            let name = SegmentFormat.fileName(1)
            try writeFile(directory + "/" + name + SegmentFormat.temporarySuffix, [1, 2, 3])
            try writeFile(directory + "/" + name, [4, 5, 6])
            #expect(try openSample(rows(3), as: .sample(dimension: 2), in: directory).checkEverything() == [])
            #expect(try POSIXFileSystem().list(directory) == [name])
        }
    }

    @Test func writingIsPacedAndCanBeCancelled() throws {
        try withSegmentDirectory { directory in
            let source = SegmentRows(all: SampleSource(rows: rows(2_000, documentBytes: 10)))
            var pieces: [Int] = []
            let reference = try SegmentWriter.write(
                source, as: .sample(dimension: 2), in: directory, fileSystem: POSIXFileSystem(), pace: { pieces.append($0) })
            #expect(pieces.reduce(0, +) == reference.fileBytes && pieces.allSatisfy { $0 <= 1 << 20 })
            #expect(throws: SegmentWriteError.cancelled) {
                try SegmentWriter.write(source, as: .sample(2, dimension: 2), in: directory, fileSystem: POSIXFileSystem()) {
                    _ throws(SegmentWriteError) in throw .cancelled
                }
            }
            #expect(try POSIXFileSystem().list(directory) == [reference.fileName])
        }
    }

    @Test func rowsThatNoSegmentCanHoldAreRefused() throws {
        var unordered = rows(3)
        unordered[2].insertionKey = 1
        var other = rows(3)
        other[1].vector = [1]
        for (rows, index) in [(unordered, 2), (other, 1)] {
            try withSegmentDirectory { directory in
                let error = #expect(throws: SegmentWriteError.self) { try writeSample(rows, as: .sample(dimension: 2), in: directory) }
                #expect(error.map { if case .unusableRow(index, _) = $0 { true } else { false } } == true)
                let left = try POSIXFileSystem().list(directory)
                #expect(left == [])
            }
        }
    }

    @Test func anObsoleteFileGoesWithItsLastReader() throws {
        try withSegmentDirectory { directory in
            var segment: Segment? = try openSample(rows(3), as: .sample(dimension: 2), in: directory)
            var cursor: SegmentCursor? = try segment?.cursor()
            segment?.markObsolete()
            segment = nil
            #expect(try cursor?.sample(2) == rows(3)[2])
            #expect(try POSIXFileSystem().list(directory).count == 1)
            cursor = nil
            #expect(try POSIXFileSystem().list(directory) == [])
        }
    }

    @Test func anObsoleteFileThatCannotBeRemovedIsReported() throws {
        try withSegmentDirectory { directory in
            let failures = Mutex<[FileError]>([])
            var segment: Segment? = try openSample(rows(3), as: .sample(dimension: 2), in: directory)
            segment?.markObsolete { error in failures.withLock { $0.append(error) } }
            try POSIXFileSystem().remove(segment!.path)
            segment = nil
            #expect(failures.withLock { $0.map(\.operation) } == [.remove])
        }
    }

    @Test func anOpenSegmentThatIsNotUsedIsNotMapped() throws {
        let disk = CountingOpens()
        try withSegmentDirectory { directory in
            let reference = try writeSample(rows(3), as: .sample(dimension: 2), in: directory)
            let segment = try Segment.open(directory + "/" + reference.fileName, fileSystem: disk, expecting: reference)
            #expect(disk.opens.load(ordering: .relaxed) == 1)
            for _ in 0..<3 { _ = try segment.cursor() }
            #expect(disk.opens.load(ordering: .relaxed) == 2)
        }
    }

    @Test func manyThreadsReadOneSegment() async throws {
        let disk = SimulatedFileSystem(seed: 6)
        try disk.createDirectory("c")
        let expected = rows(3_000, documentBytes: 50)
        let reference = try SegmentWriter.write(
            SegmentRows(all: SampleSource(rows: expected)), as: .sample(dimension: 2), in: "c", fileSystem: disk)
        let segment = try Segment.open("c/" + reference.fileName, fileSystem: disk, expecting: reference)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let cursor = try segment.cursor()
                    for row in stride(from: task, to: expected.count, by: 5) {
                        try #require(try cursor.sample(row) == expected[row])
                        try #require(try cursor.find(expected[row].identifier) == row)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func namesOfFilesAreNumbers() {
        #expect(SegmentFormat.fileName(7) == "00000000000000000007.segment")
        #expect(SegmentFormat.number(fromName: "00000000000000000007.segment") == 7)
        for name in ["7.segment", "00000000000000000007.segment.tmp", "00000000000000000007", "-0000000000000000007.segment", ".segment"] {
            #expect(SegmentFormat.number(fromName: name) == nil)
        }
    }
}

/// The machine's disk; counts how often a file is opened.
private final class CountingOpens: ForwardingFileSystem {
    let base: any FileSystem = POSIXFileSystem()
    let opens = Atomic<Int>(0)

    func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
        opens.add(1, ordering: .relaxed)
        return try base.open(path, access)
    }
}
