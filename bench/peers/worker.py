"""Builds and measures one engine, and appends a line of JSON for each sweep point. `run.py` starts it."""

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("job", type=Path, help="a JSON file that run.py wrote")
job = json.loads(parser.parse_args().job.read_text())

# Before any library starts threads.
os.sched_setaffinity(0, {job["cpu"]})

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent.parent / "datasets"))
import exact  # noqa: E402
import measure  # noqa: E402
from engines import load  # noqa: E402


def measured():
    metric, k = job["metric"], job["k"]
    base = exact.prepared(np.load(job["base"]), metric)
    queries = exact.prepared(np.load(job["queries"]), metric)
    truth = np.load(job["truth"])
    engine = load(job["engine"])(metric, k)
    if metric not in engine.metrics:
        print(f"{engine.name} does not know {metric}", file=sys.stderr)
        return

    before = measure.resident_bytes()
    clock = measure.CLOCKS[job["clock"]]
    began, processor_began = clock(), time.process_time()
    engine.build(base)
    build_seconds, processor_seconds = clock() - began, time.process_time() - processor_began
    resident = measure.resident_bytes() - before
    print(f"{engine.name}: built in {build_seconds:.1f} s ({processor_seconds:.1f} s of the processor)", file=sys.stderr)

    saved = Path(job["folder"]) / "saved"
    disk = measure.disk_bytes(saved) if engine.save(saved) else None
    shutil.rmtree(saved, ignore_errors=True)
    saved.unlink(missing_ok=True)
    index_bytes = None
    if disk is not None:
        index_bytes = disk - (base.nbytes if engine.stores_vectors else 0)

    sweep = measure.Sweep(engine.sweep)
    for search in sweep:
        engine.prepare(**search)
        found, qps = measure.rate(engine.search_all, queries, clock)
        recall = measure.recall(found, truth, base, queries, metric, k, exact.distances)
        sweep.note(search, recall)
        taken = measure.latencies(engine.search_one, queries)
        yield {
            "dataset": job["dataset"], "n": len(base), "dimension": base.shape[1], "metric": metric, "k": k,
            "queries": len(queries), "engine": engine.name, "index": engine.index, "parameters": engine.parameters,
            "search": search, "threads": 1, "build_seconds": round(build_seconds, 3),
            "recall": round(recall, 6),
            "qps": round(qps, 1), "p50_us": round(measure.percentile(taken, 0.5) * 1e6, 1),
            "p99_us": round(measure.percentile(taken, 0.99) * 1e6, 1), "index_bytes": index_bytes,
            "resident_bytes": resident, "disk_bytes": disk, "machine": measure.machine(job["clock"]),
        }


with open(job["output"], "a", encoding="utf-8") as output:
    for line in measured():
        output.write(json.dumps(line) + "\n")
        output.flush()
        print(f"  {line['search']}: recall {line['recall']:.4f}, {line['qps']:,.0f} queries/s", file=sys.stderr)
