import FoundationEssentials

/// Files of this repository that tests compare with the code: documents and fixtures.
public enum Repository {
    /// The folder that holds `Package.swift` and `storage-format.md`. Looked for upwards, since the sanitizers' package reaches these sources through links.
    private static let root: URL = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "storage-format.md").path) {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// The absolute path of a file named from the root.
    public static func path(_ name: String) -> String { root.appending(path: name).path }

    /// A document's text.
    public static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
}
