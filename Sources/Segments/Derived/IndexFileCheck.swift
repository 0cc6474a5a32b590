import FileIO
import Indexes

extension Segment {
    /// Reads a segment's index files, of whatever parameters, and its lookup file, and says what is wrong with them. Changes nothing.
    /// - Parameter progress: called with the bytes read since the last call; ends the check by returning false.
    public func checkIndexes(progress: (Int) -> Bool = { _ in true }) -> IndexFileCheck {
        var check = IndexFileCheck()
        func pace() throws(IndexBuildError) {
            if !progress(DerivedFileFormat.blockBytes) { throw .cancelled }
        }
        for kind in IndexKind.allCases {
            check.note(indexPath(kind)) { () throws(IndexLoadError) in
                guard let file = try IndexFile(of: self, kind) else { return nil }
                _ = try file.load(pace: pace)
                return file.byteCount
            }
        }
        check.note(lookupPath) { () throws(IndexLoadError) in try loadLookup(pace)?.byteCount }
        return check
    }
}

/// What a look at a segment's index and lookup files found.
public struct IndexFileCheck {
    /// Files that are whole.
    public internal(set) var sound: [(path: String, bytes: Int)] = []
    /// Files that are not, and why.
    public internal(set) var faults: [(path: String, error: SegmentError)] = []

    /// Notes what reading a file finds: its length, or `nil` if there is none. A check that was ended says nothing of it.
    mutating func note(_ path: String, _ read: () throws(IndexLoadError) -> Int?) {
        do throws(IndexLoadError) {
            if let bytes = try read() { sound.append((path: path, bytes: bytes)) }
        } catch {
            switch error {
            case .unusable(let error): faults.append((path: path, error: error))
            case .file(let error): faults.append((path: path, error: .file(error)))
            case .cancelled: break
            }
        }
    }
}
