#!/usr/bin/env python3
"""Makes benchmark data: base rows, queries, and the exact neighbours of the queries.

Each set becomes a folder in --output with
  base.npy             the rows to index
  queries.npy          the last rows of what was made, kept out of the base
  truth_ids.npy        int32 (queries, k): the rows nearest to each query, nearest first
  truth_distances.npy  float32 (queries, k): l2 squared, 1 - cos, or 1 - dot product
  about.json           metric, sizes, seed, and where the rows come from
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import exact
import glosses
import synthetic

SEED = 20261121
ROWS = 100_000
SMOKE = {"rows": 2000, "queries": 100}


def progress(label):
    """A function that keeps one line of standard error up to date, at most twice a second."""
    began = last = time.monotonic()

    def show(done, total):
        nonlocal last
        now = time.monotonic()
        if done == total or now - last > 0.5:
            last = now
            end = "\n" if done == total else ""
            print(f"\r{label}: {done:,} of {total:,}, {now - began:.0f} s", end=end, file=sys.stderr, flush=True)

    return show


def parsed():
    names = ", ".join(["glosses", *synthetic.RECIPES])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"which: {names}, or all")
    parser.add_argument("--output", type=Path, default=Path("bench-data"), help="default: bench-data")
    parser.add_argument("--rows", type=int, help=f"base rows (default: {ROWS:,}; for glosses all there are)")
    parser.add_argument("--queries", type=int, default=1000, help="default: 1000")
    parser.add_argument("--k", type=int, default=100, help="exact neighbours stored for each query (default: 100)")
    parser.add_argument("--element", choices=("float32", "float16"), default="float32")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default: {SEED}")
    parser.add_argument("--embeddings", type=Path, metavar="FILE",
                        help="glosses: a .npy of embeddings that exist, instead of running the model")
    parser.add_argument("--wordnet", type=Path, default=glosses.WORDNET,
                        help=f"glosses: the folder of wordnet-base (default: {glosses.WORDNET})")
    parser.add_argument("--smoke", action="store_true", help="makes small sets in a folder of its own and checks them")
    arguments = parser.parse_args()
    if arguments.sets == ["all"]:
        arguments.sets = ["glosses", *synthetic.RECIPES]
    unknown = [name for name in arguments.sets if name != "glosses" and name not in synthetic.RECIPES]
    if unknown:
        parser.error(f"unknown sets: {', '.join(unknown)}; known: {names}, all")
    if not arguments.sets and not arguments.smoke:
        parser.error(f"which sets? known: {names}, all")
    for name in ("rows", "queries", "k"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            parser.error(f"--{name} must be positive")
    return arguments


def rows_of(name, arguments):
    """All rows of a set, queries last; its metric; and what about.json says of where they come from."""
    if name != "glosses":
        recipe = synthetic.RECIPES[name]
        count = (arguments.rows or ROWS) + arguments.queries
        made = synthetic.rows(recipe, count, arguments.seed, progress(f"{name}: rows"))
        return made, recipe.metric, {"source": recipe.about, "seed": arguments.seed}
    if arguments.embeddings:
        found = np.load(arguments.embeddings, mmap_mode="r")
        if found.ndim != 2 or found.dtype not in (np.float32, np.float16):
            raise SystemExit(f"{arguments.embeddings}: not a matrix of float32 or float16")
        source = "embeddings that existed"
    else:
        texts = glosses.texts(arguments.wordnet, arguments.seed)
        if arguments.rows:
            texts = texts[:arguments.rows + arguments.queries]
        found = glosses.embedded(texts, progress("glosses: texts embedded"))
        source = f"WordNet glosses through {glosses.MODEL}"
    if arguments.rows:
        found = found[:arguments.rows + arguments.queries]
    return np.asarray(found, np.float32), "cosine", {"source": source}


def make(name, arguments):
    """Makes one set and returns its folder."""
    rows, metric, about = rows_of(name, arguments)
    if len(rows) <= arguments.queries:
        raise SystemExit(f"{name}: {len(rows)} rows are too few for {arguments.queries} queries")
    # The truth is that of the rows as stored.
    rows = rows.astype(arguments.element)
    base, queries = rows[:-arguments.queries], rows[-arguments.queries:]
    ids, distances = exact.nearest(exact.prepared(base, metric), exact.prepared(queries, metric), metric, arguments.k,
                                   progress(f"{name}: truth"))
    folder = arguments.output / name
    folder.mkdir(parents=True, exist_ok=True)
    for part, array in (("base", base), ("queries", queries), ("truth_ids", ids),
                        ("truth_distances", distances.astype(np.float32))):
        np.save(folder / f"{part}.npy", array)
    (folder / "about.json").write_text(json.dumps({
        "dataset": name, "metric": metric, "n": len(base), "queries": len(queries), "dimension": rows.shape[1],
        "element": arguments.element, "k": ids.shape[1], **about,
    }, indent=2) + "\n")
    return folder


def check(folder):
    """What is wrong with a set that was made, as sentences."""
    about = json.loads((folder / "about.json").read_text())
    base, queries, ids, distances = (np.load(folder / f"{part}.npy")
                                     for part in ("base", "queries", "truth_ids", "truth_distances"))
    if len(base) != about["n"] or len(queries) != about["queries"] or base.shape[1] != about["dimension"]:
        yield "sizes differ from about.json"
    if not np.isfinite(base).all() or not np.isfinite(queries).all():
        yield "a value is not finite"
    if ids.dtype != np.int32 or ids.min() < 0 or ids.max() >= len(base):
        yield "a neighbour is no row"
    if (np.diff(distances, axis=1) < 0).any():
        yield "distances are not in order"
    metric = about["metric"]
    base, queries = exact.prepared(base, metric), exact.prepared(queries, metric)
    for row in (0, len(queries) // 2, len(queries) - 1):
        everything = exact.distances(base, queries[row], slice(None), metric)
        nearest = np.lexsort((np.arange(len(base)), everything))[:ids.shape[1]]
        if not np.array_equal(nearest, ids[row]):
            yield f"query {row}: the truth is not what a full float64 scan finds"
    if np.median(distances[:, 0]) > 0.9 * np.median(exact.distances(base, queries[0], slice(None), metric)):
        yield "neighbours are no nearer than other rows"


def smoke(arguments):
    """Makes small sets and checks them; the number of faults."""
    faults = 0
    with tempfile.TemporaryDirectory(prefix="datasets-") as folder:
        arguments.output = Path(folder)
        arguments.rows, arguments.queries = SMOKE["rows"], SMOKE["queries"]
        arguments.embeddings = arguments.output / "embeddings.npy"
        np.save(arguments.embeddings, np.random.default_rng(arguments.seed).normal(size=(2600, 24)).astype(np.float16))
        for name in arguments.sets or ["glosses", *synthetic.RECIPES]:
            found = list(check(make(name, arguments)))
            print(f"{name}: {'; '.join(found) or 'passed'}")
            faults += len(found)
    return faults


def main():
    arguments = parsed()
    if arguments.smoke:
        return 1 if smoke(arguments) else 0
    for name in arguments.sets:
        print(make(name, arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
