#!/usr/bin/env python3
"""Measures lyrica-vectord and Chroma 1.5.9 in one run: same machine, same data, the stock chromadb client.

    bench.py --server-command '.build/release/lyrica-vectord serve' --chroma VENV/bin/chroma \\
             --vectors glosses.f16.npy --texts glosses.jsonl.gz

Each server is started on an empty directory and filled in batches; then rounds of queries go to one and the other in turn.
Needs a Python with chromadb 1.5.9 and numpy: run it with that one, or name it with --chroma-python. Without --vectors the data
is random. Every measurement is one JSON line in --output; a table with ratios follows, and with --plot an SVG chart.
"""

import argparse
import gzip
import json
import os
import sys
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server-command", help="lyrica-vectord, without port and data directory")
    parser.add_argument("--chroma", metavar="PATH", help="the chroma executable; without it only ours is measured")
    parser.add_argument("--chroma-python", metavar="PATH", help="the Python that has chromadb, when this one has not")
    parser.add_argument("--vectors", metavar="F.npy", help="float16 or float32 rows")
    parser.add_argument("--texts", metavar="F.jsonl[.gz]", help='lines {"id","text","meta"}, one for each row')
    parser.add_argument("--rows", type=int, default=50_000, help="how many are loaded (default 50,000)")
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--queries", type=int, default=300, help="of each sort, for each server (default 300)")
    parser.add_argument("--rounds", type=int, default=3, help="the queries are split into so many turns (default 3)")
    parser.add_argument("--space", default="cosine", choices=["l2", "ip", "cosine"])
    parser.add_argument("--port", type=int, default=8752, help="and the next one")
    parser.add_argument("--sample", nargs=2, metavar=("F.jsonl", "F.npy"),
                        help='lines {"id","document","metadata"} and rows: reports the memory of a fresh server that holds them')
    parser.add_argument("--output", metavar="FILE", help="JSON lines are appended here")
    parser.add_argument("--plot", metavar="FILE.svg")
    parser.add_argument("--check", action="store_true",
                        help="exit 1 unless ingest is 4 times and the 1 %% filter 10 times Chroma's, the sample below 180 MB")
    parser.add_argument("--smoke", action="store_true", help="500 random rows: whether the benchmark itself runs")
    return parser.parse_args()


OPTIONS = parse_arguments()
try:
    import chromadb
    import numpy
except ImportError:
    if not OPTIONS.chroma_python or os.environ.get("BENCH_REEXECUTED"):
        raise SystemExit("needs chromadb and numpy: give --chroma-python")
    os.environ["BENCH_REEXECUTED"] = "1"
    os.execv(OPTIONS.chroma_python, [OPTIONS.chroma_python] + sys.argv)

import report       # noqa: E402  (after the choice of the interpreter)
import servers      # noqa: E402

MIB = 1 << 20
FILTERS = {"query": None, "query_1": {"bucket": 7}, "query_50": {"bucket": {"$lt": 50}}}


class Data:
    """Rows to load, and query vectors that are not among them when the file has more."""

    def __init__(self, options):
        if options.vectors:
            vectors = numpy.load(options.vectors, mmap_mode="r")
            count = min(options.rows, len(vectors) - 1)
            self.vectors = numpy.asarray(vectors[:count], dtype=numpy.float32)
            self.queries = numpy.asarray(vectors[count:count + 1000], dtype=numpy.float32)
            self.ids, self.documents, self.metadatas = self.read_texts(options.texts, count)
        else:
            source = numpy.random.default_rng(1)
            count = options.rows
            self.vectors = source.normal(size=(count, 64)).astype(numpy.float32)
            self.queries = source.normal(size=(100, 64)).astype(numpy.float32)
            self.ids = [f"row-{row}" for row in range(count)]
            self.documents = [f"document number {row}" for row in range(count)]
            self.metadatas = [{"pos": "noun", "lexfile": row % 40, "lemma": f"l{row}", "bucket": row % 100}
                              for row in range(count)]
        self.buckets = numpy.arange(count) % 100

    @staticmethod
    def read_texts(path, count):
        ids, documents, metadatas = [], [], []
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
            for row, line in zip(range(count), file):
                value = json.loads(line)
                ids.append(value["id"])
                documents.append(value["text"])
                # Four keys; the bucket makes filters of known selectivity.
                metadatas.append({"pos": value["meta"]["pos"], "lexfile": value["meta"]["lexfile"],
                                  "lemma": value["meta"]["lemma"], "bucket": row % 100})
        return ids, documents, metadatas

    def exact(self, kind, query, space, count=10):
        """The ids of the nearest rows, by exact search."""
        allowed = {"query": slice(None), "query_1": self.buckets == 7, "query_50": self.buckets < 50}[kind]
        rows = self.vectors[allowed]
        positions = numpy.arange(len(self.vectors))[allowed]
        products = rows @ query
        if space == "l2":
            distances = ((rows - query) ** 2).sum(axis=1)
        elif space == "ip":
            distances = 1 - products
        else:
            distances = 1 - products / (numpy.linalg.norm(rows, axis=1) * numpy.linalg.norm(query))
        nearest = numpy.argsort(distances, kind="stable")[:count]
        return {self.ids[positions[index]] for index in nearest}


class Subject:
    """One server with its client and its measurements."""

    def __init__(self, process):
        self.process, self.name = process, process.name
        self.client = chromadb.HttpClient(host="127.0.0.1", port=process.port)
        self.seconds = {}       # kind -> latencies
        self.found = {}         # kind -> [(query index, ids)]
        self.results = {}

    def ingest(self, data, options):
        self.collection = self.client.create_collection("bench", embedding_function=None,
                                                        configuration={"hnsw": {"space": options.space}})
        started = time.perf_counter()
        for start in range(0, len(data.ids), options.batch):
            part = slice(start, start + options.batch)
            self.collection.add(ids=data.ids[part], embeddings=data.vectors[part], documents=data.documents[part],
                                metadatas=data.metadatas[part])
        self.results["ingest"] = len(data.ids) / (time.perf_counter() - started)
        assert self.collection.count() == len(data.ids), f"{self.name} lost rows"
        self.results["memory"], self.results["disk"] = self.process.memory()[0] / MIB, self.process.disk() / MIB

    def timed(self, kind, action):
        started = time.perf_counter()
        result = action()
        self.seconds.setdefault(kind, []).append(time.perf_counter() - started)
        return result

    def turn(self, data, first, count):
        """One turn of every sort of request."""
        for kind, where in FILTERS.items():
            for number in range(first, first + count):
                index = number % len(data.queries)
                answer = self.timed(kind, lambda: self.collection.query(
                    query_embeddings=[data.queries[index]], n_results=10, where=where))
                self.found.setdefault(kind, []).append((index, answer["ids"][0]))
        step = max(1, len(data.ids) // 10 - 1)
        for number in range(first, first + count):
            ids = [data.ids[(number * 7919 + position * step) % len(data.ids)] for position in range(10)]
            answer = self.timed("get", lambda: self.collection.get(ids=ids))
            assert set(answer["ids"]) == set(ids), f"{self.name} does not find its rows"
            self.timed("count", self.collection.count)
            self.timed("heartbeat", self.client.heartbeat)

    def finish(self, truth):
        for kind, seconds in self.seconds.items():
            self.results[kind] = float(numpy.percentile(seconds, 50)) * 1000
            self.results[kind + "_p99"] = float(numpy.percentile(seconds, 99)) * 1000
        for kind, answers in self.found.items():
            hits = [len(truth[kind, index] & set(ids)) / max(1, len(truth[kind, index])) for index, ids in answers]
            self.results[kind.replace("query", "recall")] = float(numpy.mean(hits))
        self.results["memory_end"] = self.process.memory()[0] / MIB


def sample_memory(process, options):
    """The resident memory of a fresh server that was given the sample collection."""
    vectors = numpy.load(options.sample[1]).astype(numpy.float32)
    with open(options.sample[0], encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    client = chromadb.HttpClient(host="127.0.0.1", port=process.port)
    collection = client.create_collection("sample", embedding_function=None)
    for start in range(0, len(rows), options.batch):
        part = rows[start:start + options.batch]
        collection.add(ids=[row["id"] for row in part], embeddings=vectors[start:start + options.batch],
                       documents=[row["document"] for row in part], metadatas=[row["metadata"] for row in part])
    collection.query(query_embeddings=vectors[:5], n_results=5)
    time.sleep(2)
    return process.memory()


def starters(options):
    if options.server_command:
        yield lambda: servers.start_ours(options.server_command, options.port)
    if options.chroma:
        yield lambda: servers.start_chroma(options.chroma, options.port + 1)


def emit(options, **values):
    line = json.dumps(values)
    if options.output:
        with open(options.output, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    else:
        print(line, flush=True)


def measure(options, data):
    subjects = []
    try:
        for start in starters(options):
            subjects.append(Subject(start()))
        for subject in subjects:
            subject.ingest(data, options)
        # The first requests warm caches on both sides and are not counted.
        for subject in subjects:
            subject.turn(data, 0, 5)
            subject.seconds, subject.found = {}, {}
        share = max(1, options.queries // options.rounds)
        for number in range(options.rounds):
            for subject in subjects if number % 2 == 0 else reversed(subjects):
                subject.turn(data, number * share, share)
        asked = {(kind, index) for subject in subjects for kind, answers in subject.found.items() for index, _ in answers}
        truth = {(kind, index): data.exact(kind, data.queries[index], options.space) for kind, index in asked}
        for subject in subjects:
            subject.finish(truth)
        return {subject.name: subject.results for subject in subjects}
    finally:
        for subject in subjects:
            subject.process.stop()


def missed_goals(results):
    ours, chroma = results.get("lyrica", {}), results.get("chroma", {})
    goals = [("ingest at least 4 times Chroma's", report.ratio(ours.get("ingest"), chroma.get("ingest"), True), 4),
             ("1 % filter at least 10 times faster", report.ratio(ours.get("query_1"), chroma.get("query_1"), False), 10)]
    if "sample_memory" in ours:
        goals.append(("sample below 180 MB", 180e6 / MIB / ours["sample_memory"], 1))
    return [f"{name}: {'not measured' if reached is None else f'{reached:.2f}'}" for name, reached, wanted in goals
            if reached is None or reached < wanted]


def main(options):
    if not options.server_command and not options.chroma:
        raise SystemExit("nothing to measure: give --server-command, --chroma or both")
    if options.vectors and not options.texts:
        raise SystemExit("--vectors needs --texts")
    if options.smoke:
        options.rows, options.batch, options.queries, options.rounds = 500, 100, 10, 2
    data = Data(options)
    results = measure(options, data)
    if options.sample:
        for start in starters(options):
            process = start()
            try:
                resident, anonymous = sample_memory(process, options)
                results[process.name]["sample_memory"] = resident / MIB
                results[process.name]["sample_memory_anonymous"] = anonymous / MIB
            finally:
                process.stop()
    about = {"rows": len(data.ids), "dimension": data.vectors.shape[1], "batch": options.batch, "space": options.space,
             "cores": os.cpu_count(), "time": int(time.time())}
    for name, values in results.items():
        emit(options, server=name, **about, **{key: round(value, 4) for key, value in values.items()})
    print(f"\n{len(data.ids):,} rows of dimension {data.vectors.shape[1]}, batches of {options.batch}, {options.space}, "
          f"{os.cpu_count()} cores\n")
    print(report.table(results))
    if options.plot:
        report.chart(results, options.plot, f"{len(data.ids):,} rows, {data.vectors.shape[1]} dimensions, {options.space}")
    missed = missed_goals(results) if options.check else []
    for goal in missed:
        print(f"NOT REACHED: {goal}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(OPTIONS))
