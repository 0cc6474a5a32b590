import ChromaWire
import HTTPTypes
import VectorModel

/// Composes the OpenAPI 3.1 document from the route table: a path that is served is described, and none that is not.
public enum OpenAPIDocument {
    /// The JSON text of the document for the routes of this server.
    public static func text(version: String, configuration: ChromaHTTPConfiguration) -> String {
        make(routes: Routes.all, version: version, configuration: configuration).text
    }

    private static func make(routes: [Route], version: String, configuration: ChromaHTTPConfiguration) -> DocumentValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "lyrica-vectord",
                "version": .string(version),
                "summary": "A vector database that speaks Chroma's protocol, versions 1 and 2.",
                "description": .string(
                    "Answers take the shape that the client's generation reads, known by path and User-Agent. A script may choose: header "
                        + "`X-Chroma-Shape` or query parameter `shape`, one of `v1.0`, `v0.6`, `v0.5`, `v0.4`.\n"
                        + "A request without Content-Type is taken for JSON. A request's body may have \(configuration.bodyBytesMax >> 10) KiB, a write "
                        + "\(configuration.limits.batchRows) records. A slash at the end of a path changes nothing."),
            ],
            "tags": .array(EndpointDescription.Tag.allCases.map { ["name": .string($0.rawValue)] }),
            "paths": paths(routes),
            "components": ["schemas": OpenAPISchemas.all],
        ]
    }

    private static func paths(_ routes: [Route]) -> DocumentValue {
        var patterns: [String] = []
        for route in routes where !patterns.contains(canonical(route.pattern)) { patterns.append(canonical(route.pattern)) }
        return .object(patterns.map { pattern in
            let operations = routes.filter { canonical($0.pattern) == pattern }
            return (key: pattern, value: .object(operations.map { ($0.method.rawValue.lowercased(), operation($0)) }))
        })
    }

    /// OpenAPI knows a path by its shape: `/collections/{collection_name}` and `/collections/{collection_id}` must be one entry.
    public static func canonical(_ pattern: String) -> String {
        let name = "{\(PathParameter.collectionName.rawValue)}", identifier = "{\(PathParameter.collectionIdentifier.rawValue)}"
        return pattern.hasSuffix("/collections/" + name) || pattern.hasSuffix("/collections/" + identifier)
            ? String(pattern[..<pattern.lastIndex(of: "/")!]) + "/{collection}" : pattern
    }

    private static func operation(_ route: Route) -> DocumentValue {
        let description = EndpointDescription.of(route.endpoint)
        var operation: DocumentValue = [
            "operationId": .string(operationIdentifier(route)),
            "tags": [.string(description.tag.rawValue)],
            "summary": .string(description.summary),
        ]
        operation = operation.adding("description", description.details.map { .string($0) })
        let parameters = pathParameters(route) + queryParameters(route, description)
        if !parameters.isEmpty { operation = operation.adding("parameters", .array(parameters)) }
        if let request = description.request {
            operation = operation.adding("requestBody", [
                "required": true, "content": ["application/json": ["schema": OpenAPISchemas.reference(request)]],
            ])
        }
        return operation.adding("responses", responses(description, version: route.version))
    }

    /// Unique: the same endpoint has another name in each version, and the root of an API another than its heartbeat.
    private static func operationIdentifier(_ route: Route) -> String {
        let version = switch route.version {
        case .v1: "_v1"
        case .v2: "_v2"
        case nil: ""
        }
        return route.endpoint.rawValue + version + (route.segments.count == 2 && route.version != nil ? "_root" : "")
    }

    private static func pathParameters(_ route: Route) -> [DocumentValue] {
        let isCanonical = canonical(route.pattern) == route.pattern
        return route.parameters.map { parameter in
            let name: String, schema: DocumentValue, description: String
            switch parameter {
            case .tenant: (name, schema, description) = (parameter.rawValue, ["type": "string"], "The tenant's name.")
            case .database: (name, schema, description) = (parameter.rawValue, ["type": "string"], "The database's name.")
            case .collectionName:
                (name, schema, description) = (isCanonical ? parameter.rawValue : "collection", ["type": "string"], "The collection's name.")
            case .collectionIdentifier:
                (name, schema, description) = (isCanonical ? parameter.rawValue : "collection", ["type": "string", "format": "uuid"], "The collection's id.")
            case .resourceName: (name, schema, description) = (parameter.rawValue, ["type": "string"], "`tenant:database:collection`.")
            case .functionName: (name, schema, description) = (parameter.rawValue, ["type": "string"], "The function's name.")
            }
            return ["name": .string(name), "in": "path", "required": true, "schema": schema, "description": .string(description)]
        }
    }

    private static func queryParameters(_ route: Route, _ description: EndpointDescription) -> [DocumentValue] {
        var parameters = description.query
        if route.version == .v1, let scope = scope(of: route.endpoint) {
            parameters.append(.init(name: "tenant", schema: ["type": "string", "default": "default_tenant"], description: "The tenant's name."))
            if scope == .database {
                parameters.append(.init(name: "database", schema: ["type": "string", "default": "default_database"], description: "The database's name."))
            }
        }
        return parameters.map {
            ["name": .string($0.name), "in": "query", "required": false, "schema": $0.schema, "description": .string($0.description)]
        }
    }

    private enum Scope { case tenant, database }

    /// What an endpoint of version 1 takes from the query where version 2 has it in the path.
    private static func scope(of endpoint: Endpoint) -> Scope? {
        switch endpoint {
        case .createDatabase, .getDatabase: .tenant
        case .createCollection, .listCollections, .countCollections, .getCollection, .deleteCollection: .database
        case .heartbeat, .version, .preflightChecks, .healthcheck, .identity, .reset, .liveness, .readiness, .openAPIDocument,
            .documentationPage, .status, .flush, .verify, .backup, .indexStatus, .indexRebuild,
            .createTenant, .getTenant, .updateTenant, .listDatabases, .deleteDatabase, .getCollectionByIdentifier,
            .getCollectionByResourceName, .changeCollection, .add, .update, .upsert, .get, .query, .delete, .count, .countMatching, .facets,
            .neighbors, .distances, .indexingStatus, .search,
            .fork, .forkCount, .conditionalGet, .conditionalCommit, .attachFunction, .getFunction, .addFunctionInput, .detachFunction:
            nil
        }
    }

    private static func responses(_ description: EndpointDescription, version: APIVersion?) -> DocumentValue {
        let error: DocumentValue = ["application/json": ["schema": OpenAPISchemas.reference("Error")]]
        let content: DocumentValue = switch description.answer {
        case .schema(let name): ["application/json": ["schema": OpenAPISchemas.reference(name)]]
        case .list(let name): ["application/json": ["schema": OpenAPISchemas.array(of: OpenAPISchemas.reference(name))]]
        case .value(let schema): ["application/json": ["schema": schema]]
        case .text(let type): .object([(key: type, value: ["schema": ["type": "string"]] as DocumentValue)])
        case .lines(let name):
            .object([(key: ResponseEncoder.linesMediaType, value: ["schema": OpenAPISchemas.reference(name)] as DocumentValue)])
        case .notImplemented: error
        }
        let meaning: DocumentValue = description.status == 501 ? "Not offered by this server." : "Done."
        let responses: DocumentValue = .object([(key: String(description.status), value: ["description": meaning, "content": content] as DocumentValue)])
        return version == nil && !description.canFail ? responses : responses.adding("default", ["description": "An error.", "content": error])
    }
}
