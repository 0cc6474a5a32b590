extension File {
    /// Writes one buffer from `offset`, all of it or it throws.
    public func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try write([buffer], at: offset)
    }

    /// Overwrites `count` bytes from `offset` with zeros, 1 MiB at a time.
    public func writeZeros(_ count: Int, at offset: Int) throws(FileError) {
        let zeros = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(count, 1 << 20)), alignment: 4096)
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var written = 0
        while written < count {
            let chunk = min(zeros.count, count - written)
            try write(UnsafeRawBufferPointer(rebasing: zeros[..<chunk]), at: offset + written)
            written += chunk
        }
    }
}

extension FileSystem {
    /// Creates an empty file; one of the name, which an earlier attempt has left behind, is removed first.
    public func createAnew(_ path: String) throws(FileError) -> any File {
        do throws(FileError) { return try create(path) } catch {
            guard error.isExisting else { throw error }
        }
        try remove(path)
        return try create(path)
    }

    /// Copies a file's bytes to a new name, 1 MiB at a time, and syncs them; the name itself is certain after `syncDirectory`.
    ///
    /// Throws if the new name is taken. After another error the new name is removed again, unless that fails too.
    /// - Returns: how many bytes were copied.
    @discardableResult
    public func copyFile(_ path: String, to newPath: String) throws(FileError) -> Int {
        let source = try open(path, .readOnly)
        let target = try create(newPath)
        do throws(FileError) {
            let count = try copyBytes(of: source, to: target)
            try target.sync()
            try target.close()
            try source.close()
            return count
        } catch {
            // The first error tells the cause; what is left of the copy is only space.
            try? remove(newPath)
            throw error
        }
    }
}

private func copyBytes(of source: any File, to target: any File) throws(FileError) -> Int {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var copied = 0
    while true {
        let count = try source.read(into: buffer, at: copied)
        if count > 0 { try target.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: copied) }
        copied += count
        if count < buffer.count { return copied }
    }
}
