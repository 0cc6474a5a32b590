"""Runs everything in this folder at a size of seconds, and fails where a step does or our recall is low under any filter."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROWS, QUERIES, DIMENSION, CLUSTERS = 4_000, 20, 32, 40
RECALL = 0.95


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lyrica-bench", required=True, help="the program")
    options = parser.parse_args()
    generator = np.random.default_rng(1)
    centres = generator.standard_normal((CLUSTERS, DIMENSION))
    rows = centres[generator.integers(CLUSTERS, size=ROWS + QUERIES)] + 0.5 * generator.standard_normal((ROWS + QUERIES, DIMENSION))
    with tempfile.TemporaryDirectory(prefix="filters-") as name:
        folder = Path(name)
        np.save(folder / "base.npy", rows[:ROWS].astype(np.float32))
        np.save(folder / "queries.npy", rows[ROWS:].astype(np.float32))
        data = ["--base", folder / "base.npy", "--queries", folder / "queries.npy"]
        results = folder / "results.jsonl"
        script = lambda file, *arguments: subprocess.run([sys.executable, HERE / file, *arguments], check=True)  # noqa: E731
        script("make.py", *data, "--shares", "0.5", "0.1", "0.01", "--out", folder / "filters")
        for index in (["hnsw", "--sweep", "32,256"], ["ivf", "--sweep", "8,64"], ["flat"]):
            subprocess.run([options.lyrica_bench, "filters", *data, "--metric", "cosine", "--index", *index, "--filters", folder / "filters",
                            "--rounds", "1", "--json", results, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        ours = [json.loads(line) for line in results.read_text().splitlines()]
        for line in ours:
            most = line["search"].get("efSearch", 256) == 256 and line["search"].get("nprobe", 64) == 64
            if most and line["recall"] < RECALL:
                sys.exit(f"recall {line['recall']} with {line['index']} under {line['search']['filter']}")
        script("run.py", *data, "--filters", folder / "filters", "--engines", "faiss-flat", "faiss-hnsw", "--out", results)
        script("plot.py", results, "--recall", "0.9", "--out", folder / "plot.svg")


if __name__ == "__main__":
    main()
