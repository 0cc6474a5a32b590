import Engine

extension JSONWriter {
    /// How a query was answered: a text for people, and the same as fields. Times are in microseconds.
    mutating func explanation(_ explanation: Explanation) {
        raw(#"{"text":"#)
        string(explanation.description)
        for (name, value) in [
            (#","filter_and_plan_us":"#, explanation.planning.inMicroseconds), (#","search_us":"#, explanation.search.inMicroseconds),
            (#","read_us":"#, explanation.read.inMicroseconds), (#","excluded_parts":"#, Int64(explanation.excludedParts)),
        ] as [(StaticString, Int64)] {
            raw(name)
            integer(value)
        }
        raw(#","parts":"#)
        array(explanation.parts) { writer, part in writer.explanation(part) }
        raw("}")
    }

    private mutating func explanation(_ part: PartExplanation) {
        raw(#"{"part":"#)
        integer(part.number)
        raw(#","kind":"#)
        string(part.isSegment ? "segment" : "memtable")
        raw(#","plan":"#)
        string(part.plan)
        raw(#","second_plan":"#)
        if let plan = part.secondPlan { string(plan) } else { null() }
        raw(#","matches":"#)
        if let matches = part.matches { integer(matches) } else { null() }
        raw(#","expected_matches":"#)
        if let expected = part.expectedMatches { integer(expected) } else { null() }
        for (name, value) in [
            (#","rows":"#, Int64(part.rows)), (#","filtered_rows":"#, Int64(part.filteredRows)),
            (#","documents_read":"#, Int64(part.documentsRead)), (#","proposals":"#, Int64(part.proposals)), (#","rescans":"#, Int64(part.rescans)),
            (#","filter_us":"#, part.filter.inMicroseconds), (#","search_us":"#, part.search.inMicroseconds),
        ] as [(StaticString, Int64)] {
            raw(name)
            integer(value)
        }
        raw("}")
    }
}
