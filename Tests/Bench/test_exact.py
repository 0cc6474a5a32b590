"""Exact neighbours against a plain float64 scan, on data made to hurt: duplicates, zeros, tiny and huge norms."""

import unittest

import paths  # noqa: F401
import exact
import numpy as np
import synthetic

SEED = 7


def scanned(base, queries, metric, k):
    """The answer by definition."""
    found = []
    for query in queries:
        rows, query = base.astype(np.float64), query.astype(np.float64)
        values = ((rows - query) ** 2).sum(axis=1) if metric == "l2" else 1 - rows @ query
        found.append(np.lexsort((np.arange(len(base)), values))[:k])
    return np.array(found)


class ExactTests(unittest.TestCase):
    def compare(self, base, queries, metric, k):
        base, queries = exact.prepared(base, metric), exact.prepared(queries, metric)
        ids, distances = exact.nearest(base, queries, metric, k)
        np.testing.assert_array_equal(ids, scanned(base, queries, metric, k))
        self.assertTrue((np.diff(distances, axis=1) >= 0).all())

    def test_random_rows_in_every_metric(self):
        rng = np.random.default_rng(SEED)
        # More rows than one block takes.
        base, queries = rng.normal(size=(exact.BLOCK_ROWS + 300, 8)), rng.normal(size=(5, 8))
        for metric in exact.METRICS:
            with self.subTest(metric=metric):
                self.compare(base, queries, metric, 20)

    def test_more_equal_rows_than_candidates(self):
        rng = np.random.default_rng(SEED)
        base = np.repeat(rng.normal(size=(4, 6)), 200, axis=0)
        for metric in exact.METRICS:
            with self.subTest(metric=metric):
                self.compare(base, base[[0, 250, 700]], metric, 10)

    def test_float32_sums_that_cannot_order_the_rows(self):
        rng = np.random.default_rng(SEED)
        far = np.full(12, 1e4)
        base = far + rng.normal(0, 1e-2, (3000, 12))
        self.compare(base, far + rng.normal(0, 1e-2, (4, 12)), "l2", 10)

    def test_zeros_and_norms_far_apart(self):
        rng = np.random.default_rng(SEED)
        base = rng.normal(size=(500, 10)) * 10.0 ** rng.integers(-15, 15, (500, 1))
        base[::50] = 0
        for metric in exact.METRICS:
            with self.subTest(metric=metric):
                self.compare(base, base[[1, 50, 99]], metric, 15)

    def test_k_beyond_the_rows_gives_all_rows(self):
        base = np.eye(3)
        ids, _ = exact.nearest(exact.prepared(base, "l2"), exact.prepared(base, "l2"), "l2", 10)
        self.assertEqual(ids.shape, (3, 3))

    def test_unit_rows(self):
        rows = exact.normalised(np.array([[3.0, 4.0], [0.0, 0.0]]))
        np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], rtol=1e-6)

    def test_an_unknown_metric_is_refused(self):
        with self.assertRaises(ValueError):
            exact.prepared(np.eye(2), "hamming")


class SyntheticTests(unittest.TestCase):
    def test_the_seed_decides_the_rows(self):
        for name, recipe in synthetic.RECIPES.items():
            with self.subTest(recipe=name):
                first, again, other = (synthetic.rows(recipe, 40, seed) for seed in (1, 1, 2))
                self.assertEqual(first.shape, (40, recipe.dimension))
                self.assertTrue(np.isfinite(first).all())
                np.testing.assert_array_equal(first, again)
                self.assertFalse(np.allclose(first, other))

    def test_embeddings_are_unit_vectors(self):
        rows = synthetic.rows(synthetic.RECIPES["text768"], 20, 3)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)


if __name__ == "__main__":
    unittest.main()
