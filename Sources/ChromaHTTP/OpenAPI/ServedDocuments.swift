import NIOCore

/// The documents that are made once at start and given out as they are.
struct ServedDocuments: Sendable {
    /// The OpenAPI document as JSON.
    let openAPI: ByteBuffer
    /// The page that shows it.
    let page: ByteBuffer

    init(version: String, configuration: ChromaHTTPConfiguration) {
        openAPI = ByteBuffer(string: OpenAPIDocument.text(version: version, configuration: configuration))
        page = ByteBuffer(string: DocumentationPage.html)
    }
}
