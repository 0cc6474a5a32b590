"""Recall, percentiles and the sweep of the peers' measurement."""

import unittest

import paths  # noqa: F401
import engines
import exact
import measure
import numpy as np
from engines.base import ef_sweep, list_count


class RecallTests(unittest.TestCase):
    # Rows on a line, the query at 0: row i lies at distance i², and row 5 at the same place as row 2.
    base = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [2.0]], np.float32)
    queries = np.zeros((1, 1), np.float32)
    truth = np.array([[0, 1, 2]])

    def recall(self, found, k=3):
        return measure.recall(np.array([found]), self.truth, self.base, self.queries, "l2", k, exact.distances)

    def test_all_none_and_some(self):
        self.assertEqual(self.recall([0, 1, 2]), 1)
        self.assertEqual(self.recall([2, 0, 1]), 1)
        self.assertEqual(self.recall([3, 4, -1]), 0)
        self.assertAlmostEqual(self.recall([0, 1, 3]), 2 / 3)

    def test_a_row_as_near_as_the_last_is_a_hit(self):
        self.assertEqual(self.recall([0, 1, 5]), 1)

    def test_a_row_returned_twice_counts_once(self):
        self.assertAlmostEqual(self.recall([0, 0, 0]), 1 / 3)

    def test_only_the_first_k_count(self):
        self.assertEqual(self.recall([3, 0], k=1), 0)
        self.assertEqual(self.recall([0, 3], k=1), 1)

    def test_numbers_that_are_no_rows(self):
        self.assertAlmostEqual(self.recall([-1, 0, 99]), 1 / 3)


class PercentileTests(unittest.TestCase):
    def test_known_values(self):
        values = list(range(100, 0, -1))
        self.assertEqual(measure.percentile(values, 0.5), 50)
        self.assertEqual(measure.percentile(values, 0.99), 99)
        self.assertEqual(measure.percentile(values, 1), 100)
        self.assertEqual(measure.percentile([7], 0.99), 7)

    def test_nothing_has_no_percentile(self):
        with self.assertRaises(ValueError):
            measure.percentile([], 0.5)


class SweepTests(unittest.TestCase):
    def walked(self, points, recall):
        sweep, taken = measure.Sweep(points), []
        for point in sweep:
            taken.append(point)
            sweep.note(point, recall(point))
        return taken

    def test_it_ends_when_recall_is_full(self):
        taken = self.walked(ef_sweep(10, (10, 20, 40, 80)), lambda point: min(1, point["efSearch"] / 40))
        self.assertEqual([point["efSearch"] for point in taken], [10, 20, 40])

    def test_it_ends_when_recall_no_longer_rises(self):
        taken = self.walked(ef_sweep(10, (10, 20, 40, 80, 160)), lambda point: 0.95)
        self.assertEqual(len(taken), 3)

    def test_a_low_recall_that_pauses_ends_nothing(self):
        self.assertEqual(len(self.walked(ef_sweep(10, (10, 20, 40, 80, 160)), lambda point: 0.6)), 5)

    def test_other_settings_have_sweeps_of_their_own(self):
        points = [{"nprobe": nprobe, "refine": refine} for refine in (1, 2) for nprobe in (1, 2)]
        taken = self.walked(points, lambda point: 1 if point["refine"] == 1 else 0.5)
        self.assertEqual(taken, [points[0], points[2], points[3]])

    def test_points_without_effort_are_all_taken(self):
        points = [{"batch": 1000}, {"batch": 1}]
        self.assertEqual(self.walked(points, lambda point: 1), points)

    def test_beams_narrower_than_k_are_left_out(self):
        self.assertEqual(ef_sweep(30, (10, 30, 50)), [{"efSearch": 30}, {"efSearch": 50}])

    def test_about_a_thousand_lists_for_a_hundred_thousand_rows(self):
        self.assertEqual([list_count(rows) for rows in (100, 3000, 100_000, 116_659)], [32, 256, 1024, 1024])


class EngineTests(unittest.TestCase):
    def test_names_are_unique_and_unknown_ones_refused(self):
        self.assertEqual(len(set(engines.NAMES)), len(engines.NAMES))
        with self.assertRaises(ValueError):
            engines.load("no such engine")


if __name__ == "__main__":
    unittest.main()
