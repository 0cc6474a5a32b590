#!/usr/bin/env python3
"""Measures other libraries' indexes on one thread, and writes a line of JSON for each sweep point.

Each engine runs in a process of its own, pinned to one core, with a timeout: one that crashes or hangs costs only
its own results, and memory is its own. Run it with the Python that `bench/peers/setup` prints.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import engines
from engines.base import one_thread_environment

HERE = Path(__file__).resolve().parent
DATASETS = HERE.parent / "datasets"

# The keys of a result line, and the recall that the smoke's engines must reach at their highest setting.
KEYS = {"dataset", "n", "dimension", "metric", "k", "queries", "engine", "index", "parameters", "search", "threads",
        "build_seconds", "recall", "qps", "p50_us", "p99_us", "index_bytes", "resident_bytes", "disk_bytes", "machine"}
SMOKE_ENGINES = {"faiss-flat": 1.0, "faiss-hnsw32-sq8": 0.9, "hnswlib-16": 0.98}


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, help="rows to index: .npy, float32 or float16")
    parser.add_argument("--queries", type=Path, help="queries: .npy")
    parser.add_argument("--truth", type=Path, help="exact neighbours of the queries: .npy of row numbers, nearest first")
    parser.add_argument("--metric", choices=("l2", "cosine", "ip"), default="cosine")
    parser.add_argument("--dataset", help="the data's name in the results (default: the base's folder)")
    parser.add_argument("--engines", nargs="+", metavar="NAME", default=list(engines.NAMES),
                        help="names, or beginnings of names; all when absent: " + ", ".join(engines.NAMES))
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--cpu", type=int, help="the core to run on (default: the last this process may use)")
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall",
                        help="what build seconds and rates are measured by; `processor` for machines that are busy "
                             "with other work (told in the results; ours must be measured the same way)")
    parser.add_argument("--timeout", type=float, default=1200, help="seconds for one engine (default: 1200)")
    parser.add_argument("--out", type=Path, help="the file to append results to")
    parser.add_argument("--smoke", action="store_true", help="a few thousand made rows, a few engines, and checks")
    arguments = parser.parse_args()
    if not arguments.smoke:
        absent = [name for name in ("base", "queries", "truth", "out") if getattr(arguments, name) is None]
        if absent:
            parser.error("needed: " + ", ".join("--" + name for name in absent))
    if arguments.k < 1 or arguments.timeout <= 0:
        parser.error("--k and --timeout must be positive")
    chosen = [name for name in engines.NAMES if any(name.startswith(wanted) for wanted in arguments.engines)]
    unknown = [wanted for wanted in arguments.engines if not any(name.startswith(wanted) for name in engines.NAMES)]
    if unknown:
        parser.error(f"unknown engines: {', '.join(unknown)}; known: {', '.join(engines.NAMES)}")
    allowed = os.sched_getaffinity(0)
    if arguments.cpu is None:
        arguments.cpu = max(allowed)
    elif arguments.cpu not in allowed:
        parser.error(f"--cpu {arguments.cpu}: this process may use {sorted(allowed)}")
    arguments.engines = chosen
    return arguments


def run_engine(name, arguments):
    """Runs one engine; a sentence about what went wrong, or None."""
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        job = Path(folder) / "job.json"
        job.write_text(json.dumps({
            "engine": name, "base": str(arguments.base), "queries": str(arguments.queries),
            "truth": str(arguments.truth), "metric": arguments.metric, "k": arguments.k, "cpu": arguments.cpu, "clock": arguments.clock,
            "dataset": arguments.dataset or arguments.base.resolve().parent.name,
            "output": str(arguments.out), "folder": folder,
        }))
        try:
            ended = subprocess.run([sys.executable, str(HERE / "worker.py"), str(job)], timeout=arguments.timeout,
                                   env={**os.environ, **one_thread_environment(folder)}, check=False)
        except subprocess.TimeoutExpired:
            return f"took longer than {arguments.timeout:g} s"
        if ended.returncode < 0:
            return f"was ended by signal {-ended.returncode}"
        return f"failed with exit code {ended.returncode}" if ended.returncode else None


def run_all(arguments):
    """Runs every engine in turn; how many failed."""
    failures = {}
    for number, name in enumerate(arguments.engines, 1):
        began = time.monotonic()
        print(f"[{number}/{len(arguments.engines)}] {name}", file=sys.stderr, flush=True)
        failure = run_engine(name, arguments)
        if failure:
            failures[name] = failure
            print(f"{name} {failure}", file=sys.stderr)
        print(f"{name}: {time.monotonic() - began:.0f} s in all", file=sys.stderr, flush=True)
    for name, failure in failures.items():
        print(f"FAILED: {name} {failure}", file=sys.stderr)
    return len(failures)


def smoke(arguments):
    """Makes small data, measures a few engines and checks what they say; the number of faults."""
    faults = []
    with tempfile.TemporaryDirectory(prefix="peers-smoke-") as folder:
        subprocess.run([sys.executable, str(DATASETS / "make.py"), "audio60", "--rows", "3000", "--queries", "100",
                        "--output", folder], check=True, env={**os.environ, **one_thread_environment(folder)})
        data = Path(folder) / "audio60"
        arguments.base, arguments.queries, arguments.truth = (
            data / f"{part}.npy" for part in ("base", "queries", "truth_ids"))
        arguments.metric, arguments.dataset, arguments.engines = "l2", "audio60", list(SMOKE_ENGINES)
        arguments.out = Path(folder) / "results.jsonl"
        if run_all(arguments):
            faults.append("an engine failed")
        lines = [json.loads(line) for line in arguments.out.read_text().splitlines()]
    for name, least in SMOKE_ENGINES.items():
        recalls = [line["recall"] for line in lines if line["engine"] == name]
        if not recalls or max(recalls) < least:
            faults.append(f"{name}: recall {max(recalls, default=0)} where {least} was expected")
    for line in lines:
        if set(line) != KEYS:
            faults.append(f"{line.get('engine')}: unexpected keys {sorted(set(line) ^ KEYS)}")
        elif not (line["qps"] > 0 and 0 < line["p50_us"] <= line["p99_us"] and 0 <= line["recall"] <= 1):
            faults.append(f"{line['engine']}: impossible figures {line}")
    print(f"peers smoke: {'; '.join(faults) or 'passed'}")
    return len(faults)


def main():
    arguments = parsed()
    if arguments.smoke:
        return 1 if smoke(arguments) else 0
    return 1 if run_all(arguments) else 0


if __name__ == "__main__":
    sys.exit(main())
