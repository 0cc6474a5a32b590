import LyricaClient
import VectorKernels
import VectorModel

/// Bandwidth and kernels, for people and for programs.
package struct KernelsReport: Sendable {
    private let data: Dataset
    private let k: Int
    private let threads: Int
    private let bandwidth: MemoryBandwidth
    private let timings: [KernelTimings]

    package init(data: Dataset, k: Int, threads: Int, bandwidth: MemoryBandwidth, timings: [KernelTimings]) {
        self.data = data
        self.k = k
        self.threads = threads
        self.bandwidth = bandwidth
        self.timings = timings
    }

    /// For people.
    package func lines(width: Int?) -> [String] {
        var speeds = Table([.init("through the floats"), .init("GB/s", alignsRight: true), .init("of memory bandwidth", alignsRight: true)])
        func add(_ name: String, _ bytesPerSecond: Double) {
            let share = ResultTable.fixed(bytesPerSecond / bandwidth.read * 100, 0)
            speeds.add([name, ResultTable.fixed(bytesPerSecond / 1e9, 2), share + " %"])
        }
        add("read only", bandwidth.read)
        add("exact search, floats", bandwidth.floatScan)
        if let codeScan = bandwidth.codeScan { add("exact search, 8-bit codes first", codeScan) }
        var kernels = Table([
            .init("cached rows, ns each"), .init("l2", alignsRight: true), .init("ip", alignsRight: true), .init("ip of codes", alignsRight: true),
        ])
        for timing in timings {
            let values = [timing.squaredL2, timing.innerProduct, timing.codeInnerProduct]
            kernels.add([timing.instructionSet.description] + values.map { ResultTable.fixed($0, 1) })
        }
        let head = "\(ProgressMeter.grouped(data.base.rowCount)) × \(data.base.dimension), \(ByteCount.text(data.base.byteCount)) of floats, "
            + "\(data.metric), k=\(k), \(ProgressMeter.counted(threads, "thread"))"
        return [head, Machine.summary, ""] + speeds.lines(width: width) + [""] + kernels.lines(width: width)
    }

    /// One line.
    package var json: String {
        func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        let sets = timings.map { timing in
            JSONObject.Member(
                timing.instructionSet.description,
                .object(
                    JSONObject([
                        .init("l2_ns", .number(timing.squaredL2)), .init("ip_ns", .number(timing.innerProduct)),
                        .init("code_ip_ns", .number(timing.codeInnerProduct)),
                    ])))
        }
        return JSONValue.object(
            JSONObject([
                .init("dataset", .string(data.name)), .init("n", integer(data.base.rowCount)), .init("dimension", integer(data.base.dimension)),
                .init("metric", .string(data.metric.name)), .init("k", integer(k)), .init("threads", integer(threads)),
                .init("read_bytes_per_second", .number(bandwidth.read.rounded())),
                .init("float_scan_bytes_per_second", .number(bandwidth.floatScan.rounded())),
                .init("code_scan_bytes_per_second", bandwidth.codeScan.map { .number($0.rounded()) } ?? .null),
                .init("kernels", .object(JSONObject(sets))), .init("machine", .string(Machine.summary)),
            ])
        ).jsonText
    }
}
