"""The report over made results."""

import json
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import paths  # noqa: F401
import plot
import report
import results


def line(**changes):
    """A result line."""
    return {
        "dataset": "made", "n": 1000, "dimension": 8, "metric": "l2", "k": 10, "queries": 100, "engine": "hnswlib-16",
        "index": "hnsw", "parameters": {"M": 16}, "search": {"efSearch": 10}, "threads": 1, "build_seconds": 2.0,
        "recall": 0.95, "qps": 1000.0, "p50_us": 900.0, "p99_us": 2000.0, "index_bytes": 4_000_000,
        "resident_bytes": 9_000_000, "disk_bytes": 5_000_000, "machine": "one machine", **changes,
    }


class ReportTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def read(self, *lines):
        path = Path(self.folder.name) / "results.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in lines))
        return results.read([path])

    def document(self, *lines):
        data_sets = self.read(*lines)
        return report.document(data_sets, {id(each): "plot.svg" for each in data_sets})

    def test_the_best_of_the_sweep_at_each_recall(self):
        (data_set,) = self.read(line(recall=0.91, qps=900.0), line(search={"efSearch": 20}, recall=0.97, qps=500.0),
                                line(search={"efSearch": 30}, recall=0.96, qps=400.0))
        (each,) = data_set.configurations
        self.assertEqual([point.qps if point else None for point in map(each.best, (0.9, 0.95, 0.98))], [900, 500, None])

    def test_repeated_measurements_count_by_their_median(self):
        (data_set,) = self.read(*(line(qps=qps) for qps in (100.0, 900.0, 300.0)))
        self.assertEqual([point.qps for point in data_set.configurations[0].points], [300])

    def test_wins_and_losses(self):
        text = self.document(line(), line(engine="lyrica", qps=500.0), line(engine="other", recall=0.995, qps=10.0),
                             line(engine="lyrica", search={"efSearch": 99}, recall=0.991, qps=40.0))
        self.assertIn("0.50× (hnswlib-16)", text)
        self.assertIn("4.00× (other)", text)
        self.assertIn("- made at 0.995, ours / best peer, graphs: ours does not reach it, other does", text)
        self.assertIn("- made at 0.95, ours / hnswlib: 0.50× hnswlib-16", text)
        self.assertLess(text.index("Behind:"), text.index("Ahead:"))

    def test_a_family_is_compared_with_its_own(self):
        text = self.document(line(engine="lyrica", index="ivf", qps=600.0), line(engine="ivf-peer", index="ivf", qps=300.0),
                             line(engine="graph-peer", qps=1200.0))
        self.assertIn("| ours / best peer, IVF | 2.00× (ivf-peer)", text)
        self.assertIn("| ours / best peer, any index | 0.50× (graph-peer)", text)
        self.assertNotIn("ours / best peer, graphs", text)

    def test_exact_search_is_compared_by_batch(self):
        text = self.document(*(line(engine=engine, index="flat", search={"batch": batch}, recall=1.0, qps=qps)
                               for engine, batch, qps in (("faiss-flat", 1000, 800.0), ("faiss-flat", 1, 100.0),
                                                          ("lyrica", 1000, 1000.0), ("lyrica", 1, 90.0))))
        self.assertIn("1.25×", text)
        self.assertIn("0.90×", text)

    def test_results_of_two_machines_are_marked(self):
        self.assertIn("more than one machine", self.document(line(), line(engine="lyrica", machine="another")))
        self.assertNotIn("more than one machine", self.document(line(), line(engine="lyrica")))

    def test_unknown_memory_is_no_number(self):
        self.assertIn("| hnswlib-16 | 2.0 | – |", self.document(line(index_bytes=None)))

    def test_bad_lines_are_refused_with_their_place(self):
        path = Path(self.folder.name) / "results.jsonl"
        short = line()
        del short["qps"]
        for text, wanted in (("{", "not JSON"), (json.dumps(short), "without qps"), ("[]", "without"),
                             (json.dumps(line(index="tree")), "unknown index tree")):
            path.write_text(json.dumps(line()) + "\n" + text + "\n")
            with self.subTest(text=text[:20]), self.assertRaisesRegex(results.BadResults, f"results.jsonl:2: .*{wanted}"):
                results.read([path])

    def test_the_frontier(self):
        points = [results.Point({}, recall, qps, 1, 1) for recall, qps in ((0.9, 5), (0.8, 4), (0.95, 3), (0.95, 2), (1, 1))]
        self.assertEqual([(point.recall, point.qps) for point in results.frontier(points)], [(0.9, 5), (0.95, 3), (1, 1)])

    def test_the_plot_has_a_line_for_each_configuration_and_survives_any_name(self):
        (data_set,) = self.read(line(), line(engine="<&>", recall=1.0, qps=3.0), line(engine="flat", index="flat"))
        drawn = ElementTree.fromstring(plot.chart(data_set))
        self.assertEqual(len(drawn.findall("{http://www.w3.org/2000/svg}polyline")), 2)

    def test_a_plot_of_nothing(self):
        (data_set,) = self.read(line(index="flat"))
        ElementTree.fromstring(plot.chart(data_set))


if __name__ == "__main__":
    unittest.main()
