import VectorModel

extension Limits {
    /// These limits for a filter with so many regular expressions: many of them share the memory that a few may each have.
    func sharingPatternMemory(among patterns: Int) -> Limits {
        var shared = self
        shared.patternProgramBytes = min(patternProgramBytes, filterProgramBytes / max(patterns, 1))
        return shared
    }
}

extension MetadataCondition {
    /// How many regular expressions have to be compiled for it.
    var patternCount: Int {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.patternCount }
        case .not(let condition): condition.patternCount
        case .compare(_, .text(.like)), .compare(_, .text(.matches)): 1
        case .compare: 0
        case .document(let condition): condition.patternCount
        }
    }
}

extension DocumentCondition {
    /// How many regular expressions have to be compiled for it.
    var patternCount: Int {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.patternCount }
        case .contains, .notContains: 0
        case .matches, .notMatches: 1
        }
    }
}
