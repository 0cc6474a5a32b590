"""Makes filters over a data set: for each kind an order of all rows, and for each share of them the rows that come first in it.

KIND.rank.npy has every row's place in the order (n). A filter KIND-SHARE is two files: KIND-SHARE.rows.npy, the matching rows ascending (1 × m), and
KIND-SHARE.truth.npy, the nearest min(k, m) of them to each query.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "datasets"))
import exact  # noqa: E402

KINDS = ("random", "cell", "direction")
SHARES = (0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.003, 0.001, 0.0001)


def order(kind, base, seed):
    """All rows: by chance, by their distance from one of them, or along a direction."""
    # A seed for each kind, so that its filters do not depend on which others are made.
    generator = np.random.default_rng([seed, KINDS.index(kind)])
    if kind == "random":
        return generator.permutation(len(base))
    if kind == "cell":
        return np.argsort(np.linalg.norm(base - base[generator.integers(len(base))], axis=1), kind="stable")
    return np.argsort(base @ generator.standard_normal(base.shape[1], dtype=np.float32), kind="stable")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--metric", default="cosine", choices=exact.METRICS)
    parser.add_argument("--limit", type=int, help="only the first rows of the base")
    parser.add_argument("--query-limit", type=int, help="only the first queries")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--shares", nargs="+", type=float, default=SHARES)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="a folder")
    options = parser.parse_args()

    base = exact.prepared(np.load(options.base)[:options.limit], options.metric)
    queries = exact.prepared(np.load(options.queries)[:options.query_limit], options.metric)
    options.out.mkdir(parents=True, exist_ok=True)
    for kind in options.kinds:
        ordered = order(kind, base, options.seed)
        rank = np.empty(len(base), np.int32)
        rank[ordered] = np.arange(len(base), dtype=np.int32)
        np.save(options.out / f"{kind}.rank.npy", rank)
        for share in options.shares:
            rows = np.sort(ordered[:max(1, round(share * len(base)))])
            found, _ = exact.nearest(base[rows], queries, options.metric, options.k)
            name = f"{kind}-{share:g}"
            np.save(options.out / f"{name}.rows.npy", rows[None, :].astype(np.int32))
            np.save(options.out / f"{name}.truth.npy", rows[found].astype(np.int32))
            print(f"{name}: {len(rows)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
