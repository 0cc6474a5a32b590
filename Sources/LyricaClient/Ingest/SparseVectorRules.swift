/// What the protocol takes as a sparse vector: `{"#type": "sparse_vector", "indices": […], "values": […], "tokens": […]}`, tokens being optional.
enum SparseVectorRules {
    static func isMeant(by object: JSONObject) -> Bool { object["#type"]?.string == "sparse_vector" }

    /// What is wrong with a vector, or `nil`. Its numbers are not quoted.
    static func problem(with vector: JSONObject) -> String? {
        guard let indices = vector["indices"]?.array, let values = vector["values"]?.array, indices.count == values.count else {
            return "is a sparse vector without as many indices as values"
        }
        var least = 0
        for index in indices {
            guard let index = index.integer, index >= least, index <= Int(UInt32.max) else {
                return "is a sparse vector whose indices are not ascending 32-bit numbers, none of them twice"
            }
            least = index + 1
        }
        guard values.allSatisfy({ $0.number.map { Float($0).isFinite } ?? false }) else {
            return "is a sparse vector with a value that is no finite number"
        }
        guard let tokens = vector["tokens"], !tokens.isNull else { return nil }
        guard let tokens = tokens.array, tokens.count == indices.count, tokens.allSatisfy({ $0.string != nil }) else {
            return "is a sparse vector whose tokens are not as many strings as it has indices"
        }
        return nil
    }
}
