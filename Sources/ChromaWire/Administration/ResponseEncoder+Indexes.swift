public import Engine
import VectorModel

/// What is told of indexes.
extension ResponseEncoder {
    /// Collections in one answer about indexes, where no limit is asked for.
    public static let indexReportsMax = 1_000

    /// - Parameters:
    ///   - total: how many collections there are, of which `reports` may be a page.
    ///   - buildProgress: how much is done of the index that is being built, if it is of one of them.
    public func indexReports(_ reports: [CollectionIndexReport], total: Int, buildProgress: Double?) -> WireBytes {
        write(capacity: 256 * max(reports.count, 1)) { writer in
            writer.object([
                ("total", { $0.integer(total) }),
                ("collections", { writer in
                    writer.array(reports) { writer, report in
                        writer.indexReport(report, buildProgress: report.isBuilding ? buildProgress : nil)
                    }
                }),
            ])
        }
    }

    public func progress(_ progress: IndexRebuildProgress) -> WireBytes {
        line("progress") { writer in
            writer.object([
                ("phase", { $0.string("indexing") }), ("rows_done", { $0.integer(progress.rowsDone) }),
                ("rows_total", { $0.integer(progress.rowsTotal) }),
            ])
        }
    }

    public func result(_ report: IndexRebuildReport) -> WireBytes {
        line("result") { writer in
            writer.object([
                ("collections", { $0.integer(report.collections) }),
                ("indexes", { $0.integer(report.indexes) }),
                ("rows", { $0.integer(report.rows) }),
                ("bytes", { $0.integer(report.bytes) }),
                ("cancelled", { $0.boolean(report.wasCancelled) }),
                ("failure_count", { $0.integer(report.failures.count) }),
                ("failures", { writer in
                    writer.array(report.failures.prefix(Self.findingsMax)) { writer, failure in writer.string(failure) }
                }),
            ])
        }
    }

    /// The answer to a rebuild that nobody waits for.
    /// - Parameter indexes: how many will be built.
    public func rebuildScheduled(indexes: Int) -> WireBytes {
        write { $0.object([("scheduled", { $0.integer(indexes) })]) }
    }
}

extension JSONWriter {
    fileprivate mutating func indexReport(_ report: CollectionIndexReport, buildProgress: Double?) {
        object([
            ("id", { $0.string(report.collection.description) }),
            ("index", { $0.string(report.choice.name) }),
            ("vector_type", { $0.string(report.element.name) }),
            ("rows", { $0.integer(report.rows) }),
            ("hnsw_rows", { $0.integer(report.hnswRows) }),
            ("ivf_rows", { $0.integer(report.ivfRows) }),
            ("flat_rows", { $0.integer(report.flatRows) }),
            ("pending_rows", { $0.integer(report.pendingRows) }),
            ("building", { $0.boolean(report.isBuilding) }),
            ("build_progress", { $0.optional(buildProgress) { writer, share in writer.double(share) } }),
            ("bytes", { $0.integer(report.bytes) }),
        ])
    }

    /// The indexes of all collections together.
    mutating func indexTotals(_ reports: [CollectionIndexReport]) {
        func sum(_ count: (CollectionIndexReport) -> Int) -> Int { reports.reduce(0) { $0 + count($1) } }
        object([
            ("rows", { $0.integer(sum(\.rows)) }),
            ("hnsw_rows", { $0.integer(sum(\.hnswRows)) }),
            ("ivf_rows", { $0.integer(sum(\.ivfRows)) }),
            ("flat_rows", { $0.integer(sum(\.flatRows)) }),
            ("pending_rows", { $0.integer(sum(\.pendingRows)) }),
            ("building_collections", { $0.integer(sum { $0.isBuilding ? 1 : 0 }) }),
            ("bytes", { $0.integer(sum(\.bytes)) }),
        ])
    }
}
