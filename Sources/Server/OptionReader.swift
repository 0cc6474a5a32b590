/// Finds the value of an option, by the order of precedence, and checks it.
struct OptionReader {
    let flags: [String: String]
    let environment: [String: String]

    /// A value and where it was found.
    private struct Found {
        let text: String
        let source: String
    }

    private func find(_ option: ServerOption) -> Found? {
        if let text = flags[option.flag] { return Found(text: text, source: "--" + option.flag) }
        for variable in option.variables {
            if let text = environment[variable], !text.isEmpty { return Found(text: text, source: variable) }
        }
        return nil
    }

    private func findOrDefault(_ option: ServerOption) -> Found {
        find(option) ?? Found(text: option.defaultText ?? "", source: "--" + option.flag)
    }

    private func refusal(_ found: Found, _ option: ServerOption) -> ConfigurationError {
        ConfigurationError(source: found.source, value: found.text, allowed: option.allowed)
    }

    func isDefault(_ option: ServerOption) -> Bool { find(option) == nil }

    func text(_ option: ServerOption) -> String { findOrDefault(option).text }

    func choice<Value>(_ option: ServerOption, _ parse: (String) -> Value?) throws(ConfigurationError) -> Value {
        let found = findOrDefault(option)
        guard let value = parse(found.text.lowercased()) else { throw refusal(found, option) }
        return value
    }

    func integer(_ option: ServerOption, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        try integer(findOrDefault(option), option, range)
    }

    func integerIfGiven(_ option: ServerOption, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let found = find(option) else { return nil }
        return try integer(found, option, range)
    }

    private func integer(_ found: Found, _ option: ServerOption, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let value = Int(found.text), range.contains(value) else { throw refusal(found, option) }
        return value
    }

    func boolean(_ option: ServerOption) throws(ConfigurationError) -> Bool {
        let found = findOrDefault(option)
        guard let value = Self.boolean(found.text) else { throw refusal(found, option) }
        return value
    }

    /// A variable of Chroma's that is no option of ours.
    func booleanIfGiven(variable: String) throws(ConfigurationError) -> Bool? {
        guard let text = environment[variable], !text.isEmpty else { return nil }
        guard let value = Self.boolean(text) else { throw ConfigurationError(source: variable, value: text, allowed: "true or false") }
        return value
    }

    private static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1", "yes", "on": true
        case "false", "0", "no", "off": false
        default: nil
        }
    }

    func bytes(_ option: ServerOption, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        try bytes(findOrDefault(option), option, range)
    }

    func bytesIfGiven(_ option: ServerOption, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let found = find(option) else { return nil }
        return try bytes(found, option, range)
    }

    private func bytes(_ found: Found, _ option: ServerOption, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let value = Self.bytes(found.text), range.contains(value) else { throw refusal(found, option) }
        return value
    }

    /// `262144`, `256KiB`, `256k`, `1 GiB`: units are powers of 1024, in either case.
    static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        let shift: Int? = switch unit {
        case "", "b": 0
        case "k", "kb", "kib": 10
        case "m", "mb", "mib": 20
        case "g", "gb", "gib": 30
        default: nil
        }
        guard let shift else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : value
    }
}
