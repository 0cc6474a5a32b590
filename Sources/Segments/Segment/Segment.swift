public import ByteCoding
public import FileIO
import Indexes
import Quantization
import Synchronization
public import VectorModel

/// An immutable file of records: vectors, ids, texts and metadata of rows in the order in which they were first inserted.
///
/// Opening reads the header, the tables' places and the trailer and closes the file again: a segment that is not used costs no mapping, no
/// descriptor and less than a kilobyte. The file is mapped when it is first read, and stays so. Each block of 16 KiB is
/// compared with its checksum before it is first used; numbers that come from the file are checked against bounds although the checksums
/// hold. So no file, whatever its bytes, makes a reader crash or answer with other rows than were written.
///
/// An index may lie beside it in a file of its own (`+Index`), and what filters look up in another (`+Lookup`). They are no part of what was written,
/// and made again when they are gone.
///
/// Isolation: any number of threads; each reads through a `SegmentCursor` of its own.
public final class Segment: Sendable {
    /// What a manifest remembers of the file.
    public let reference: SegmentReference
    /// Whose rows they are, as the file says.
    public let collection: CollectionIdentifier
    /// The file's path.
    public let path: String
    /// The metric that the norms are for.
    public let metric: Metric
    /// `nil`: no row has a vector.
    public let dimension: Int?
    let header: SegmentHeader
    let layout: SegmentLayout
    private let trailer: SegmentTrailer
    let fileSystem: any FileSystem
    /// What is known of the index that lies beside the file.
    let indexSlot = DerivedSlot(SegmentIndexState.none)
    /// What is known of the lookup file, likewise.
    let lookupSlot = DerivedSlot(SegmentLookupState.none)
    let damage: SegmentDamage
    private let mapped = Mutex<SegmentMapping?>(nil)
    private let obsolete = Mutex<(@Sendable (FileError) -> Void)?>(nil)

    /// Rows in the file; which of them are dead, tombstones say.
    public var rowCount: Int { header.rowCount }
    /// The length of the file.
    public var fileBytes: Int { reference.fileBytes }
    /// Whether there are 8-bit codes beside the vectors.
    public var hasCodes: Bool { header.codes != .none }
    /// The version of the program that wrote the file, for people.
    public var createdWith: String { header.createdWith }

    private init(
        path: String, fileSystem: any FileSystem, head: SegmentHead, damage: SegmentDamage
    ) {
        (self.path, self.fileSystem, self.damage) = (path, fileSystem, damage)
        (header, trailer, layout, reference) = (head.header, head.trailer, head.layout, head.reference)
        collection = head.header.collection
        metric = head.header.metric
        dimension = head.header.dimension > 0 ? head.header.dimension : nil
    }

    deinit {
        guard let onFailure = obsolete.withLock({ $0 }) else { return }
        do throws(FileError) { try fileSystem.remove(path) } catch { onFailure(error) }
        for derived in IndexKind.allCases.map({ indexPath($0) }) + [lookupPath] {
            do throws(FileError) { try removeFile(derived) } catch { onFailure(error) }
        }
    }

    /// Opens the segment file at `path`.
    ///
    /// Cost: three reads of a few hundred bytes, whatever the file's length.
    /// - Parameters:
    ///   - reference: what the manifest says of the file; a file that is another is damage. `nil`: any segment will do.
    ///   - onDamage: told once, by whichever thread finds it first, that the file is damaged; also when that is found here.
    public static func open(
        _ path: String, fileSystem: any FileSystem, expecting reference: SegmentReference? = nil,
        onDamage: @escaping @Sendable (Corruption) -> Void = { _ in }
    ) throws(SegmentError) -> Segment {
        let damage = SegmentDamage(onDamage)
        do throws(SegmentError) {
            let file = try openFile(path, fileSystem)
            let head = try SegmentHead(file, path: path, expecting: reference)
            do throws(FileError) { try file.close() } catch { throw .file(error) }
            return Segment(path: path, fileSystem: fileSystem, head: head, damage: damage)
        } catch {
            if case .corruption(let corruption) = error { throw .corruption(damage.report(corruption)) }
            throw error
        }
    }

    /// A reader of the rows for one thread; cheap, made for each operation. Maps the file when it is the first.
    ///
    /// - Throws: `Corruption`, also when the operating system does not let the file be mapped. That is not taken for damage of the file:
    ///   `onDamage` is not told, and a later call may succeed.
    public func cursor() throws(Corruption) -> SegmentCursor {
        SegmentCursor(self, try mapping())
    }

    /// Has the file, and the index files beside it, removed when the last reader lets go of the segment.
    /// - Parameter onFailure: told when the file cannot be removed then; a later start sweeps what nothing refers to.
    public func markObsolete(onFailure: @escaping @Sendable (FileError) -> Void = { _ in }) {
        obsolete.withLock { $0 = onFailure }
    }

    func mapping() throws(Corruption) -> SegmentMapping {
        // Typed throws do not pass through `withLock`, hence the result.
        try mapped.withLock { mapped in
            if let mapped { return Result<SegmentMapping, Corruption>.success(mapped) }
            do throws(SegmentError) {
                let file = try Self.openFile(path, fileSystem)
                let mapping = try SegmentMapping(file, trailer: trailer, path: path, damage: damage)
                do throws(FileError) { try file.close() } catch { throw .file(error) }
                mapping.advise(.lookups, layout)
                mapped = mapping
                return .success(mapping)
            } catch {
                return .failure(corruption(of: error))
            }
        }.get()
    }

    private func corruption(of error: SegmentError) -> Corruption {
        switch error {
        case .corruption(let corruption): damage.report(corruption)
        case .file(let error):
            Corruption(file: path, offset: 0, what: "segment file", expected: "a file that can be read", found: error.description)
        case .unsupportedVersion(_, let found, let newestKnown):
            Corruption(file: path, offset: 0, what: "segment file, formatVersion", expected: "\(newestKnown)", found: "\(found)")
        }
    }

    private static func openFile(_ path: String, _ fileSystem: any FileSystem) throws(SegmentError) -> any File {
        do throws(FileError) { return try fileSystem.open(path, .readOnly) } catch {
            guard error.isMissing else { throw .file(error) }
            throw .corruption(Corruption(file: path, offset: 0, what: "segment file", expected: "a file", found: "none"))
        }
    }
}
