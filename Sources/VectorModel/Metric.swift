/// How the distance between two vectors is measured. Smaller is always closer.
///
/// The three are defined as Chroma defines them:
/// `l2` = Σ(aᵢ−bᵢ)² (squared, without the root), `innerProduct` = 1 − a·b, `cosine` = 1 − a·b / (‖a‖‖b‖).
/// A zero vector is legal everywhere; its cosine distance to any vector is 1.
public enum Metric: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case l2 = 0
    case innerProduct = 1
    case cosine = 2

    /// The name that clients use: `l2`, `ip` or `cosine`.
    public var name: String {
        switch self {
        case .l2: "l2"
        case .innerProduct: "ip"
        case .cosine: "cosine"
        }
    }

    /// Reads the name that clients use; `nil` if there is no such metric.
    public init?(name: some StringProtocol) {
        guard let metric = Metric.allCases.first(where: { $0.name == name }) else { return nil }
        self = metric
    }

    public var description: String { name }
}
