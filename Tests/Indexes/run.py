"""Indexes as the real chromadb client sees them: chosen, filled, searched, changed, built anew. Run by a Python that has chromadb and numpy.

Starts servers of its own in a temporary directory, and runs the real `lyrica` command against them.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

import chromadb
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Server"))

from own_server import OwnServer, equal, true

HERE = os.path.dirname(os.path.abspath(__file__))
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"
DIMENSION = 32
ROWS = 4_000
ROWS_MIN = 500
"""From so many rows the server builds an index here."""
QUERIES = 50
K = 10
SETTLE_SECONDS = 120
"""What takes longer than this hangs."""


class Server(OwnServer):
    """One that builds indexes of few rows, with a client and what it says of its indexes."""

    def __init__(self, command, data, *options):
        super().__init__(command, data, "--index-rows-min", str(ROWS_MIN), *options)
        self.client = chromadb.HttpClient(host="127.0.0.1", port=self.port)

    def index(self, collection):
        """What the server says of one collection's indexes."""
        status, text = self.call(f"/api/lyrica/v1/index/status?collection={getattr(collection, 'id', collection)}")
        equal(status, 200, f"status of the indexes: {text}")
        return json.loads(text)["collections"][0]

    def settled(self, collection):
        """The same once nothing is left to build."""
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            found = self.index(collection)
            if found["pending_rows"] == 0 and not found["building"]:
                return found
            true(time.monotonic() < end, f"indexes within {SETTLE_SECONDS} s, found {found}")
            time.sleep(0.05)

    def query(self, collection, vectors, **fields):
        """Status, and the ids found for each vector, with this server's own fields."""
        body = {"query_embeddings": np.asarray(vectors).tolist(), "n_results": K, "include": ["distances"], **fields}
        status, text = self.call(f"{COLLECTIONS}/{collection.id}/query", body)
        return status, json.loads(text)["ids"] if status == 200 else text


def refused(text, act, what):
    """Runs what the server must refuse with this text."""
    try:
        act()
    except Exception as error:
        true(text in str(error), f"{what} to be refused with '{text}', found '{error}'")
        return
    raise AssertionError(f"expected {what} to be refused")


def recall(found, exact):
    return np.mean([len(set(ids) & set(nearest)) / max(len(nearest), 1) for ids, nearest in zip(found, exact)])


class Indexes:
    """One run; every method is one check, in this order."""

    def __init__(self, server_command, lyrica_command, clients, directory, seed):
        self.server_command, self.lyrica_command, self.clients = server_command, lyrica_command, clients
        self.data = os.path.join(directory, "data")
        chance = np.random.default_rng(seed)
        centres = chance.normal(size=(40, DIMENSION))
        self.vectors = (centres[chance.integers(40, size=ROWS)] + 0.6 * chance.normal(size=(ROWS, DIMENSION))).astype(np.float32)
        self.queries = (centres[chance.integers(40, size=QUERIES)] + 0.6 * chance.normal(size=(QUERIES, DIMENSION))).astype(np.float32)
        self.exact = self.nearest(range(ROWS))

    def nearest(self, rows, moved={}):
        """The ids nearest to each query among some rows, of which some have another row's vector."""
        rows = list(rows)
        vectors = self.vectors[[moved.get(row, row) for row in rows]].astype(np.float64)
        distances = ((self.queries[:, None, :].astype(np.float64) - vectors[None]) ** 2).sum(axis=2)
        return [[f"r{rows[place]}" for place in np.argsort(line, kind="stable")[:K]] for line in distances]

    def serve(self, *options):
        return Server(self.server_command, self.data, *options)

    def lyrica(self, server, *arguments, expected=0):
        done = subprocess.run([*self.lyrica_command, *arguments, "--url", server.url], capture_output=True, text=True, timeout=300)
        equal(done.returncode, expected, f"exit code of lyrica {' '.join(arguments)} ({done.stdout}{done.stderr})")
        return done.stdout

    def chosen_by_metadata(self):
        with self.serve() as server:
            for index in ("auto", "flat", "hnsw", "ivf"):
                made = server.client.create_collection("chosen-" + index, metadata={"lyrica:index": index, "topic": "x"})
                equal(made.metadata, {"lyrica:index": index, "topic": "x"}, "metadata of the new collection")
                equal(server.client.get_collection("chosen-" + index).metadata, made.metadata, "metadata read back")
                equal(server.index(made)["index"], index, "the server's index")
            made = server.client.create_collection("half", metadata={"lyrica:vector_type": "float16", "hnsw:space": "cosine"})
            equal((server.index(made)["vector_type"], made.configuration_json["hnsw"]["space"]), ("float16", "cosine"), "vector type and space")
            create = server.client.create_collection
            for metadata, text in [
                ({"lyrica:index": "tree"}, "lyrica:index must be one of auto, flat, hnsw, ivf"),
                ({"lyrica:vector_type": "int8"}, "lyrica:vector_type must be one of float32, float16"),
                ({"lyrica:nprobe": 0}, "lyrica:nprobe must be a whole number from 1 to 1048576"),
                ({"lyrica:nlist": 4, "lyrica:nprobe": 5}, "there are only 4 lists"),
                ({"lyrica:index": "hnsw", "lyrica:nlist": 4}, "have no meaning with the index hnsw"),
                ({"lyrica:bogus": 1}, "lyrica:bogus is not known"),
            ]:
                refused(text, lambda: create("refused", metadata=metadata), f"metadata {metadata}")
            refused("leave one of them out", lambda: create(
                "refused", metadata={"lyrica:index": "ivf"}, configuration={"hnsw": {"max_neighbors": 40}}), "a graph's parameters for lists")
            refused("leave one of them out", lambda: create(
                "refused", metadata={"lyrica:index": "hnsw"}, configuration={"spann": {"search_nprobe": 4}}), "spann for a graph")
            refused("ef_search must be from 1 to 65536", lambda: create("refused", configuration={"hnsw": {"ef_search": 0}}), "ef_search 0")
            true("refused" not in [c.name for c in server.client.list_collections()], "nothing of what was refused")

    def the_spann_configuration(self):
        with self.serve() as server:
            made = server.client.create_collection("spann", configuration={"spann": {"space": "cosine", "search_nprobe": 12}})
            equal(server.index(made)["index"], "ivf", "the server's index")
            equal(made.configuration["hnsw"]["space"], "cosine", "space")

            def nprobe(collection):
                return collection.schema.keys["#embedding"].float_list.vector_index.config.spann.search_nprobe

            equal(nprobe(made), 12, "search_nprobe")
            made.modify(configuration={"spann": {"search_nprobe": 20}})
            equal(nprobe(server.client.get_collection("spann")), 20, "search_nprobe after a change")
            refused("search_nprobe must be from 1 to 1048576", lambda: made.modify(configuration={"spann": {"search_nprobe": 0}}), "search_nprobe 0")

    def filled_and_searched(self):
        with self.serve() as server:
            for index in ("auto", "flat", "hnsw", "ivf"):
                made = server.client.create_collection("filled-" + index, metadata={"lyrica:index": index})
                for start in range(0, ROWS, 1_000):
                    rows = range(start, start + 1_000)
                    made.add(ids=[f"r{row}" for row in rows], embeddings=self.vectors[rows.start:rows.stop])
                    found = made.query(query_embeddings=self.vectors[start:start + 1], n_results=1)
                    equal(found["ids"], [[f"r{start}"]], f"a new row of {index}, found at once")
            for index, kind in [("auto", "hnsw_rows"), ("flat", "flat_rows"), ("hnsw", "hnsw_rows"), ("ivf", "ivf_rows")]:
                made = server.client.get_collection("filled-" + index)
                report = server.settled(made)
                equal((report["rows"], report[kind]), (ROWS, ROWS), f"rows of {index} and those under its index ({report})")
                true((report["bytes"] > 0) == (index != "flat"), f"files of an index, but for flat, found {report}")
                status = made.get_indexing_status()
                equal((status.total_ops, status.num_indexed_ops, status.num_unindexed_ops, status.op_indexing_progress), (ROWS, ROWS, 0, 1.0),
                      f"indexing status of {index}")
                found = made.query(query_embeddings=self.queries, n_results=K)["ids"]
                true(recall(found, self.exact) >= (1 if index == "flat" else 0.9), f"recall of {index}, found {recall(found, self.exact)}")

    def a_query_overrides(self):
        with self.serve() as server:
            for index in ("flat", "hnsw", "ivf"):
                made = server.client.get_collection("filled-" + index)
                equal(server.query(made, self.queries, exact=True), (200, self.exact), f"an exact search of {index}")
            self.all_settled(server)
            graph, lists = server.client.get_collection("filled-hnsw"), server.client.get_collection("filled-ivf")
            for made, field, low, high in [(graph, "ef_search", K, 1_000), (lists, "nprobe", 1, 1_000)]:
                few, many = (recall(server.query(made, self.queries, **{field: value})[1], self.exact) for value in (low, high))
                true(many >= 0.99 and many >= few, f"more with {field} {high} ({many}) than with {low} ({few})")
            status, found = server.query(graph, self.queries, rerank=10)
            true(status == 200 and recall(found, self.exact) >= 0.9, "an answer with rerank")
            for fields, expected in [({"ef_search": 0}, 400), ({"ef_search": 65_537}, 400), ({"nprobe": 0}, 400), ({"rerank": 1_001}, 400),
                                     ({"ef_search": "x"}, 422), ({"exact": 1}, 422), ({"nprobe": 1.5}, 422), ({"timeout_ms": -1}, 422),
                                     ({"unknown": 1}, 200), ({"exact": None, "ef_search": None}, 200)]:
                status, text = server.query(graph, self.queries[:1], **fields)
                equal(status, expected, f"status of {fields}: {text}")
                true(status != 400 or next(iter(fields)) in text, f"the field's name in {text}")
            equal(server.query(graph, self.queries, timeout_ms=0)[0], 504, "status of a query without time")

    def asked_by_command(self):
        with self.serve() as server:
            self.all_settled(server)
            vector = json.dumps(self.queries[0].tolist())
            for options in (["--exact"], ["--ef-search", "1000", "--rerank", "10"], ["--timeout-ms", "60000", "--ef-search", "1000"]):
                found = json.loads(self.lyrica(server, "query", "filled-hnsw", "--embedding", vector, "-k", str(K), "--json", *options))
                equal([record["id"] for record in found], self.exact[0], f"found with {options}")
            self.lyrica(server, "query", "filled-ivf", "--embedding", vector, "--nprobe", "0", expected=1)
            statuses = {status["name"]: status for status in json.loads(self.lyrica(server, "index", "status", "--json"))}
            equal(statuses["filled-hnsw"]["hnsw_rows"], ROWS, "rows under a graph")
            table = self.lyrica(server, "status")
            true("auto: hnsw" in table and "100 %" in table, f"kind and progress in {table}")
            totals = json.loads(server.call("/api/lyrica/v1/status")[1])["indexes"]
            equal((totals["pending_rows"], totals["ivf_rows"]), (0, ROWS), "totals of the status")

    def built_anew(self):
        with self.serve() as server:
            self.all_settled(server)
            graph = server.client.get_collection("filled-hnsw")
            status, text = server.call("/api/lyrica/v1/index/rebuild", {"collection": str(graph.id)})
            lines = [json.loads(line) for line in text.splitlines()]
            true(status == 200 and all("progress" in line for line in lines[:-1]), f"progress before the result, found {text[:300]}")
            result = lines[-1]["result"]
            equal((result["collections"], result["rows"], result["failures"], result["cancelled"]), (1, ROWS, [], False), "result")
            equal(json.loads(self.lyrica(server, "index", "rebuild", "--all", "--wait", "--quiet", "--json"))["rows"], 3 * ROWS, "rows of all")
            true("1 index" in self.lyrica(server, "index", "rebuild", "filled-ivf", "--wait", "--quiet"), "what was built")
            true("status" in self.lyrica(server, "index", "rebuild", "filled-ivf"), "how to see the progress")
            server.settled(server.client.get_collection("filled-ivf"))
            self.lyrica(server, "index", "rebuild", "absent", expected=1)
            self.lyrica(server, "index", "rebuild", expected=64)
            equal(server.call("/api/lyrica/v1/index/rebuild", {"collection": "00000000-0000-4000-8000-000000000000"})[0], 404, "no such collection")
            for body in ({"colection": "x"}, {"wait": "no"}, []):
                equal(server.call("/api/lyrica/v1/index/rebuild", body)[0], 422, f"status of {body}")
            self.still_found(server)

    def changed(self):
        with self.serve() as server:
            made = server.client.get_collection("filled-auto")
            made.modify(configuration={"hnsw": {"ef_search": 300}})
            equal(server.client.get_collection("filled-auto").configuration_json["hnsw"]["ef_search"], 300, "ef_search after a change")
            made.modify(metadata={"lyrica:index": "ivf", "lyrica:nprobe": 30})
            report = server.settled(made)
            equal((report["index"], report["ivf_rows"]), ("ivf", ROWS), "index after a change")
            made.modify(metadata={"topic": "only"})
            equal(server.index(made)["index"], "ivf", "index after a change of something else")
            made.modify(metadata={"lyrica:index": "flat"})
            report = server.settled(made)
            equal((report["index"], report["flat_rows"]), ("flat", ROWS), "index after another change")
            refused("lyrica:vector_type cannot be changed", lambda: made.modify(metadata={"lyrica:vector_type": "float16"}), "another vector type")
            made.modify(metadata={"lyrica:index": "auto"})
            equal(server.settled(made)["hnsw_rows"], ROWS, "a graph again")

    def other_generations_of_clients(self):
        def client(python, action, server):
            values = {name: value for name, value in os.environ.items() if not name.startswith("CHROMA_") and "proxy" not in name.lower()}
            done = subprocess.run(
                [python, os.path.join(HERE, "client.py"), action, str(server.port)], env=values, capture_output=True, text=True, timeout=300)
            equal(done.returncode, 0, f"exit code of {python} {action} ({done.stderr[-800:]})")
            return json.loads(done.stdout.strip().splitlines()[-1])

        with self.serve() as server:
            for python in self.clients:
                made = client(python, "fill", server)
                client(python, "search", server)
                for index, kind in [("auto", "hnsw_rows"), ("flat", "flat_rows"), ("hnsw", "hnsw_rows"), ("ivf", "ivf_rows")]:
                    report = server.settled(made[index])
                    equal(report[kind], report["rows"], f"rows of {index} under its index ({report})")
                client(python, "search", server)

    def filtered(self):
        with self.serve() as server:
            self.all_settled(server)
            for index in ("hnsw", "ivf"):
                made = server.client.create_collection("filtered-" + index, metadata={"lyrica:index": index})
                rows = range(ROWS)
                made.add(ids=[f"r{row}" for row in rows], embeddings=self.vectors, metadatas=[{"n": row % 100} for row in rows],
                         documents=["odd" if row % 2 else "even" for row in rows])
                server.settled(made)
                for where, document, keeps in [
                    ({"n": {"$lt": 80}}, None, lambda row: row % 100 < 80), ({"n": {"$lt": 20}}, None, lambda row: row % 100 < 20),
                    ({"n": 3}, None, lambda row: row % 100 == 3), (None, {"$contains": "odd"}, lambda row: row % 2 == 1),
                    ({"n": {"$gt": 500}}, None, lambda row: False),
                ]:
                    found = made.query(query_embeddings=self.queries, n_results=K, where=where, where_document=document)["ids"]
                    true(all(keeps(int(name[1:])) for ids in found for name in ids), f"only rows of {index} that {where} {document} keeps")
                    exact = self.nearest([row for row in rows if keeps(row)])
                    equal([len(ids) for ids in found], [len(ids) for ids in exact], f"number of results of {index} with {where} {document}")
                    true(not exact[0] or recall(found, exact) >= 0.9, f"recall of {index} with {where} {document}, found {recall(found, exact)}")

    def changed_rows(self):
        with self.serve() as server:
            for index in ("hnsw", "ivf"):
                made = server.client.get_collection("filtered-" + index)
                made.delete(where={"n": {"$lt": 25}})
                moved = [row for row in range(ROWS) if 25 <= row % 100 < 50]
                made.update(ids=[f"r{row}" for row in moved], embeddings=self.vectors[[row - 25 for row in moved]])
                exact = self.nearest([row for row in range(ROWS) if row % 100 >= 25], {row: row - 25 for row in moved})
                for moment in ("before they are in the index", "after"):
                    found = made.query(query_embeddings=self.queries, n_results=K)["ids"]
                    true(recall(found, exact) >= 0.9, f"recall of {index} with changed rows, {moment}, found {recall(found, exact)}")
                    equal(server.call("/api/lyrica/v1/flush", {})[0], 200, "status of a flush")
                    report = server.settled(made)
                    equal(report["rows"], 3 * ROWS // 4, f"rows of {index}")

    def kept_over_a_restart(self):
        with self.serve() as server:
            for index in ("hnsw", "ivf"):
                made = server.client.get_collection("filled-" + index)
                equal(server.settled(made)[index + "_rows"], ROWS, f"rows of {index} under their index")
            self.still_found(server)

    def all_settled(self, server):
        """A server that has just started takes a moment to find the indexes that it left."""
        for index in ("auto", "flat", "hnsw", "ivf"):
            server.settled(server.client.get_collection("filled-" + index))

    def still_found(self, server):
        for index in ("auto", "flat", "hnsw", "ivf"):
            found = server.client.get_collection("filled-" + index).query(query_embeddings=self.queries, n_results=K)["ids"]
            true(recall(found, self.exact) >= 0.9, f"recall of {index}, found {recall(found, self.exact)}")

    def half_floats(self):
        with self.serve() as server:
            made = server.client.create_collection("half-filled", metadata={"lyrica:vector_type": "float16"})
            made.add(ids=[f"r{row}" for row in range(ROWS)], embeddings=self.vectors)
            server.settled(made)
            found = made.query(query_embeddings=self.queries, n_results=K)["ids"]
            true(recall(found, self.exact) >= 0.9, f"recall of half floats, found {recall(found, self.exact)}")
            stored = made.get(ids=["r7"], include=["embeddings"])["embeddings"][0]
            equal(np.asarray(stored, dtype=np.float32).tolist(), self.vectors[7].astype(np.float16).astype(np.float32).tolist(), "a stored vector")
            largest = np.full((1, DIMENSION), 65_504, dtype=np.float32)
            made.upsert(ids=["large"], embeddings=largest)
            batch = {"ids": ["good", "larger"], "embeddings": np.vstack([self.vectors[:1], 2 * largest])}
            for write in (made.add, made.upsert):
                refused("65504", lambda: write(**batch), "a number beyond half floats")
            equal(made.count(), ROWS + 1, "records")


STEPS = [name for name, value in vars(Indexes).items()
         if callable(value) and not name.startswith("_") and name not in ("nearest", "serve", "lyrica", "all_settled", "still_found")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server-command", required=True, help="how the server is started, without its options")
    parser.add_argument("--lyrica-command", required=True, help="the command-line client")
    parser.add_argument("--clients", nargs="*", default=[], metavar="PYTHON", help="interpreters with other versions of chromadb")
    parser.add_argument("--seed", type=int, default=1, help="of the vectors")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as directory:
        checks = Indexes(shlex.split(options.server_command), shlex.split(options.lyrica_command), options.clients, directory, options.seed)
        for name in STEPS:
            # Later steps build on earlier ones: the first failure ends the run.
            try:
                getattr(checks, name)()
            except AssertionError as error:
                print(f"{name}: {error}")
                return 1
            print(f"{name}: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
