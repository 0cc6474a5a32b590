package import LyricaClient

/// One measured setting as a line of JSON, with the keys that all benchmarks here share whatever engine they measure.
package struct ResultLine: Equatable, Sendable {
    package var dataset: String
    /// Rows that were searched.
    package var n: Int
    package var dimension: Int
    package var metric: String
    package var k: Int
    package var queries: Int
    package var engine: String
    /// The kind of index.
    package var index: String
    /// What the index was built with.
    package var parameters: JSONObject
    /// What it was searched with.
    package var search: JSONObject
    package var threads: Int
    /// `nil` where an index was loaded and not built.
    package var buildSeconds: Double?
    package var recall: Double
    package var queriesPerSecond: Double
    package var p50Microseconds: Double
    package var p99Microseconds: Double
    /// Memory of the index beyond the float32 vectors; `nil` where an engine cannot tell.
    package var indexBytes: Int?
    /// Memory that the index and the vectors which it needs take of the process.
    package var residentBytes: Int?
    /// The same on disk.
    package var diskBytes: Int?
    package var machine: String

    package init(
        dataset: String, n: Int, dimension: Int, metric: String, k: Int, queries: Int, engine: String, index: String, parameters: JSONObject,
        search: JSONObject, threads: Int, buildSeconds: Double?, recall: Double, queriesPerSecond: Double, p50Microseconds: Double,
        p99Microseconds: Double, indexBytes: Int?, residentBytes: Int?, diskBytes: Int?, machine: String
    ) {
        self.dataset = dataset
        self.n = n
        self.dimension = dimension
        self.metric = metric
        self.k = k
        self.queries = queries
        self.engine = engine
        self.index = index
        self.parameters = parameters
        self.search = search
        self.threads = threads
        self.buildSeconds = buildSeconds
        self.recall = recall
        self.queriesPerSecond = queriesPerSecond
        self.p50Microseconds = p50Microseconds
        self.p99Microseconds = p99Microseconds
        self.indexBytes = indexBytes
        self.residentBytes = residentBytes
        self.diskBytes = diskBytes
        self.machine = machine
    }
}

extension ResultLine {
    /// The line without its end.
    package var json: String {
        func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        func rounded(_ value: Double, _ digits: Int) -> JSONValue {
            let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
            return .number((value * scale).rounded() / scale)
        }
        return JSONValue.object(
            JSONObject([
                .init("dataset", .string(dataset)), .init("n", integer(n)), .init("dimension", integer(dimension)),
                .init("metric", .string(metric)), .init("k", integer(k)), .init("queries", integer(queries)), .init("engine", .string(engine)),
                .init("index", .string(index)), .init("parameters", .object(parameters)), .init("search", .object(search)),
                .init("threads", integer(threads)), .init("build_seconds", buildSeconds.map { rounded($0, 3) } ?? .null),
                .init("recall", rounded(recall, 6)), .init("qps", rounded(queriesPerSecond, 1)), .init("p50_us", rounded(p50Microseconds, 2)),
                .init("p99_us", rounded(p99Microseconds, 2)), .init("index_bytes", indexBytes.map(integer) ?? .null),
                .init("resident_bytes", residentBytes.map(integer) ?? .null), .init("disk_bytes", diskBytes.map(integer) ?? .null),
                .init("machine", .string(machine)),
            ])
        ).jsonText
    }

    /// Reads a line that any of the benchmarks wrote.
    /// - Throws: `ClientError.data` that names what is missing.
    package init(parsing line: String) throws(ClientError) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(line)
        } catch {
            throw .data("is no JSON: \(error.message)")
        }
        guard let object = value.object else { throw .data("is \(value.kindName), not an object") }
        func required<Value>(_ key: String, _ read: (JSONValue) -> Value?) throws(ClientError) -> Value {
            guard let value = object[key].flatMap(read) else { throw .data("has no usable \"\(key)\"") }
            return value
        }
        self.init(
            dataset: try required("dataset", \.string), n: try required("n", \.integer), dimension: try required("dimension", \.integer),
            metric: try required("metric", \.string), k: try required("k", \.integer), queries: try required("queries", \.integer),
            engine: try required("engine", \.string), index: try required("index", \.string), parameters: try required("parameters", \.object),
            search: try required("search", \.object), threads: try required("threads", \.integer), buildSeconds: object["build_seconds"]?.number,
            recall: try required("recall", \.number), queriesPerSecond: try required("qps", \.number),
            p50Microseconds: try required("p50_us", \.number), p99Microseconds: try required("p99_us", \.number),
            indexBytes: object["index_bytes"]?.integer, residentBytes: object["resident_bytes"]?.integer, diskBytes: object["disk_bytes"]?.integer,
            machine: try required("machine", \.string))
    }

    /// What was measured, without what it was searched with: the lines that agree in it make one curve.
    package var configuration: String {
        ([engine, index] + parameters.members.map { "\($0.key)=\(Self.text($0.value))" }).joined(separator: " ")
    }

    /// The search's settings for people, such as `efSearch=40 rerank=2`.
    package var searchText: String { search.members.map { "\($0.key)=\(Self.text($0.value))" }.joined(separator: " ") }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.jsonText }
}
