import Glibc
package import LyricaClient

/// The functions of the HDF5 C library that reading needs, found when they are first wanted: nothing else in the repository depends on it.
/// For one thread at a time: not every build of it has locks.
///
/// The library is not safe against hostile files in every version; read files of people you trust. What it says about sizes is checked.
package struct HDF5Library: @unchecked Sendable {
    // SAFETY: unchecked because of C function pointers, which never change once they are found. The library is never unloaded.

    /// An object of the library.
    typealias Identifier = Int64
    typealias Close = @convention(c) (Identifier) -> Int32

    let openFile: @convention(c) (UnsafePointer<CChar>, UInt32, Identifier) -> Identifier
    let closeFile: Close
    let linkExists: @convention(c) (Identifier, UnsafePointer<CChar>, Identifier) -> Int32
    let openDataset: @convention(c) (Identifier, UnsafePointer<CChar>, Identifier) -> Identifier
    let closeDataset: Close
    let spaceOfDataset: @convention(c) (Identifier) -> Identifier
    let typeOfDataset: @convention(c) (Identifier) -> Identifier
    let readDataset: @convention(c) (Identifier, Identifier, Identifier, Identifier, Identifier, UnsafeMutableRawPointer) -> Int32
    let makeSpace: @convention(c) (Int32, UnsafePointer<UInt64>, UnsafePointer<UInt64>?) -> Identifier
    let closeSpace: Close
    let rankOfSpace: @convention(c) (Identifier) -> Int32
    let extentOfSpace: @convention(c) (Identifier, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt64>?) -> Int32
    let pointsOfSpace: @convention(c) (Identifier) -> Int64
    let selectBlock: @convention(c) (
        Identifier, Int32, UnsafePointer<UInt64>, UnsafePointer<UInt64>?, UnsafePointer<UInt64>, UnsafePointer<UInt64>?
    ) -> Int32
    let attributeExists: @convention(c) (Identifier, UnsafePointer<CChar>) -> Int32
    let openAttribute: @convention(c) (Identifier, UnsafePointer<CChar>, Identifier) -> Identifier
    let closeAttribute: Close
    let spaceOfAttribute: @convention(c) (Identifier) -> Identifier
    let typeOfAttribute: @convention(c) (Identifier) -> Identifier
    let readAttribute: @convention(c) (Identifier, Identifier, UnsafeMutableRawPointer) -> Int32
    let classOfType: @convention(c) (Identifier) -> Int32
    let sizeOfType: @convention(c) (Identifier) -> Int
    let isVariableString: @convention(c) (Identifier) -> Int32
    let closeType: Close
    let free: @convention(c) (UnsafeMutableRawPointer) -> Int32
    private let setErrorReport: @convention(c) (Identifier, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
    /// The types of this machine's `float` and `long long`.
    let nativeFloat: Identifier
    let nativeInteger: Identifier

    /// What Debian's packages call it: release 12, release 13, and with the development package installed.
    static let fileNames = ["libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so", "libhdf5.so"]

    /// The library of this machine, or why there is none.
    static let shared: Result<HDF5Library, ClientError> = Result { () throws(ClientError) in try HDF5Library(fileNames: fileNames) }

    /// Whether `.hdf5` files can be read here.
    package static var isInstalled: Bool { (try? shared.get()) != nil }

    /// - Parameter fileNames: what it may be called; the first that the system finds is used.
    /// - Throws: `ClientError.data` that names the Debian package when there is none, or says what is wrong with the one there is.
    package init(fileNames: [String]) throws(ClientError) {
        var handle: UnsafeMutableRawPointer?
        for name in fileNames where handle == nil { handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) }
        guard let handle else {
            throw .data("HDF5 files need the HDF5 library: on Debian install libhdf5-103-1 (release 12), libhdf5-310 (13) or libhdf5-dev (any)")
        }
        let symbols = HDF5Symbols(handle: handle)
        try symbols.start()
        openFile = try symbols.function("H5Fopen")
        closeFile = try symbols.function("H5Fclose")
        linkExists = try symbols.function("H5Lexists")
        openDataset = try symbols.function("H5Dopen2")
        closeDataset = try symbols.function("H5Dclose")
        spaceOfDataset = try symbols.function("H5Dget_space")
        typeOfDataset = try symbols.function("H5Dget_type")
        readDataset = try symbols.function("H5Dread")
        makeSpace = try symbols.function("H5Screate_simple")
        closeSpace = try symbols.function("H5Sclose")
        rankOfSpace = try symbols.function("H5Sget_simple_extent_ndims")
        extentOfSpace = try symbols.function("H5Sget_simple_extent_dims")
        pointsOfSpace = try symbols.function("H5Sget_simple_extent_npoints")
        selectBlock = try symbols.function("H5Sselect_hyperslab")
        attributeExists = try symbols.function("H5Aexists")
        openAttribute = try symbols.function("H5Aopen")
        closeAttribute = try symbols.function("H5Aclose")
        spaceOfAttribute = try symbols.function("H5Aget_space")
        typeOfAttribute = try symbols.function("H5Aget_type")
        readAttribute = try symbols.function("H5Aread")
        classOfType = try symbols.function("H5Tget_class")
        sizeOfType = try symbols.function("H5Tget_size")
        isVariableString = try symbols.function("H5Tis_variable_str")
        closeType = try symbols.function("H5Tclose")
        free = try symbols.function("H5free_memory")
        setErrorReport = try symbols.function("H5Eset_auto2")
        nativeFloat = try symbols.variable("H5T_NATIVE_FLOAT_g")
        nativeInteger = try symbols.variable("H5T_NATIVE_LLONG_g")
    }

    /// Ends the library's own messages on the standard error, in the calling thread: each has a switch of its own.
    func silenceErrors() { _ = setErrorReport(0, nil, nil) }
}

/// Looks names up in the opened library.
private struct HDF5Symbols {
    let handle: UnsafeMutableRawPointer

    /// Initialises the library and refuses versions whose identifiers have other sizes.
    func start() throws(ClientError) {
        typealias Number = UnsafeMutablePointer<UInt32>
        let open: @convention(c) () -> Int32 = try function("H5open")
        let version: @convention(c) (Number, Number, Number) -> Int32 = try function("H5get_libversion")
        var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
        guard open() >= 0, version(&major, &minor, &release) >= 0 else { throw .data("the HDF5 library does not start") }
        guard major > 1 || (major == 1 && minor >= 10) else {
            throw .data("the HDF5 library is version \(major).\(minor).\(release); 1.10 or later is needed")
        }
    }

    func function<Function>(_ name: String) throws(ClientError) -> Function {
        let address = try address(name)
        precondition(MemoryLayout<Function>.size == MemoryLayout<UnsafeMutableRawPointer>.size)
        // SAFETY: a C function pointer is an address, and the types written at the callers are those of the library's headers since version 1.10.
        return unsafeBitCast(address, to: Function.self)
    }

    /// The value of a global variable that holds an identifier.
    func variable(_ name: String) throws(ClientError) -> Int64 {
        // SAFETY: `hid_t` has 64 bits since version 1.10.
        try address(name).loadUnaligned(as: Int64.self)
    }

    private func address(_ name: String) throws(ClientError) -> UnsafeMutableRawPointer {
        guard let address = dlsym(handle, name) else { throw .data("the HDF5 library has no \(name)") }
        return address
    }
}
