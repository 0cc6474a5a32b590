"""Measures other engines under the filters of make.py, and writes a line of JSON for each filter and setting, as `lyrica-bench filters` does.

Each engine runs in a process of its own, on one core. Settings of a filter are tried from the cheapest on until the recall that is asked for is
reached.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def measured(options, name):
    """The lines of one engine."""
    import numpy as np
    sys.path[:0] = [str(HERE.parent / "datasets"), str(HERE.parent / "peers")]
    import filtered_engines
    import exact
    import measure

    base = exact.prepared(np.load(options.base)[:options.limit], "cosine")
    queries = exact.prepared(np.load(options.queries)[:options.query_limit], "cosine")
    ranks = {path.name.removesuffix(".rank.npy"): np.load(path) for path in sorted(options.filters.glob("*.rank.npy"))}
    engine = filtered_engines.ENGINES[name]()
    with filtered_engines.Workplace() as folder:
        engine.build(base, ranks, folder)
        for path in sorted(options.filters.glob("*.truth.npy")):
            filter_name = path.name.removesuffix(".truth.npy")
            if options.only and filter_name not in options.only:
                continue
            kind, _, _ = filter_name.partition("-")
            truth = np.load(path)
            k = truth.shape[1]
            count = np.load(options.filters / f"{filter_name}.rows.npy").shape[1]
            engine.restrict(kind, count)
            for search in engine.sweep:
                engine.prepare(**search)
                found, qps = measure.rate(lambda some: [engine.search(query, k) for query in some], queries, measure.CLOCKS[options.clock])
                recall = measure.recall(found, truth, base, queries, "cosine", k, exact.distances)
                taken = measure.latencies(lambda query: engine.search(query, k), queries)
                yield {
                    "dataset": options.base.parent.name, "n": len(base), "dimension": base.shape[1], "metric": "cosine", "k": k,
                    "queries": len(queries), "engine": engine.name, "index": engine.index, "parameters": {},
                    "search": {"filter": filter_name, "share": count / len(base), **search}, "threads": 1, "build_seconds": None,
                    "recall": round(recall, 6), "qps": round(qps, 1), "p50_us": round(measure.percentile(taken, 0.5) * 1e6, 1),
                    "p99_us": round(measure.percentile(taken, 0.99) * 1e6, 1), "index_bytes": None, "resident_bytes": None, "disk_bytes": None,
                    "machine": measure.machine(options.clock),
                }
                if recall >= options.recall:
                    break


def work(options):
    os.sched_setaffinity(0, {options.cpu})
    with open(options.out, "a", encoding="utf-8") as output:
        for line in measured(options, options.worker):
            output.write(json.dumps(line) + "\n")
            output.flush()
            print(f"  {line['search']}: recall {line['recall']:.3f}, {line['qps']:,.0f} queries/s", file=sys.stderr)


def main():
    names = ("faiss-flat", "faiss-hnsw", "faiss-ivf", "zvec", "qdrant-edge", "lancedb", "milvus-lite")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="only the first rows of the base, as make.py had them")
    parser.add_argument("--query-limit", type=int, help="only the first queries, as make.py had them")
    parser.add_argument("--filters", type=Path, required=True, help="the folder that make.py wrote")
    parser.add_argument("--only", nargs="+", help="only these filters")
    parser.add_argument("--engines", nargs="+", default=names, choices=names)
    parser.add_argument("--recall", type=float, default=0.95)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--timeout", type=int, default=3600, help="seconds for each engine")
    parser.add_argument("--out", type=Path, required=True, help="lines are added to this file")
    parser.add_argument("--worker", choices=names, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options)
    failed = []
    for name in options.engines:
        print(name, file=sys.stderr)
        try:
            status = subprocess.run([sys.executable, __file__, *sys.argv[1:], "--worker", name], timeout=options.timeout, check=False,
                                    env={**os.environ, **dict.fromkeys(ONE_THREAD, "1")}).returncode
        except subprocess.TimeoutExpired:
            status = f"not done after {options.timeout} seconds"
        if status != 0:
            failed.append(name)
            print(f"{name} failed: {status}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
