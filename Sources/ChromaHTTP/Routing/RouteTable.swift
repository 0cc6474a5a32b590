public import HTTPTypes

/// Finds the route of a request: a tree of path segments, built once.
///
/// A literal segment wins over a parameter; where the literal leads nowhere the parameter is tried too, so a collection may be called `by-id`.
/// Cost of a lookup: the number of segments, times the few literals at each place.
public struct RouteTable: Sendable {
    /// What a path and method lead to.
    public enum Match: Sendable {
        /// `values` are the undecoded path segments in the order of `route.parameters`.
        case found(Route, values: [Substring])
        /// The path exists for these methods only.
        case wrongMethod(allowed: [HTTPRequest.Method])
        case unknownPath
    }

    private struct Node: Sendable {
        var literals: [(text: String, node: Int)] = []
        var parameter: Int?
        var routes: [Route] = []
    }

    private var nodes = [Node()]

    /// - Precondition: no two routes have the same method and pattern.
    public init(_ routes: [Route]) {
        for route in routes {
            let end = route.segments.reduce(0) { node, segment in child(of: node, for: segment) }
            precondition(!nodes[end].routes.contains { $0.method == route.method }, "\(route.method) \(route.pattern) stands twice")
            nodes[end].routes.append(route)
        }
    }

    /// The route for `method` and the path whose parts are `segments`. HEAD is answered by the route of GET.
    public func match(_ method: HTTPRequest.Method, _ segments: [Substring]) -> Match {
        var values: [Substring] = []
        guard let end = endNode(from: 0, segments[...], values: &values) else { return .unknownPath }
        let sought = method == .head ? .get : method
        guard let route = nodes[end].routes.first(where: { $0.method == sought }) else {
            let methods = nodes[end].routes.map(\.method)
            return .wrongMethod(allowed: methods.contains(.get) ? methods + [.head] : methods)
        }
        return .found(route, values: values)
    }

    private mutating func child(of node: Int, for segment: Route.Segment) -> Int {
        switch segment {
        case .literal(let text):
            if let known = nodes[node].literals.first(where: { $0.text == text }) { return known.node }
            nodes[node].literals.append((text, nodes.count))
        case .parameter:
            if let known = nodes[node].parameter { return known }
            nodes[node].parameter = nodes.count
        }
        nodes.append(Node())
        return nodes.count - 1
    }

    private func endNode(from node: Int, _ segments: ArraySlice<Substring>, values: inout [Substring]) -> Int? {
        guard let segment = segments.first else { return nodes[node].routes.isEmpty ? nil : node }
        let rest = segments.dropFirst()
        if let literal = nodes[node].literals.first(where: { $0.text == segment }),
            let end = endNode(from: literal.node, rest, values: &values) {
            return end
        }
        guard let parameter = nodes[node].parameter, !segment.isEmpty else { return nil }
        values.append(segment)
        if let end = endNode(from: parameter, rest, values: &values) { return end }
        values.removeLast()
        return nil
    }
}
