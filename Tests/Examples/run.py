"""Runs the examples of the README against a server of its own. Run by a Python that has chromadb 1.5.9, numpy and requests.

Code is run as it stands there, one block after the other, but for the server's port and address. What a block takes for granted is prepared here under its
heading, and what it says is checked. A block, a field or a form of filter that this file does not know fails: nothing is shown that was not tried.
"""

import argparse
import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import chromadb
import numpy
import requests
from chromadb.base_types import SparseVector

import readme

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Server"))

from own_server import OwnServer, equal, true

README = HERE.parent.parent / "README.md"
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"
EARLIER_SHELL = ["Two commands", "The server", "Health", "Backup and restore"]
"""Headings whose shell commands other suites run: `tools/run`, the options of the server, backups and repair."""


class Examples:
    """One run over all code, in the order of the README; names live on from block to block."""

    def __init__(self, server, lyrica, directory):
        self.server, self.directory = server, directory
        self.names = {"chromadb": chromadb, "requests": requests, "np": numpy, "time": time, "url": server.url}
        self.environment = {**os.environ, "LYRICA_URL": server.url, "PATH": f"{Path(lyrica).parent}:{os.environ['PATH']}"}
        self.client = chromadb.HttpClient(host="127.0.0.1", port=server.port)

    def run(self, blocks):
        for block in blocks:
            if block.language == "python":
                self.prepare(block)
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    exec(compile(self.here(block.code), f"README, {block.heading}", "exec"), self.names)
                self.check(block, printed.getvalue())
            elif block.language == "sh" and block.heading not in EARLIER_SHELL:
                self.prepare(block)
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", self.here(block.code)], env=self.environment, cwd=self.directory,
                                      capture_output=True, text=True)
                equal((done.returncode, done.stderr if done.returncode else ""), (0, ""), f"the shell commands under {block.heading!r}")
                self.check(block, done.stdout)

    def here(self, code):
        return (code.replace("port=8001", f"port={self.server.port}").replace("localhost:8001", f"127.0.0.1:{self.server.port}")
                .replace("http://127.0.0.1:8001", self.server.url))

    # What is taken for granted

    def prepare(self, block):
        prepared = {
            ("Indexes", "python"): self.forget_songs, ("Indexes", "sh"): self.make_songs,
            ("Search: vectors, sparse vectors and words in one request", "python"): self.make_songs,
            ("Words", "sh"): self.name_poems, ("Transactions", "python"): self.make_accounts,
            ("Records that expire", "python"): self.make_sessions, ("The command-line client", "sh"): self.write_files,
        }.get((block.heading, block.language))
        if prepared:
            prepared()

    def forget_songs(self):
        self.client.delete_collection("songs")

    def make_songs(self):
        self.forget_songs()
        chance = numpy.random.default_rng(1)
        songs = self.client.create_collection("songs", embedding_function=None)
        numbers = range(1, 101)
        songs.add(
            ids=[f"s{number}" for number in numbers if number != 3], embeddings=chance.random((99, 2)).tolist(),
            documents=[f"a song of the {'river' if number % 2 else 'sea'}" for number in numbers if number != 3],
            metadatas=[{"genre": ["folk", "rock"][number % 2], "year": 1900 + number, "artist": f"a{number % 7}",
                        "sparse": SparseVector(indices=[number % 5, 10 + number % 3], values=[1.0, 0.5])} for number in numbers if number != 3])
        self.names.update(songs=songs, words=SparseVector(indices=[1, 10], values=[0.7, 0.9]))

    def name_poems(self):
        self.environment["ID"] = str(self.names["poems"].id)

    def make_accounts(self):
        self.names["accounts"] = self.client.create_collection("accounts", embedding_function=None)
        self.names["accounts"].add(ids=["ada"], embeddings=[[1.0, 0.0]], metadatas=[{"balance": 100}])

    def make_sessions(self):
        self.names["sessions"] = self.client.create_collection("sessions", embedding_function=None)

    def write_files(self):
        self.forget_songs()
        lines = [json.dumps({"id": f"s{number}", "document": f"song {number}", "metadata": {"genre": ["folk", "rock"][number % 2]}})
                 for number in range(1, 41)]
        Path(self.directory, "songs.jsonl").write_text("\n".join(lines) + "\n")
        numpy.save(Path(self.directory, "songs.npy"), numpy.random.default_rng(2).random((40, 4), dtype=numpy.float32))

    # What is promised

    def check(self, block, printed):
        known = {
            ("Using it from Python", "python"): lambda: true("'s1'" in printed and "'s2'" not in printed, "the quiet song"),
            ("Using it from Python", "sh"): lambda: true("heartbeat" in printed and '"name":"songs"' in printed.replace(" ", ""), "answers"),
            ("Indexes", "python"): self.check_indexes,
            ("Indexes", "sh"): lambda: true("songs" in printed, "the state of the indexes"),
            ("Search: vectors, sparse vectors and words in one request", "python"): self.check_search,
            ("Words", "python"): lambda: equal(self.names["poems"].count(), 2, "poems"),
            ("Words", "sh"): lambda: equal(json.loads(printed)["ids"], [["p1", "p2"]], "what the words find"),
            ("Sparse vectors", "python"): lambda: true("terms" in self.names["songs"].get(ids=["s3"])["metadatas"][0], "a sparse vector"),
            ("Distances and neighbours", "python"): self.check_neighbours,
            ("Forks", "python"): self.check_forks,
            ("Transactions", "python"): lambda: equal(self.names["accounts"].get()["metadatas"][0]["balance"], 90, "the balance"),
            ("Records that expire", "python"): self.check_expiry,
            ("The command-line client", "sh"): self.check_export,
        }
        if (block.heading, block.language) not in known:
            raise AssertionError(f"nobody has said what the {block.language} under {block.heading!r} should do")
        known[block.heading, block.language]()

    def check_indexes(self):
        metadata = self.client.get_collection("songs", embedding_function=None).metadata
        equal((metadata["lyrica:index"], metadata["lyrica:nprobe"]), ("ivf", 32), "the settings of songs")
        true("big" in [collection.name for collection in self.client.list_collections()], "the big collection")

    def check_search(self):
        metadatas, documents = self.names["found"]["metadatas"][0], self.names["found"]["documents"][0]
        artists = [metadata["artist"] for metadata in metadatas]
        true(len(artists) == 7 and len(set(artists)) == 7, "one song of each artist")
        true(all("river" in document for document in documents), "songs of the river")

    def check_neighbours(self):
        graph, similar, matrix = (self.names[name] for name in ("graph", "similar", "matrix"))
        folk = self.names["songs"].get(where={"genre": "folk"})["ids"]
        equal(set(similar), set(folk), "whose neighbours are known")
        true(all(len(near) == 15 and one not in near for one, near in similar.items()), "fifteen others each")
        equal(len(graph["distances"]), len(folk), "lists of distances")
        equal(numpy.array(matrix["distances"]).shape, (len(matrix["ids"]),) * 2, "the shape of the matrix")
        # As scipy's form is described below the example.
        starts = numpy.cumsum([0] + [len(row) for row in graph["neighbors"]])
        equal(len(numpy.concatenate(graph["neighbors"])), starts[-1], "the parts of a sparse matrix")

    def check_forks(self):
        equal(self.names["songs"].fork_count(), 1, "forks")
        early = {"year": {"$lt": 1970}}
        equal(len(self.names["copy"].get(where=early)["ids"]), 0, "early songs in the fork")
        true(len(self.names["songs"].get(where=early)["ids"]) > 0, "early songs in the source")

    def check_expiry(self):
        equal(self.names["sessions"].count(), 1, "sessions that live for an hour")
        cache = self.names["cache"]
        cache.add(ids=["c"], embeddings=[[0.0, 1.0]])
        true(cache.get()["metadatas"][0]["lyrica:expires_at"] > time.time() + 86_000, "a day")

    def check_export(self):
        equal(len(Path(self.directory, "backup.jsonl").read_text().splitlines()), 40, "exported records")
        equal(numpy.load(Path(self.directory, "backup.npy")).shape, (40, 4), "exported vectors")


class Requests:
    """The fields and forms that are listed, sent to a collection of four records."""

    RECORDS = [
        ("a", [1.0, 0.0], "the shepherd sings", {"year": 1611, "lang": "en", "author": "x", "title": "The Lord", "when": "2024-05-31T10:00Z", "k": 1}),
        ("b", [0.0, 1.0], "a goat and a shepherd", {"year": 1550, "lang": "en", "author": "x", "title": "the song", "when": "2024-06-01"}),
        ("c", [0.9, 0.1], "a song", {"year": 1500, "lang": "de", "author": "x", "title": "Of the Lord"}),
        ("doc7/d", [0.8, 0.3], "silence", {"lang": "de", "author": "y"}),
    ]
    # What each form of filter finds; where the README leaves something out, what is put in its place.
    FILLED = {'{"$or": […], "year": 1611}': '{"$or": [{"lang": "en"}, {"lang": "fr"}], "year": 1611}', '{"$not": {…}}': '{"$not": {"year": 1611}}',
              '{"title": {"$not_regex": …}}': '{"title": {"$not_regex": "^(?i)the"}}'}
    FOUND = {
        '{"year": 1611, "lang": "en"}': "a", '{"$or": […], "year": 1611}': "a", '{"year": {"$gte": 1500, "$lt": 1600}}': "bc", '{"$not": {…}}': "bcd",
        '{"year": {"$not": {"$gt": 1500}}}': "cd", '{"k": {"$exists": true}}': "a", '{"k": {"$is_null": true}}': "bcd",
        '{"year": {"$between": [1500, 1600]}}': "bc", '{"title": {"$like": "The %"}}': "a", '{"title": {"$prefix": "The"}}': "a",
        '{"title": {"$substring": "Lord"}}': "ac", '{"title": {"$regex": "^(?i)the"}}': "ab", '{"title": {"$not_regex": …}}': "cd",
        '{"when": {"$gt": "2024-05-31"}}': "ab", '{"when": {"$eq": {"$date": "2024-05-31T12:00+02:00"}}}': "a", '{"#id": {"$in": ["a", "b"]}}': "ab",
        '{"#id": {"$prefix": "doc7/"}}': "d", '{"#document": {"$contains": "shepherd", "$not_contains": "goat"}}': "a",
    }
    NEAR_A = {"query_embeddings": [[1.0, 0.0]], "n_results": 4}
    # What is sent with a field of `query`, its value where the README gives none, and the ids that are found.
    QUERIES = {
        "max_distance": (NEAR_A, 0.03, [["a", "c"]]), "query_ids": ({"n_results": 2}, None, [["c", "doc7/d"], ["doc7/d", "c"]]),
        "recommend": ({"n_results": 2}, None, [["c", "doc7/d"]]), "group_by": (NEAR_A, None, [["a", "c", "doc7/d"]]),
        # "c" is nearly where "a" is.
        "mmr": ({"query_embeddings": [[0.97, 0.06]], "n_results": 2}, None, [["a", "b"]]),
    }
    GETS = {"order_by": (None, ["a", "b", "c", "doc7/d"]), "cursor": ("", ["a", "b", "c", "doc7/d"]), "sample": (None, None)}

    def __init__(self, server):
        self.server = server
        status, text = server.call(COLLECTIONS, {"name": "requests"})
        equal(status, 200, text)
        self.path = f"{COLLECTIONS}/{json.loads(text)['id']}"
        ids, vectors, documents, metadatas = zip(*self.RECORDS)
        status, text = server.call(f"{self.path}/add", {"ids": ids, "embeddings": vectors, "documents": documents, "metadatas": metadatas})
        equal(status, 201, text)

    def ask(self, request, body):
        status, text = self.server.call(f"{self.path}/{request}", body)
        equal(status, 200, f"{request} with {body}: {text}")
        return json.loads(text)

    def run(self, text):
        status, described = self.server.call("/openapi.json")
        equal(status, 200, "the description of the interface")
        for name in [*self.QUERIES, *self.GETS, "facets", "neighbors", "distances", "$bm25", "fork_count", "conditional/commit"]:
            true(f'"{name}"' in described or f"/{name}" in described, f"{name} in the description of the interface")
        forms = readme.filter_forms(text)
        equal(sorted(forms), sorted(self.FOUND), "the forms of filters in the README")
        for form in forms:
            where = json.loads(self.FILLED.get(form, form))
            found = "".join(identifier[-1] for identifier in self.ask("get", {"where": where})["ids"])
            equal(found, self.FOUND[form], form)
            equal(self.ask("count", {"where": where}), len(self.FOUND[form]), form)
        fields = dict(readme.fields(text, "query"))
        equal(sorted(fields), sorted(self.QUERIES), "the fields of query in the README")
        for name, shown in fields.items():
            body, value, expected = self.QUERIES[name]
            equal(self.ask("query", {**body, name: json.loads(shown) if shown else value})["ids"], expected, name)
        fields = dict(readme.fields(text, "get"))
        equal(sorted(fields), sorted(self.GETS), "the fields of get in the README")
        for name, shown in fields.items():
            value, expected = self.GETS[name]
            answer = self.ask("get", {name: json.loads(shown) if shown else value})
            equal(sorted(answer["ids"]) if expected is None else answer["ids"], expected or ["a", "b", "c", "doc7/d"], name)
        facets = self.ask("facets", {"keys": ["lang", "k"]})["facets"]
        equal(facets["lang"]["distinct"], 2, "languages")
        equal((facets["k"]["missing"], facets["k"]["values"]), (3, [{"value": 1, "count": 1}]), "values of k")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server-command", required=True, help="how to start the server, without --port and --data-dir")
    parser.add_argument("--lyrica-command", required=True, help="the command-line client")
    options = parser.parse_args()
    text = README.read_text()
    with tempfile.TemporaryDirectory() as directory, OwnServer(shlex.split(options.server_command), os.path.join(directory, "data")) as server:
        Requests(server).run(text)
        Examples(server, os.path.abspath(options.lyrica_command), directory).run(readme.blocks(text))
    print("the examples of the README do what it says")


if __name__ == "__main__":
    main()
