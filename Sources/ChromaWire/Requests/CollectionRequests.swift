public import Engine
import VectorModel

extension RequestDecoder {
    /// Reads the body of a create, with every rule about names, metadata and configuration.
    public func createCollection(_ body: RequestBody) throws(WireError) -> CollectionCreation {
        try read(body, "CreateCollectionPayload") { fields throws(WireError) in
            let name = try fields.requiredString("name")
            let metadata = try collectionMetadata(fields, "metadata", isChange: false)
            var configuration = WireConfiguration()
            if let value = try fields.optional("configuration") { try configuration.read(value, at: JSONPlace("configuration"), dialect) }
            let schema = try fields.optional("schema")
            let getIfExists = try fields.boolean("get_or_create", default: false)
            try checkCollectionName(name, field: "name")
            if let metadata, configuration.isUsual { try configuration.readMetadata(metadata, dialect) }
            if let schema {
                guard configuration.isUsual || configuration.isSameIndex(as: schema) else {
                    throw .rule("Failed to reconcile schema: Cannot set both collection config and schema simultaneously", dialect)
                }
                try configuration.readSchema(schema, dialect)
            }
            return CollectionCreation(
                name: name, metadata: metadata, index: configuration.index, wireConfiguration: configuration.stored(), getIfExists: getIfExists)
        }
    }

    /// Reads the body of a change of `current`, whose configuration the new one is laid over.
    public func changeCollection(_ body: RequestBody, of current: CollectionDescription) throws(WireError) -> CollectionChange {
        try read(body, "UpdateCollectionPayload") { fields throws(WireError) in
            var change = CollectionChange()
            change.name = try fields.optionalString("new_name")
            change.metadata = try collectionMetadata(fields, "new_metadata", isChange: true)
            if let value = try fields.optional("new_configuration") {
                var configuration = WireConfiguration(of: current)
                try configuration.readChange(value, dialect)
                change.index = configuration.index
                change.wireConfiguration = configuration.stored()
            }
            if let name = change.name { try checkCollectionName(name, field: "new_name") }
            return change
        }
    }
}
