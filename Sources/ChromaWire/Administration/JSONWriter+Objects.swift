/// Objects whose members are listed, for answers that are small and rare.
extension JSONWriter {
    typealias Member = (name: StaticString, write: (inout JSONWriter) -> Void)

    /// `{…}` with the members in this order.
    mutating func object(_ members: [Member]) {
        raw("{")
        for (position, member) in members.enumerated() {
            if position > 0 { raw(",") }
            raw("\"")
            raw(member.name)
            raw("\":")
            member.write(&self)
        }
        raw("}")
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout JSONWriter, Value) -> Void) {
        if let value { write(&self, value) } else { null() }
    }

    mutating func optionalString(_ text: String?) {
        optional(text) { writer, text in writer.string(text) }
    }
}
