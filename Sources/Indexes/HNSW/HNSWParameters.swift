/// How a graph is built (Malkov & Yashunin, doi:10.1109/TPAMI.2018.2889473).
public struct HNSWParameters: Hashable, Sendable {
    /// Links per node of the paper's upper layers. Every layer here has `degree` links per node.
    public let M: Int
    /// Candidates among which a new node's links are chosen.
    public let efConstruction: Int

    /// Values beyond the ranges are brought into them.
    public init(M: Int = 16, efConstruction: Int = 100) {
        self.M = min(max(M, Self.MRange.lowerBound), Self.MRange.upperBound)
        self.efConstruction = min(max(efConstruction, Self.efConstructionRange.lowerBound), Self.efConstructionRange.upperBound)
    }

    public static let MRange = 2...64
    public static let efConstructionRange = 8...4_096

    /// Links per node: twice `M`, as the lowest layer of the paper has, in whole blocks of neighbours that are scored together.
    public var degree: Int { (2 * M + GraphLayout.linksPerGroup - 1) / GraphLayout.linksPerGroup * GraphLayout.linksPerGroup }
}
