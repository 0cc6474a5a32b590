"""The sequence of the Lyrica ingestion guide: `curl` on /api/v1 and the current client, on one collection at once.

Runs in the environment of chromadb 1.5.9. The collection name is this run's own; otherwise the calls are the guide's.
"""

import argparse
import json
import subprocess
import sys
import threading
import uuid
from urllib.parse import urlsplit

import chromadb
import numpy
from chromadb.config import Settings

from harness import equal, near, true

DIMENSION = 384


def vector(number):
    """A unit vector of its own for every number, the same in every run."""
    values = numpy.random.default_rng(number).standard_normal(DIMENSION).astype(numpy.float32)
    return (values / numpy.linalg.norm(values)).tolist()


def curl(url, *arguments):
    """Status and body as `curl` sees them."""
    done = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", *arguments, url],
                          capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"curl {url} ended with {done.returncode}: {done.stderr}")
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


class Sequence:
    """One run; every method is one check, in the order of the guide."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.name = "lyrics_embeddings_" + uuid.uuid4().hex[:12]
        address = urlsplit(url)
        self.client = chromadb.HttpClient(host=address.hostname, port=address.port,
                                          settings=Settings(anonymized_telemetry=False))
        self.metadata = {"description": "Song lyrics", "model": "all-MiniLM-L6-v2", "dimension": DIMENSION}
        self.collection = None

    def health_check_of_the_compose_file(self):
        done = subprocess.run(["curl", "-sf", self.url + "/api/v1/heartbeat"], capture_output=True, text=True)
        equal(done.returncode, 0, "exit code of curl -f")
        true(json.loads(done.stdout)["nanosecond heartbeat"] > 0, "the heartbeat")

    def absent_collection_over_v1(self):
        status, body = curl(f"{self.url}/api/v1/collections/{self.name}")
        true(400 <= status, f"an error status, found {status}")
        true("does not exist" in body, f"the text that applications match, found {body}")

    def get_or_create(self):
        self.collection = self.client.get_or_create_collection(name=self.name, metadata=self.metadata)
        again = self.client.get_or_create_collection(name=self.name, metadata=self.metadata)
        equal(again.id, self.collection.id, "id")
        equal(self.client.get_collection(self.name).id, self.collection.id, "id of get")
        self.client.get_or_create_collection(name=self.name + "_audio")

    def collection_over_v1(self):
        status, body = curl(f"{self.url}/api/v1/collections/{self.name}")
        equal(status, 200, "status")
        found = json.loads(body)
        equal((found["name"], found["id"]), (self.name, str(self.collection.id)), "collection")
        equal(found["metadata"]["dimension"], DIMENSION, "metadata")

    def batch(self, start, count):
        numbers = range(start, start + count)
        songs = [f"song-{n // 4}" for n in numbers]
        return {
            "ids": [f"{song}_{n % 4}" for song, n in zip(songs, numbers)],
            "embeddings": [vector(n) for n in numbers],
            "documents": [f"Zeile {n} — naïve ☂ " + "la " * 40 for n in numbers],
            "metadatas": [{"lyrics_id": song, "title": f"Title {n}", "genre": "rock" if n % 2 else "folk",
                           "mood": "sad" if n % 3 else "glad", "language": "en", "doc_type": "lyrics",
                           "chunk_index": n % 4, "total_chunks": 4} for song, n in zip(songs, numbers)],
        }

    @staticmethod
    def vector_of(name):
        """The vector that was stored under this id: song-S_C is chunk C of four of song S."""
        if name == "empty":
            return [0.0] * DIMENSION
        song, chunk = name.removeprefix("song-").split("_")
        return vector(int(song) * 4 + int(chunk))

    def ingest_in_batches_of_32(self):
        for start in range(0, 320, 32):
            self.collection.add(**self.batch(start, 32))
        equal(self.collection.count(), 320, "count")

    def ingest_one_by_one(self):
        for number in range(320, 360):
            self.collection.add(**self.batch(number, 1))
        equal(self.collection.count(), 360, "count")

    def ingest_over_v1(self):
        body = json.dumps(self.batch(360, 32))
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", "--data-binary",
                               "@-", "-H", "Content-Type: application/json",
                               f"{self.url}/api/v1/collections/{self.collection.id}/add"],
                              input=body, capture_output=True, text=True, timeout=60)
        equal(done.stdout, "201", "status of add")
        equal(self.collection.count(), 392, "the client counts what curl added")

    def ingest_again(self):
        self.collection.add(**self.batch(0, 32))
        equal(self.collection.count(), 392, "the same ids again change nothing")

    def empty_text_is_a_zero_vector(self):
        self.collection.add(ids=["empty"], embeddings=[[0.0] * DIMENSION], documents=[""],
                            metadatas=[{"doc_type": "note"}])
        found = self.collection.query(query_embeddings=[[0.0] * DIMENSION], n_results=2, include=["distances"])
        equal(found["ids"][0][0], "empty", "nearest to zero")
        near(found["distances"], [[0.0, 1.0]], "distances", tolerance=1e-4)

    def query_with_filters(self):
        found = self.collection.query(query_embeddings=[vector(7)], n_results=5,
                                      include=["documents", "metadatas", "distances"])
        equal(found["ids"][0][0], "song-1_3", "the song itself")
        near(found["distances"][0][:1], [0.0], "its distance", tolerance=1e-5)
        true(found["documents"][0][0].startswith("Zeile 7 — naïve ☂"), "its document")
        for n, distance in zip(found["ids"][0][1:], found["distances"][0][1:]):
            expected = float(numpy.sum((numpy.array(vector(7)) - numpy.array(self.vector_of(n))) ** 2))
            near([distance], [expected], f"distance of {n}", tolerance=1e-5)
        where = {"$and": [{"genre": "rock"}, {"mood": "sad"}, {"doc_type": "lyrics"}]}
        found = self.collection.query(query_embeddings=[vector(7)], n_results=5, where=where)
        true(all(m["genre"] == "rock" and m["mood"] == "sad" for m in found["metadatas"][0]), "the filter holds")
        equal(len(found["ids"][0]), 5, "five results")

    def query_over_v1_with_three_keys(self):
        """The guide's filter of three keys without $and, and the empty filters that old clients send."""
        body = json.dumps({"query_embeddings": [vector(7)], "n_results": 5, "where_document": {},
                           "where": {"genre": "rock", "mood": "sad", "doc_type": "lyrics"},
                           "include": ["documents", "metadatas", "distances"]})
        status, text = curl(f"{self.url}/api/v1/collections/{self.collection.id}/query", "-X", "POST",
                            "-H", "Content-Type: application/json", "-d", body)
        equal(status, 200, f"status of {text[:200]}")
        found = json.loads(text)
        equal(found["ids"][0][0], "song-1_3", "the song itself")
        true(all(m["genre"] == "rock" for m in found["metadatas"][0]), "the filter holds")

    def update_and_delete(self):
        self.collection.update(ids=["song-0_0"], metadatas=[{"mood": "calm"}])
        found = self.collection.get(ids=["song-0_0"], include=["metadatas"])["metadatas"][0]
        equal((found["mood"], found["genre"]), ("calm", "folk"), "merged metadata")
        self.collection.delete(ids=["song-0_0"])
        equal(self.collection.get(ids=["song-0_0"])["ids"], [], "deleted")
        equal(len(self.collection.peek(limit=3)["ids"]), 3, "peek")

    def both_at_once(self):
        """Four writers of the current client and four of v1 on the same collection, with readers of both."""
        before, failures = self.collection.count(), []

        def guarded(action):
            try:
                action()
            except Exception as error:
                failures.append(f"{type(error).__name__}: {error}")

        def through_client(lane):
            for step in range(10):
                self.collection.add(ids=[f"c{lane}_{step}"], embeddings=[vector(10_000 + lane * 100 + step)])
                self.collection.query(query_embeddings=[vector(step)], n_results=3)

        def through_curl(lane):
            for step in range(10):
                body = json.dumps({"ids": [f"v{lane}_{step}"], "embeddings": [vector(20_000 + lane * 100 + step)]})
                status, text = curl(f"{self.url}/api/v1/collections/{self.collection.id}/upsert", "-X", "POST",
                                    "-H", "Content-Type: application/json", "-d", body)
                equal(status, 200, f"status of {text}")
                equal(curl(f"{self.url}/api/v1/collections/{self.collection.id}/count")[0], 200, "status of count")

        threads = [threading.Thread(target=guarded, args=(lambda lane=lane, work=work: work(lane),))
                   for lane in range(4) for work in (through_client, through_curl)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(failures, [], "failures")
        equal(self.collection.count(), before + 80, "count")

    def status_is_a_count(self):
        status, body = curl(f"{self.url}/api/v1/collections/{self.collection.id}/count")
        equal((status, int(body)), (200, self.collection.count()), "count over v1")

    def start_over(self):
        self.client.delete_collection(self.name)
        self.client.delete_collection(self.name + "_audio")
        again = self.client.get_or_create_collection(name=self.name, metadata=self.metadata)
        equal(again.count(), 0, "count after starting over")
        self.client.delete_collection(self.name)


STEPS = [name for name in vars(Sequence) if not name.startswith("_") and name not in ("batch", "vector_of")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    results = []
    try:
        sequence = Sequence(parser.parse_args().url)
    except Exception as error:
        print(json.dumps([["connect", 0, f"{type(error).__name__}: {error}"]]))
        return 1
    for name in STEPS:
        try:
            getattr(sequence, name)()
            results.append((name, 0, None))
        except Exception as error:
            results.append((name, 0, f"{type(error).__name__}: {error}"))
    print(json.dumps(results))
    return 1 if any(failure for _, _, failure in results) else 0


if __name__ == "__main__":
    sys.exit(main())
