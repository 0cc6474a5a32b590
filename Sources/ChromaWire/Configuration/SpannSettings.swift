/// Settings of Chroma's distributed index that mean nothing here: kept and shown, so that clients read back what they wrote.
///
/// Any whole number is taken, as a single node of Chroma takes it, since nothing goes by them. `search_nprobe`, which has a meaning, is
/// the index's `nprobe`.
struct SpannSettings: Equatable {
    /// The settings that Chroma's clients have, and what Chroma takes where they say nothing.
    private static let defaults: [(name: String, value: Int)] = [
        ("write_nprobe", 32), ("ef_construction", 200), ("ef_search", 200), ("max_neighbors", 64), ("reassign_neighbor_count", 64),
        ("split_threshold", 50), ("merge_threshold", 25),
    ]

    /// In the order of `defaults`.
    private var values = defaults.map(\.value)

    /// Names and values, in the order in which they are written.
    var members: [(name: String, value: Int)] { zip(Self.defaults, values).map { ($0.name, $1) } }

    /// Lays the settings in `fields` over these.
    /// - Returns: whether there was one.
    mutating func read(_ fields: JSONFields) throws(WireError) -> Bool {
        var isNamed = false
        for place in values.indices {
            guard let value = try fields.size(Self.defaults[place].name) else { continue }
            values[place] = value
            isNamed = true
        }
        return isNamed
    }
}
