"""One server under measurement: its stock client, and what is measured of it."""

import json
import os
import time
import urllib.error
import urllib.request

import chromadb
import load
import numpy
from rows import FILTERS

WANTED = 10
SETTLE_SECONDS_MAX = 1800
POLL_SECONDS = 0.1
# After the last request, so that what was freed has been given back.
REST_SECONDS = 2


class Subject:
    """Collects result lines by `emit(measure, values)`."""

    def __init__(self, process, emit):
        self.process, self.name, self.emit = process, process.name, emit
        self.client = chromadb.HttpClient(host="127.0.0.1", port=process.port)
        self.emit("memory", when="empty", **process.memory())
        self.seconds = {}       # kind -> latencies
        self.found = {}         # query kind -> [(query number, ids)]

    @property
    def collection_url(self):
        return f"{self.process.url}/tenants/default_tenant/databases/default_database/collections/{self.collection.id}"

    def ingest(self, rows, batch):
        """Adds all rows in batches, then waits until the indexes are built."""
        self.collection = self.client.create_collection("bench", embedding_function=None,
                                                        configuration={"hnsw": {"space": rows.space}})
        started = time.perf_counter()
        for start in range(0, len(rows.ids), batch):
            part = slice(start, start + batch)
            self.collection.add(ids=rows.ids[part], embeddings=rows.vectors[part], documents=rows.documents[part],
                                metadatas=rows.metadatas[part])
        added = time.perf_counter() - started
        told = self.wait_until_settled()
        settled = time.perf_counter() - started
        self.query(rows, "query", 0)
        answered = time.perf_counter() - started
        count = len(rows.ids)
        if self.collection.count() != count:
            raise SystemExit(f"{self.name} lost rows")
        self.emit("ingest", batch=batch, seconds=added, rows_per_second=count / added)
        self.emit("settle", told_by=told, seconds=answered - added, first_query_seconds=answered - settled,
                  rows_per_second=count / answered)
        time.sleep(REST_SECONDS)
        self.emit("memory", when="settled", **self.process.memory())
        self.emit("disk", when="settled", bytes=self.process.disk())

    def wait_until_settled(self):
        """Waits until every row is in its index, and says who told so.

        Chroma's single-node server puts rows into its index before it acknowledges them; of `indexing_status` it says that it has none.
        """
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        while True:
            try:
                with urllib.request.urlopen(self.collection_url + "/indexing_status", timeout=60) as answer:
                    status = json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code == 500 and b"not implemented" in error.read():
                    return "the first query"
                raise
            if status["num_unindexed_ops"] == 0 and "build_progress" not in status:
                return "indexing_status"
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not settle within {SETTLE_SECONDS_MAX} s: {status}")
            time.sleep(POLL_SECONDS)

    def query(self, rows, kind, number):
        answer = self.collection.query(query_embeddings=[rows.queries[number]], n_results=WANTED, where=FILTERS[kind])
        return answer["ids"][0]

    def timed(self, kind, action):
        started = time.perf_counter()
        result = action()
        self.seconds.setdefault(kind, []).append(time.perf_counter() - started)
        return result

    def turn(self, rows, first, count):
        """`count` requests of every sort, one after another."""
        for kind in FILTERS:
            for number in range(first, first + count):
                number %= len(rows.queries)
                identifiers = self.timed(kind, lambda: self.query(rows, kind, number))
                self.found.setdefault(kind, []).append((number, identifiers))
        step = max(1, len(rows.ids) // WANTED - 1)
        for number in range(first, first + count):
            ids = [rows.ids[(number * 7919 + position * step) % len(rows.ids)] for position in range(WANTED)]
            answer = self.timed("get", lambda: self.collection.get(ids=ids))
            if set(answer["ids"]) != set(ids):
                raise SystemExit(f"{self.name} does not find its rows")
            self.timed("count", self.collection.count)
            self.timed("heartbeat", self.client.heartbeat)

    def forget(self):
        """The first requests warm both servers' caches and do not count."""
        self.seconds, self.found = {}, {}

    def load(self, bodies, kind, connections, seconds):
        result = load.run(self.collection_url + "/query", bodies[kind], connections, seconds)
        self.emit("load", kind=kind, connections=connections, **result)

    def finish(self, rows):
        for kind, seconds in self.seconds.items():
            recall = {"recall": rows.recall(kind, self.found[kind], WANTED)} if kind in self.found else {}
            self.emit("request", kind=kind, requests=len(seconds), p50_ms=float(numpy.percentile(seconds, 50)) * 1000,
                      p99_ms=float(numpy.percentile(seconds, 99)) * 1000, **recall)
        time.sleep(REST_SECONDS)
        self.emit("memory", when="end", **self.process.memory())


def sample_memory(process, sample, batch, emit):
    """The memory of a fresh server that was given a small collection: (lines {"id", "document", "metadata"}, rows)."""
    texts, vectors = sample
    vectors = numpy.load(vectors).astype(numpy.float32)
    with open(texts, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    client = chromadb.HttpClient(host="127.0.0.1", port=process.port)
    collection = client.create_collection("sample", embedding_function=None)
    for start in range(0, len(rows), batch):
        part = rows[start:start + batch]
        collection.add(ids=[row["id"] for row in part], embeddings=vectors[start:start + batch],
                       documents=[row["document"] for row in part], metadatas=[row["metadata"] for row in part])
    collection.query(query_embeddings=vectors[:5], n_results=5)
    time.sleep(REST_SECONDS)
    emit("memory", when=f"sample {os.path.basename(texts)}", **process.memory())
