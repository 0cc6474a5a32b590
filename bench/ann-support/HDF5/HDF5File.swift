import Glibc
package import LyricaClient

/// An HDF5 file that is read: its matrices and the texts of its attributes. For the thread that opened it.
package final class HDF5File {
    package let path: String
    private let library: HDF5Library
    private let file: HDF5Library.Identifier

    /// A longer text in an attribute is no name.
    private static let textBytesMax = 4_096
    /// Classes of types, as the library numbers them.
    private enum TypeClass {
        static let integer: Int32 = 0
        static let float: Int32 = 1
        static let string: Int32 = 3
    }

    /// - Throws: `ClientError` when the library is missing, the file cannot be read or is none of HDF5.
    package init(path: String) throws(ClientError) {
        // The library's own words for a missing file are none for people.
        _ = try FileBytes(path: path)
        library = try HDF5Library.shared.get()
        library.silenceErrors()
        self.path = path
        file = library.openFile(path, 0, 0)
        guard file >= 0 else { throw .file(path: path, problem: "is no HDF5 file, or a damaged one") }
    }

    deinit { _ = library.closeFile(file) }

    package func hasDataset(_ name: String) -> Bool { library.linkExists(file, name, 0) > 0 }

    /// The rows and columns of a matrix.
    /// - Throws: `ClientError.file` when there is none of that name, or it is no matrix.
    package func shape(of name: String) throws(ClientError) -> (rows: Int, columns: Int) {
        try withDataset(name) { dataset throws(ClientError) in try shape(of: dataset, name) }
    }

    /// Reads the first rows of a matrix of numbers as floats, a few megabytes at a time.
    package func vectors(_ name: String, limit: Int? = nil, progress style: ProgressReporter.Style) throws(ClientError) -> VectorMatrix {
        try withDataset(name) { dataset throws(ClientError) in
            let shape = try shape(of: dataset, name)
            try requireType(of: dataset, in: [TypeClass.float, TypeClass.integer], name)
            let rowCount = min(shape.rows, limit ?? .max)
            guard rowCount > 0, shape.columns > 0 else { throw refuse("the dataset \(name) is empty") }
            var progress = ProgressReporter(style: style, total: rowCount)
            let matrix = try VectorMatrix(rowCount: rowCount, dimension: shape.columns) { floats throws(ClientError) in
                try read(dataset, name, shape.columns, rows: rowCount, as: library.nativeFloat, into: floats) { progress.advance(to: $0) }
            }
            progress.finishIfShown()
            try VectorFile.requireFinite(matrix, name: "\(path), \(name)")
            return matrix
        }
    }

    /// Reads a matrix of row numbers.
    package func neighbors(_ name: String, baseRows: Int) throws(ClientError) -> TrueNeighbors {
        try withDataset(name) { dataset throws(ClientError) in
            let shape = try shape(of: dataset, name)
            try requireType(of: dataset, in: [TypeClass.integer], name)
            let (count, overflow) = shape.rows.multipliedReportingOverflow(by: shape.columns)
            guard !overflow, count > 0, count <= AlignedMemory.machineBytes / MemoryLayout<Int64>.stride / 2 else {
                throw refuse("the dataset \(name) claims \(shape.rows) × \(shape.columns) numbers")
            }
            let numbers = UnsafeMutableBufferPointer<Int64>.allocate(capacity: count)
            defer { numbers.deallocate() }
            numbers.initialize(repeating: 0)
            try read(dataset, name, shape.columns, rows: shape.rows, as: library.nativeInteger, into: numbers) { _ in }
            return try TrueNeighbors(numbers: Array(numbers), width: shape.columns, baseRows: baseRows, name: "\(path), \(name)")
        }
    }

    /// The text of an attribute of the file itself; `nil` when there is none of that name.
    package func text(_ name: String) throws(ClientError) -> String? {
        guard library.attributeExists(file, name) > 0 else { return nil }
        let attribute = library.openAttribute(file, name, 0)
        guard attribute >= 0 else { throw refuse("the attribute \(name) cannot be read") }
        defer { _ = library.closeAttribute(attribute) }
        let type = library.typeOfAttribute(attribute)
        defer { _ = library.closeType(type) }
        let space = library.spaceOfAttribute(attribute)
        defer { _ = library.closeSpace(space) }
        guard type >= 0, space >= 0, library.classOfType(type) == TypeClass.string, library.pointsOfSpace(space) == 1 else {
            throw refuse("the attribute \(name) is no text")
        }
        return library.isVariableString(type) > 0 ? try variableText(attribute, type, name) : try fixedText(attribute, type, name)
    }
}

extension HDF5File {
    private func refuse(_ problem: String) -> ClientError { .file(path: path, problem: problem) }

    private func withDataset<Value>(
        _ name: String, _ body: (HDF5Library.Identifier) throws(ClientError) -> Value
    ) throws(ClientError) -> Value {
        guard hasDataset(name) else { throw refuse("has no dataset \(name); ann-benchmarks' files have train, test, neighbors and distances") }
        let dataset = library.openDataset(file, name, 0)
        guard dataset >= 0 else { throw refuse("the dataset \(name) cannot be opened") }
        defer { _ = library.closeDataset(dataset) }
        return try body(dataset)
    }

    private func shape(of dataset: HDF5Library.Identifier, _ name: String) throws(ClientError) -> (rows: Int, columns: Int) {
        let space = library.spaceOfDataset(dataset)
        defer { _ = library.closeSpace(space) }
        guard space >= 0, library.rankOfSpace(space) == 2 else { throw refuse("the dataset \(name) is no matrix") }
        var extent: (UInt64, UInt64) = (0, 0)
        let rank = withUnsafeMutableBytes(of: &extent) { bytes in
            // SAFETY: the rank is 2, so two numbers are written.
            library.extentOfSpace(space, bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt64.self), nil)
        }
        guard rank == 2, let rows = Int(exactly: extent.0), let columns = Int(exactly: extent.1) else {
            throw refuse("the dataset \(name) has no shape that can be read")
        }
        return (rows, columns)
    }

    private func requireType(of dataset: HDF5Library.Identifier, in classes: [Int32], _ name: String) throws(ClientError) {
        let type = library.typeOfDataset(dataset)
        defer { _ = library.closeType(type) }
        guard type >= 0, classes.contains(library.classOfType(type)) else { throw refuse("the dataset \(name) holds numbers of another kind") }
    }

    private static let bytesPerRead = 4 << 20

    /// Reads the first rows into `values`, which has room for them; the library converts.
    private func read<Value: BitwiseCopyable>(
        _ dataset: HDF5Library.Identifier, _ name: String, _ columns: Int, rows: Int, as type: HDF5Library.Identifier,
        into values: UnsafeMutableBufferPointer<Value>, progress: (Int) -> Void
    ) throws(ClientError) {
        precondition(values.count >= rows * columns)
        let rowsPerRead = max(1, Self.bytesPerRead / (columns * MemoryLayout<Value>.stride))
        let fileSpace = library.spaceOfDataset(dataset)
        defer { _ = library.closeSpace(fileSpace) }
        for first in stride(from: 0, to: rows, by: rowsPerRead) {
            let count = min(rowsPerRead, rows - first)
            let (start, extent) = ([UInt64(first), 0], [UInt64(count), UInt64(columns)])
            guard library.selectBlock(fileSpace, 0, start, nil, extent, nil) >= 0 else { throw refuse("the dataset \(name) cannot be read") }
            let memorySpace = library.makeSpace(2, extent, nil)
            defer { _ = library.closeSpace(memorySpace) }
            // SAFETY: the rows `first ..< first + count` lie inside `values`, and `type` has the size of `Value`.
            let target = UnsafeMutableRawPointer(values.baseAddress.unsafelyUnwrapped + first * columns)
            guard memorySpace >= 0, library.readDataset(dataset, type, memorySpace, fileSpace, 0, target) >= 0 else {
                throw refuse("the dataset \(name) is damaged, or compressed in a way that the library does not know, at row \(first + 1)")
            }
            progress(first + count)
        }
    }

    /// A text that the library allocates, as h5py writes one.
    private func variableText(
        _ attribute: HDF5Library.Identifier, _ type: HDF5Library.Identifier, _ name: String
    ) throws(ClientError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        guard library.readAttribute(attribute, type, &text) >= 0, let text else { throw refuse("the attribute \(name) cannot be read") }
        defer { _ = library.free(text) }
        return String(decoding: UnsafeRawBufferPointer(start: text, count: strnlen(text, Self.textBytesMax)), as: UTF8.self)
    }

    /// A text of a fixed size, filled up with zeros or spaces.
    private func fixedText(
        _ attribute: HDF5Library.Identifier, _ type: HDF5Library.Identifier, _ name: String
    ) throws(ClientError) -> String {
        let size = library.sizeOfType(type)
        guard (1...Self.textBytesMax).contains(size) else { throw refuse("the attribute \(name) claims \(size) bytes") }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        defer { bytes.deallocate() }
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        guard library.readAttribute(attribute, type, bytes.baseAddress.unsafelyUnwrapped) >= 0 else {
            throw refuse("the attribute \(name) cannot be read")
        }
        let text = bytes.prefix { $0 != 0 }
        return String(decoding: text, as: UTF8.self).split(separator: " ").joined(separator: " ")
    }
}
