/// Recall against queries per second: a curve for each configuration, as an SVG picture.
///
/// Queries per second stand on a logarithmic axis. Recalls stand by how often one misses, −log₁₀(1 − recall): 0.9, 0.99 and 0.999 are equally far
/// apart, since to halve the misses costs about the same everywhere. What misses less than one in 2,000 stands at the right edge.
package struct RecallPlot: Sendable {
    private let title: String
    private let subtitle: String
    private let curves: [Curve]
    private let scale: PlotScale

    private struct Curve {
        let name: String
        let color: String
        let lines: [ResultLine]

        /// The settings that no other one beats in both recall and speed, by ascending recall.
        var best: [ResultLine] {
            var best: [ResultLine] = []
            for line in lines.sorted(by: { ($0.recall, $0.queriesPerSecond) > ($1.recall, $1.queriesPerSecond) })
            where line.queriesPerSecond > best.last?.queriesPerSecond ?? 0 {
                best.append(line)
            }
            return best.reversed()
        }
    }

    /// Tell one another apart also for people who see few colours, on light and on dark (after Okabe & Ito).
    private static let colors = ["#0e83c9", "#e0691a", "#0aa574", "#c566a0", "#b8950a", "#4cb2e6", "#8f7ae5", "#8a8f98"]

    /// - Parameter lines: at least one; of any engines, with the same data set, `k` and number of threads to be comparable.
    package init(_ lines: [ResultLine]) {
        precondition(!lines.isEmpty)
        let first = lines[0]
        title = "\(first.dataset): recall@\(first.k) against queries per second"
        subtitle = "\(ResultTable.grouped(Double(first.n))) × \(first.dimension), \(first.metric), "
            + "\(first.threads) thread\(first.threads == 1 ? "" : "s"), \(first.machine)"
        curves = ResultTable.grouped(lines).enumerated().map { index, group in
            Curve(name: group.name, color: Self.colors[index % Self.colors.count], lines: group.lines)
        }
        scale = PlotScale(recalls: lines.map(\.recall), speeds: lines.map(\.queriesPerSecond))
    }

    /// The picture's source.
    package var svg: String {
        var drawing = SVGDrawing(width: PlotScale.width, height: PlotScale.top + PlotScale.plotHeight + 64 + curves.count * 20)
        drawing.text(title, at: (Double(PlotScale.left), 26), size: 16)
        drawing.text(subtitle, at: (Double(PlotScale.left), 46))
        drawAxes(on: &drawing)
        for (index, curve) in curves.enumerated() { draw(curve, index, on: &drawing) }
        return drawing.source
    }

    private func drawAxes(on drawing: inout SVGDrawing) {
        let (left, right) = (Double(PlotScale.left), Double(PlotScale.left + PlotScale.plotWidth))
        let (top, bottom) = (Double(PlotScale.top), Double(PlotScale.top + PlotScale.plotHeight))
        for tick in scale.speedTicks {
            let y = scale.y(tick)
            drawing.line((left, y), (right, y), opacity: 0.25)
            drawing.text(ResultTable.grouped(tick), at: (left - 8, y + 4), anchor: .end)
        }
        for tick in scale.recallTicks {
            let x = scale.x(tick)
            drawing.line((x, top), (x, bottom), opacity: 0.25)
            drawing.text(SVGDrawing.number(tick, decimals: 3), at: (x, bottom + 18), anchor: .middle)
        }
        drawing.line((left, bottom), (right, bottom))
        drawing.line((left, top), (left, bottom))
        drawing.text("recall", at: ((left + right) / 2, bottom + 38), anchor: .middle)
        drawing.text("queries per second", at: (20, (top + bottom) / 2), anchor: .middle, turned: true)
    }

    private func draw(_ curve: Curve, _ index: Int, on drawing: inout SVGDrawing) {
        let best = curve.best
        drawing.path(best.map { (scale.x($0.recall), scale.y($0.queriesPerSecond)) }, color: curve.color)
        for line in curve.lines {
            let isBest = best.contains(line)
            let title = "\(curve.name), \(line.searchText): recall \(ResultTable.fixed(line.recall, 4)), "
                + "\(ResultTable.grouped(line.queriesPerSecond)) queries/s, p99 \(ResultTable.fixed(line.p99Microseconds, 0)) µs"
            drawing.dot(
                (scale.x(line.recall), scale.y(line.queriesPerSecond)), radius: isBest ? 4 : 2.5, color: curve.color, opacity: isBest ? 1 : 0.45,
                title: title)
        }
        let y = Double(PlotScale.top + PlotScale.plotHeight + 62 + index * 20)
        drawing.path([(Double(PlotScale.left), y - 4), (Double(PlotScale.left + 24), y - 4)], color: curve.color)
        drawing.dot((Double(PlotScale.left + 12), y - 4), radius: 4, color: curve.color, opacity: 1, title: curve.name)
        drawing.text(curve.name, at: (Double(PlotScale.left + 34), y))
    }
}
