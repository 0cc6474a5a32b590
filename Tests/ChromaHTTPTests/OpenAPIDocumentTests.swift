import ChromaHTTP
import Foundation
import HTTPTypes
import Testing

@Suite struct OpenAPIDocumentTests {
    private let document: [String: Any]

    init() throws {
        let text = OpenAPIDocument.text(version: "1.2.3", configuration: ChromaHTTPConfiguration())
        document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func operations() throws -> [(path: String, method: String, operation: [String: Any])] {
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        return paths.flatMap { path, methods in methods.map { (path, $0.key, $0.value) } }
    }

    @Test func describesExactlyTheRoutesThatAreServed() throws {
        let described = Set(try operations().map { "\($0.method.uppercased()) \($0.path)" })
        let served = Set(Routes.all.map { "\($0.method.rawValue) \(OpenAPIDocument.canonical($0.pattern))" })
        #expect(described == served)
        #expect(served.count == Routes.all.count, "two routes have one description")
    }

    @Test func saysWhatItIs() throws {
        #expect(document["openapi"] as? String == "3.1.0")
        let info = try #require(document["info"] as? [String: Any])
        #expect(info["title"] as? String == "lyrica-vectord")
        #expect(info["version"] as? String == "1.2.3")
    }

    @Test func operationsHaveUniqueIdentifiersKnownTagsAndAnswers() throws {
        let tags = Set(try #require(document["tags"] as? [[String: String]]).compactMap { $0["name"] })
        var identifiers = Set<String>()
        for (path, method, operation) in try operations() {
            let identifier = try #require(operation["operationId"] as? String)
            #expect(identifiers.insert(identifier).inserted, "\(identifier) stands twice")
            #expect(tags.isSuperset(of: try #require(operation["tags"] as? [String])), "\(method) \(path)")
            #expect((operation["responses"] as? [String: Any])?.isEmpty == false, "\(method) \(path)")
            #expect((operation["summary"] as? String)?.isEmpty == false, "\(method) \(path)")
        }
    }

    @Test func everyPathParameterIsDescribedAndNoOther() throws {
        for (path, method, operation) in try operations() {
            let inPath = Set(path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) })
            let parameters = operation["parameters"] as? [[String: Any]] ?? []
            let described = parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
            #expect(Set(described) == inPath && described.count == inPath.count, "\(method) \(path)")
        }
    }

    @Test func everyReferenceLeadsToASchemaAndEverySchemaIsUsed() throws {
        let components = try #require(document["components"] as? [String: [String: Any]])
        let schemas = Set(try #require(components["schemas"]).keys)
        var used = Set<String>()
        func walk(_ value: Any) {
            if let object = value as? [String: Any] {
                if let reference = object["$ref"] as? String { used.insert(String(reference.split(separator: "/").last ?? "")) }
                object.values.forEach(walk)
            } else if let array = value as? [Any] {
                array.forEach(walk)
            }
        }
        walk(document)
        #expect(used == schemas)
    }
}
