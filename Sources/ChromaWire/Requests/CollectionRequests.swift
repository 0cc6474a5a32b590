public import Engine
import VectorModel

extension RequestDecoder {
    /// Reads the body of a create, with every rule about names, metadata and configuration.
    public func createCollection(_ body: RequestBody) throws(WireError) -> CollectionCreation {
        try read(body, "CreateCollectionPayload") { fields throws(WireError) in
            let name = try fields.requiredString("name")
            var metadata: Metadata?
            var broken = BrokenRule(dialect)
            try broken.unlessRule { () throws(WireError) in metadata = try collectionMetadata(fields, "metadata", isChange: false) }
            var configuration = WireConfiguration()
            let configured = try fields.optional("configuration")
            if let configured { try configuration.vector.read(configured, at: JSONPlace("configuration"), dialect) }
            let schema = try fields.optional("schema")
            let getIfExists = try fields.boolean("get_or_create", default: false)
            try broken.report()
            // Whoever configures the other kind of index means the metadata's parameters as little as one who configures this kind.
            let isConfigured = !configuration.vector.isUsualIndex || configured?.member("spann")?.kind == .object
            if let metadata, !isConfigured { try configuration.vector.readMetadata(metadata, dialect) }
            try checkCollectionName(name, field: "name")
            if let schema { configuration = try configuration.reconciled(with: schemaConfiguration(schema), dialect) }
            try configuration.vector.checkLimits(dialect)
            if let metadata { try configuration.vector.take(IndexKeys(metadata, field: "metadata", dialect), dialect) }
            return CollectionCreation(
                name: name, metadata: metadata, index: configuration.vector.index, wireConfiguration: try checkedText(configuration),
                getIfExists: getIfExists)
        }
    }

    /// Reads the body of a fork: the new collection's name.
    public func fork(_ body: RequestBody) throws(WireError) -> String {
        try read(body, "ForkCollectionPayload") { fields throws(WireError) in
            let name = try fields.requiredString("new_name")
            try checkCollectionName(name, field: "new_name")
            return name
        }
    }

    /// Reads the body of a change of `current`, whose configuration the new one is laid over; `nil` for a collection that does not exist, whose
    /// absence is reported only after the body's own faults.
    public func changeCollection(_ body: RequestBody, of current: CollectionDescription?) throws(WireError) -> CollectionChange {
        try read(body, "UpdateCollectionPayload") { fields throws(WireError) in
            var change = CollectionChange()
            change.name = try fields.optionalString("new_name")
            var broken = BrokenRule(dialect)
            try broken.unlessRule { () throws(WireError) in change.metadata = try collectionMetadata(fields, "new_metadata", isChange: true) }
            let changed = try fields.optional("new_configuration")
            var configuration: WireConfiguration?
            if let changed {
                configuration = current.map { WireConfiguration(of: $0) } ?? WireConfiguration()
                try configuration?.vector.readChange(changed, dialect)
                try configuration?.vectorDefault?.readChange(changed, dialect)
            }
            try broken.report()
            if let name = change.name { try checkCollectionName(name, field: "new_name") }
            let keys = try change.metadata.map { metadata throws(WireError) in try IndexKeys(metadata, field: "new_metadata", dialect) }
            if let current {
                if let keys, !keys.isEmpty {
                    configuration = configuration ?? WireConfiguration(of: current)
                    try configuration?.vector.change(by: keys, dialect)
                }
                try configuration?.vector.checkLimits(since: current.index, dialect)
                try configuration?.vector.checkLists(dialect)
                // The index of this name has no lists: nothing is said of any.
                if configuration?.vector.spann == nil { configuration?.vectorDefault?.spann = nil }
            }
            if let configuration {
                change.index = configuration.vector.index
                change.wireConfiguration = try checkedText(configuration)
            }
            return change
        }
    }

    private func schemaConfiguration(_ schema: JSONValue) throws(WireError) -> WireConfiguration {
        var configuration = WireConfiguration()
        try configuration.readSchema(schema, at: JSONPlace("schema"), dialect)
        let keys = configuration.schema.keys
        guard keys.count <= limits.metadataKeys else {
            throw .rule("Validation error: schema: \(keys.count) keys are more than the \(limits.metadataKeys) allowed", dialect)
        }
        if let key = keys.first(where: { $0.name.utf8.count > limits.metadataKeyBytes }) {
            throw .rule("Validation error: schema: a key of \(key.name.utf8.count) bytes is longer than the \(limits.metadataKeyBytes) allowed", dialect)
        }
        return configuration
    }

    private func checkedText(_ configuration: WireConfiguration) throws(WireError) -> [UInt8] {
        let text = configuration.stored()
        guard text.count <= WireConfiguration.storedBytesMax else {
            throw .rule(
                "Validation error: configuration: with the schema it has \(text.count) bytes, more than the \(WireConfiguration.storedBytesMax) allowed",
                dialect)
        }
        return text
    }
}

extension WireConfiguration {
    /// This configuration and a schema sent with it: whichever says something counts. Clients send the default of either along with the other.
    fileprivate func reconciled(with schema: WireConfiguration, _ dialect: Dialect) throws(WireError) -> WireConfiguration {
        if schema.isUsual { return self }
        guard isUsual else {
            throw .rule("Failed to reconcile schema: Cannot set both collection config and schema simultaneously", dialect)
        }
        return schema
    }
}
