"""Filters, the search API, forks, transactions and expiry as clients see them. Run by a Python that has chromadb 1.5.9 and numpy.

Starts a server of its own in a temporary directory. Everything that the README shows is asked of rows in memory, again once they are in files with their
indexes, and again after a restart, and compared with what a few lines of Python make of the same rows.
"""

import argparse
import json
import math
import os
import re
import shlex
import sys
import tempfile
import time

import chromadb
import numpy as np
from chromadb import K, Knn, Rrf, Search
from chromadb.base_types import SparseVector
from chromadb.execution.expression import GroupBy, MinK

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Server"))

from own_server import OwnServer, equal, true

COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"
ROWS = 5_000
"""Enough for a lookup file."""
DIMENSION = 16
WORDS = "river stone shepherd goat light dark song king valley wind psalm water".split()
SETTLE_SECONDS = 120
"""What takes longer than this hangs."""


class Rows:
    """Random rows, and what filters and rankings should make of them."""

    def __init__(self, seed):
        chance = np.random.default_rng(seed)
        self.vectors = chance.normal(size=(ROWS, DIMENSION)).astype(np.float32)
        self.query = chance.normal(size=DIMENSION).astype(np.float32)
        self.ids = [f"doc{row % 10}/{row}" for row in range(ROWS)]
        self.documents = [" ".join(chance.choice(WORDS, size=chance.integers(2, 9))) for _ in range(ROWS)]
        self.metadatas = []
        for row in range(ROWS):
            metadata = {"year": int(1500 + row % 250), "artist": f"a{row % 41}", "number": row,
                        "tags": [["x", "y"], ["y"], ["z"]][row % 3],
                        "when": f"2024-{1 + row % 12:02d}-{1 + row % 28:02d}T{row % 24:02d}:00Z" if row % 7 else "some day"}
            if row % 5 == 0:
                metadata["title"] = f"The {WORDS[row % len(WORDS)]} of {row}"
            if row % 3 == 0:
                indices = sorted(chance.choice(60, size=6, replace=False).tolist())
                metadata["sparse"] = SparseVector(indices=indices, values=[float(np.float32(value)) for value in chance.random(6)])
            self.metadatas.append(metadata)

    def matching(self, keeps):
        """The ids of the rows that `keeps(metadata, document, id)` accepts, in order."""
        return [self.ids[row] for row in range(ROWS) if keeps(self.metadatas[row], self.documents[row], self.ids[row])]

    def distances(self):
        return ((self.vectors.astype(np.float64) - self.query.astype(np.float64)) ** 2).sum(axis=1)


def has(metadata, key, holds):
    return key in metadata and holds(metadata[key])


FILTERS = [
    ({"year": 1611, "artist": "a3"}, lambda m, d, i: m["year"] == 1611 and m["artist"] == "a3"),
    ({"$or": [{"artist": "a1"}, {"artist": "a2"}], "year": {"$lt": 1600}}, lambda m, d, i: m["artist"] in ("a1", "a2") and m["year"] < 1600),
    ({"year": {"$gte": 1500, "$lt": 1510}}, lambda m, d, i: 1500 <= m["year"] < 1510),
    ({"$not": {"artist": "a1"}}, lambda m, d, i: m["artist"] != "a1"),
    ({"year": {"$not": {"$gt": 1505}}}, lambda m, d, i: m["year"] <= 1505),
    ({"title": {"$exists": True}}, lambda m, d, i: "title" in m),
    ({"title": {"$is_null": True}}, lambda m, d, i: "title" not in m),
    ({"year": {"$between": [1500, 1503]}}, lambda m, d, i: 1500 <= m["year"] <= 1503),
    ({"title": {"$like": "The s%of 1_0"}}, lambda m, d, i: has(m, "title", lambda v: re.fullmatch(r"The s.*of 1.0", v) is not None)),
    ({"title": {"$prefix": "The k"}}, lambda m, d, i: has(m, "title", lambda v: v.startswith("The k"))),
    ({"title": {"$substring": "herd of 2"}}, lambda m, d, i: has(m, "title", lambda v: "herd of 2" in v)),
    ({"title": {"$regex": "^(?i)the .*9\\d5$"}}, lambda m, d, i: has(m, "title", lambda v: re.search(r"^the .*9\d5$", v, re.I) is not None)),
    ({"title": {"$not_regex": "o"}}, lambda m, d, i: not has(m, "title", lambda v: "o" in v)),
    ({"when": {"$gt": "2024-12-20"}}, lambda m, d, i: m["when"] != "some day" and m["when"] > "2024-12-20T00:00Z"),
    ({"when": {"$eq": {"$date": "2024-03-03T16:00+02:00"}}}, lambda m, d, i: m["when"] == "2024-03-03T14:00Z"),
    ({"#id": {"$in": ["doc3/3", "doc7/17", "none"]}}, lambda m, d, i: i in ("doc3/3", "doc7/17")),
    ({"#id": {"$prefix": "doc7/"}}, lambda m, d, i: i.startswith("doc7/")),
    ({"#document": {"$contains": "shepherd", "$not_contains": "goat"}}, lambda m, d, i: "shepherd" in d and "goat" not in d),
    ({"#document": {"$regex": "psalm.*(king|wind)$"}}, lambda m, d, i: re.search("psalm.*(king|wind)$", d) is not None),
    ({"tags": {"$contains": "x"}}, lambda m, d, i: "x" in m["tags"]),
    ({"number": {"$in": list(range(0, 900, 3))}}, lambda m, d, i: m["number"] < 900 and m["number"] % 3 == 0),
    ({"artist": {"$nin": [f"a{number}" for number in range(40)]}}, lambda m, d, i: m["artist"] == "a40"),
]


class Searching:
    """One run; the steps are asked of every state of the collection."""

    def __init__(self, command, directory, seed):
        self.command, self.data = command, os.path.join(directory, "data")
        self.rows = Rows(seed)

    def serve(self):
        return OwnServer(self.command, self.data)

    def run(self):
        with self.serve() as server:
            self.fill(server)
            self.everything(server, "in memory")
            self.settle(server)
            self.everything(server, "in files")
            self.languages(server)
            self.forks(server)
            self.transactions(server)
            self.expiry(server)
        with self.serve() as server:
            self.open(server)
            self.everything(server, "after a restart")
            self.poems_are_ranked_alike(server)
            self.fork_is_still_there(server)

    def open(self, server):
        self.client = chromadb.HttpClient(host="127.0.0.1", port=server.port)
        self.collection = self.client.get_collection("songs", embedding_function=None)

    def fill(self, server):
        client = chromadb.HttpClient(host="127.0.0.1", port=server.port)
        collection = client.create_collection("songs", embedding_function=None)
        for start in range(0, ROWS, 1_000):
            part = slice(start, start + 1_000)
            collection.add(ids=self.rows.ids[part], embeddings=self.rows.vectors[part], documents=self.rows.documents[part],
                           metadatas=self.rows.metadatas[part])
        self.open(server)

    def settle(self, server):
        equal(server.call("/api/lyrica/v1/flush", {})[0], 200, "a flush")
        end = time.monotonic() + SETTLE_SECONDS
        directory = os.path.join(self.data, "collections", str(self.collection.id))
        while not any(name.endswith(".lookup") for name in os.listdir(directory)):
            true(time.monotonic() < end, f"a lookup file within {SETTLE_SECONDS} s")
            time.sleep(0.1)

    def post(self, server, path, body, status=200):
        found, text = server.call(f"{COLLECTIONS}/{self.collection.id}/{path}", body)
        equal(found, status, f"{path} with {body}: {text[:200]}")
        return json.loads(text)

    def everything(self, server, state):
        for step in (self.filters, self.searches, self.words, self.sparse, self.extras, self.neighbors, self.explained):
            step(server)
            print(f"{step.__name__} {state}: passed")

    # MARK: Steps

    def filters(self, server):
        for where, keeps in FILTERS:
            expected = self.rows.matching(keeps)
            equal(self.post(server, "get", {"where": where, "include": []})["ids"], expected, f"get where {where}")
            equal(self.post(server, "count", {"where": where}), len(expected), f"count where {where}")
            nearest = self.post(server, "query", {"query_embeddings": [self.rows.query.tolist()], "n_results": 10, "where": where, "include": ["distances"]})
            true(set(nearest["ids"][0]) <= set(expected), f"answers that match {where}")
            equal(len(nearest["ids"][0]), min(10, len(expected)), f"answers to a query where {where}")

    def searches(self, server):
        distances = self.rows.distances()
        kept = [row for row in range(ROWS) if self.rows.metadatas[row]["year"] < 1550 and "river" in self.rows.documents[row]]
        order = sorted(kept, key=lambda row: distances[row])[:5]
        search = (Search().where((K("year") < 1550) & K.DOCUMENT.contains("river"))
                  .rank(Knn(query=self.rows.query.tolist(), limit=50)).limit(5).select(K.DOCUMENT, K.SCORE, "year"))
        found = self.collection.search(search)
        equal(found["ids"][0], [self.rows.ids[row] for row in order], "a search's ids")
        equal(found["documents"][0], [self.rows.documents[row] for row in order], "a search's documents")
        equal(found["metadatas"][0], [{"year": self.rows.metadatas[row]["year"]} for row in order], "a search's metadata")
        true(np.allclose(found["scores"][0], distances[order], rtol=1e-5), "a search's scores")
        query = SparseVector(indices=[1, 2, 3, 10], values=[1.0, 0.5, 0.25, 2.0])
        dense = np.argsort(distances, kind="stable")[:200].tolist()
        products = self.products(query)
        sparse = sorted(products, key=lambda row: (-products[row], row))[:200]
        fused = {row: -(2 / 3 / (60 + dense.index(row)) + 1 / 3 / (60 + sparse.index(row))) for row in set(dense) & set(sparse)}
        groups = {}
        for row in sorted(fused, key=lambda row: (fused[row], row)):
            groups.setdefault(self.rows.metadatas[row]["artist"], row)
        expected = list(groups.values())[:5]
        search = (Search().rank(Rrf([Knn(query=self.rows.query.tolist(), return_rank=True, limit=200, ),
                                     Knn(query=query, key="sparse", return_rank=True, limit=200)], weights=[2.0, 1.0], normalize=True))
                  .group_by(GroupBy(keys=K("artist"), aggregate=MinK(keys=K.SCORE, k=1))).limit(5).select(K.SCORE))
        found = self.collection.search(search)
        true(np.allclose(found["scores"][0], [fused[row] for row in expected], rtol=1e-5), f"scores {found['scores']} of a fused search")

    def products(self, query):
        weights = dict(zip(query.indices, query.values))
        products = {}
        for row, metadata in enumerate(self.rows.metadatas):
            if "sparse" in metadata:
                common = [weights[index] * value for index, value in zip(metadata["sparse"].indices, metadata["sparse"].values) if index in weights]
                if common:
                    products[row] = sum(common)
        return products

    def words(self, server):
        """BM25 as Lucene's idf and the usual k1 and b make it."""
        terms = [document.split() for document in self.rows.documents]
        average = sum(map(len, terms)) / ROWS
        scores = dict.fromkeys(range(ROWS), 0.0)
        for term in ("shepherd", "goat"):
            having = [row for row in range(ROWS) if term in terms[row]]
            idf = math.log(1 + (ROWS - len(having) + 0.5) / (len(having) + 0.5))
            for row in having:
                frequency = terms[row].count(term)
                scores[row] += idf * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * len(terms[row]) / average))
        expected = sorted((row for row in scores if scores[row] > 0), key=lambda row: (-scores[row], row))[:20]
        body = {"searches": [{"rank": {"$bm25": {"query": "Shepherd, goat!", "limit": 20}}, "limit": {"limit": 20}, "select": {"keys": ["#score"]}}]}
        found = self.post(server, "search", body)
        true(np.allclose(found["scores"][0], [1 - scores[row] for row in expected], atol=1e-5), "scores of words")

    def sparse(self, server):
        query = SparseVector(indices=[4, 5, 50], values=[1.0, -0.5, 2.0])
        products = self.products(query)
        expected = sorted(products, key=lambda row: (-products[row], row))[:15]
        found = self.collection.search(Search().rank(Knn(query=query, key="sparse", limit=15)).limit(15).select(K.SCORE))
        true(np.allclose(found["scores"][0], [1 - products[row] for row in expected], atol=1e-5), "scores of sparse vectors")

    def extras(self, server):
        distances = self.rows.distances()
        order = np.argsort(distances, kind="stable")
        query = {"query_embeddings": [self.rows.query.tolist()], "include": ["distances"], "exact": True}
        bound = float((distances[order[20]] + distances[order[21]]) / 2)
        found = self.post(server, "query", {**query, "n_results": 100, "max_distance": bound})
        equal(found["ids"][0], [self.rows.ids[row] for row in order[:21]], "a range search")
        own = ((self.rows.vectors.astype(np.float64) - self.rows.vectors[7].astype(np.float64)) ** 2).sum(axis=1)
        own[7] = np.inf
        found = self.post(server, "query", {"query_ids": [self.rows.ids[7]], "n_results": 5, "exact": True, "include": []})
        equal(found["ids"][0], [self.rows.ids[row] for row in np.argsort(own, kind="stable")[:5]], "what is near a record")
        found = self.post(server, "query", {**query, "n_results": 6, "group_by": {"key": "tags", "limit": 2}})
        artists = self.post(server, "query", {**query, "n_results": 6, "group_by": {"key": "artist", "limit": 1}, "include": ["metadatas"]})["metadatas"][0]
        equal(len({metadata["artist"] for metadata in artists}), 6, "artists of a grouped query")
        equal(len(found["ids"][0]), 6, "answers of a grouped query")
        found = self.post(server, "query", {**query, "n_results": 6, "group_by": {"key": "artist"}, "explain": True})
        true(found["explain"]["parts"], "a grouped query to be explained")
        same = self.post(server, "query", {**query, "n_results": 5, "mmr": {"lambda": 1, "candidates": 50}})
        equal(same["ids"][0], [self.rows.ids[row] for row in order[:5]], "diversity without weight")
        liked = self.post(server, "query", {"recommend": {"positive": [self.rows.ids[1]], "negative": [self.rows.ids[2]]}, "n_results": 5, "include": []})
        true(not {self.rows.ids[1], self.rows.ids[2]} & set(liked["ids"][0]), "recommendations without their examples")
        found = self.post(server, "get", {"order_by": [{"key": "year", "direction": "desc"}, {"key": "#id"}], "limit": 20, "include": []})
        ordered = sorted(range(ROWS), key=lambda row: (-self.rows.metadatas[row]["year"], self.rows.ids[row]))
        equal(found["ids"], [self.rows.ids[row] for row in ordered[:20]], "an ordered get")
        scrolled, cursor = [], ""
        while cursor is not None:
            page = self.post(server, "get", {"cursor": cursor, "limit": 700, "where": {"year": {"$lt": 1700}}, "include": []})
            scrolled += page["ids"]
            cursor = page["next_cursor"]
        equal(scrolled, self.rows.matching(lambda m, d, i: m["year"] < 1700), "a scroll")
        sample = {"sample": {"size": 50, "seed": 7}, "include": []}
        equal(self.post(server, "get", sample)["ids"], self.post(server, "get", sample)["ids"], "a sample with its seed")
        facets = self.post(server, "facets", {"keys": ["tags", "title"], "limit": 2, "where": {"year": 1500}})["facets"]
        counts = {}
        chosen = [metadata for metadata in self.rows.metadatas if metadata["year"] == 1500]
        for metadata in chosen:
            for tag in metadata["tags"]:
                counts[tag] = counts.get(tag, 0) + 1
        equal({value["value"]: value["count"] for value in facets["tags"]["values"]},
              dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:2]), "facets")
        equal(facets["title"]["missing"], sum("title" not in metadata for metadata in chosen), "records without a facet's key")

    def between(self, rows, columns):
        """Squared distances, row by row."""
        left, right = self.rows.vectors[rows].astype(np.float64), self.rows.vectors[columns].astype(np.float64)
        return ((left[:, None, :] - right[None, :, :]) ** 2).sum(axis=2)

    def neighbors(self, server):
        places = {name: row for row, name in enumerate(self.rows.ids)}
        matches = [places[name] for name in self.rows.matching(lambda m, d, i: m["year"] < 1510)]
        expected = self.between(matches, matches)
        matrix = self.post(server, "distances", {"where": {"year": {"$lt": 1510}}})
        equal(matrix["ids"], [self.rows.ids[row] for row in matches], "the rows of a matrix")
        true(np.allclose(np.array(matrix["distances"]), expected, rtol=1e-5), "a matrix of distances")
        matrix = self.post(server, "distances", {"sample": {"size": 30, "seed": 7}, "other_ids": self.rows.ids[5:9]})
        equal(matrix["other_ids"], self.rows.ids[5:9], "the columns of a matrix")
        sample = [places[name] for name in matrix["ids"]]
        true(np.allclose(np.array(matrix["distances"]), self.between(sample, range(5, 9)), rtol=1e-5), "a rectangle of distances")
        # The graph of what a filter means, as a sparse matrix.
        graph = self.post(server, "neighbors", {"n_results": 15, "where": {"year": {"$lt": 1510}}, "exact": True})
        equal(graph["ids"], [self.rows.ids[row] for row in matches], "the records of a graph")
        np.fill_diagonal(expected, np.inf)
        order = np.argsort(expected, axis=1, kind="stable")[:, :15]
        equal(np.concatenate(graph["neighbors"]).tolist(), order.ravel().tolist(), "the neighbours of a graph")
        true(np.allclose(np.concatenate(graph["distances"]), np.take_along_axis(expected, order, axis=1).ravel(), rtol=1e-5), "their distances")
        equal(np.cumsum([0] + [len(row) for row in graph["neighbors"]]).tolist(), list(range(0, 15 * len(matches) + 1, 15)), "the rows' ends")
        # What is similar to some records, in all of the collection.
        graph = self.post(server, "neighbors", {"ids": self.rows.ids[:3], "within": "all", "n_results": 5, "exact": True})
        similar = {graph["ids"][row]: [graph["ids"][place] for place in places] for row, places in enumerate(graph["neighbors"])}
        expected = self.between(range(3), range(ROWS))
        expected[range(3), range(3)] = np.inf
        equal(similar, {self.rows.ids[row]: [self.rows.ids[other] for other in np.argsort(expected[row], kind="stable")[:5]] for row in range(3)},
              "what is similar")
        # The whole collection page by page, through the indexes.
        met, cursor, good = [], "", 0
        while cursor is not None:
            page = self.post(server, "neighbors", {"n_results": 10, "cursor": cursor, "limit": 2_000})
            rows = [places[name] for name in page["ids"][:len(page["neighbors"])]]
            met += rows
            expected = self.between(rows, range(ROWS))
            expected[range(len(rows)), rows] = np.inf
            bounds = np.partition(expected, 9, axis=1)[:, 9]
            for number, distances in enumerate(page["distances"]):
                equal(len(distances), 10, "neighbours of a record")
                good += sum(distance <= bounds[number] * (1 + 1e-5) for distance in distances)
            cursor = page["next_cursor"]
        equal(met, list(range(ROWS)), "the records of all pages")
        true(good >= 0.95 * 10 * ROWS, f"at least 0.95 of the nearest, found {good / 10 / ROWS}")
        # A closed graph of a sample.
        graph = self.post(server, "neighbors", {"sample": {"size": 100, "seed": 7}, "within": "selected", "n_results": 5})
        equal((len(graph["ids"]), len(graph["neighbors"])), (100, 100), "the records of a sample's graph")

    def explained(self, server):
        query = {"query_embeddings": [self.rows.query.tolist()], "n_results": 3, "where": {"year": 1611}, "explain": True, "include": []}
        explanation = self.post(server, "query", query)["explain"]
        matches = len(self.rows.matching(lambda m, d, i: m["year"] == 1611))
        equal(sum(part["matches"] for part in explanation["parts"]), matches, "the matches of an explanation")
        true("match" in explanation["text"], f"a text, found {explanation['text']}")
        # Limits are named, and nothing hangs.
        for body, status in (({"where": {"year": {"$between": [1]}}}, 400), ({"where": {"title": {"$regex": "(" * 50}}}, 400),
                             ({"where_document": {"$regex": "(a*)*" * 500}, "limit": 1}, 200), ({"where": nested(80)}, 400)):
            self.post(server, "get", body, status)

    # MARK: Steps of one state

    def forks(self, server):
        copy = self.collection.fork("songs-experiment")
        equal((copy.count(), self.collection.fork_count(), copy.fork_count()), (ROWS, 1, 1), "records and forks")
        copy.delete(where={"year": {"$lt": 1600}})
        left = len(self.rows.matching(lambda m, d, i: m["year"] >= 1600))
        equal((copy.count(), self.collection.count()), (left, ROWS), "records after a delete in the fork")
        print("forks: passed")

    def fork_is_still_there(self, server):
        copy = self.client.get_collection("songs-experiment", embedding_function=None)
        equal(copy.count(), len(self.rows.matching(lambda m, d, i: m["year"] >= 1600)), "records of the fork")
        self.client.delete_collection("songs")
        found = copy.get(ids=[self.rows.ids[120]], include=["documents"])
        equal(found["documents"], [self.rows.documents[120]], "a document of a fork whose source is gone")
        print("forks after a restart: passed")

    def ranked(self, server, collection, query, options):
        """The scores of a ranking by words, by id."""
        body = {"searches": [{"rank": {"$bm25": {"query": query, "limit": ROWS, "options": options}}, "limit": {"limit": ROWS}, "select": {"keys": ["#score"]}}]}
        status, text = server.call(f"{COLLECTIONS}/{collection.id}/search", body)
        equal(status, 200, f"a ranking with {options}: {text[:200]}")
        found = json.loads(text)
        return dict(zip(found["ids"][0], found["scores"][0]))

    def analyses(self, collection):
        """What the headers of its lookup files say of how words were made."""
        directory = os.path.join(self.data, "collections", str(collection.id))
        found = set()
        for name in os.listdir(directory):
            if name.endswith(".lookup"):
                with open(os.path.join(directory, name), "rb") as file:
                    found.add(file.read(72)[68:72])
        return found

    def languages(self, server):
        poems = self.client.create_collection("poems", embedding_function=None, metadata={"lyrica:language": "english"})
        poems.add(ids=["p1", "p2"], embeddings=[[0.1, 0.2], [0.3, 0.1]], documents=["The river runs to the sea.", "Stones do not run."])
        equal(list(self.ranked(server, poems, "running rivers", {})), ["p1", "p2"], "documents with the words in any form")
        equal(self.ranked(server, poems, "running rivers", {"language": "none"}), {}, "documents with the words as they are")
        equal(self.ranked(server, poems, "the", {}), {}, "documents with a stop word")
        for start in range(0, ROWS, 1_000):
            part = slice(start, start + 1_000)
            poems.add(ids=self.rows.ids[part], embeddings=self.rows.vectors[part, :2], documents=self.rows.documents[part])
        self.poems = {"none": None, "english": None, "german": None}
        for language in self.poems:
            self.poems[language] = self.ranked(server, poems, "Shepherds of the rivers", {"language": language})
        true(len(self.poems["english"]) > len(self.poems["none"]), "a stemmer to find more")
        server.call("/api/lyrica/v1/flush", {})
        self.wait_for_words(server, poems, "english", set())
        before = self.analyses(poems)
        poems.modify(metadata={"lyrica:language": "german"})
        self.wait_for_words(server, poems, "german", before)
        status, text = server.call(COLLECTIONS, {"name": "odd", "metadata": {"lyrica:language": "klingon"}})
        equal(status, 400, f"a language that nobody knows: {text}")
        print("languages: passed")

    def wait_for_words(self, server, poems, language, others):
        """Until all lookup files are of another analysis than `others`; rankings are right all the while."""
        end = time.monotonic() + SETTLE_SECONDS
        while not self.analyses(poems) or self.analyses(poems) & others:
            equal(self.ranked(server, poems, "Shepherds of the rivers", {}), self.poems[language], f"scores before there is an index in {language}")
            true(time.monotonic() < end, f"an index in {language} within {SETTLE_SECONDS} s")
            time.sleep(0.1)
        self.poems_are_ranked_alike(server)

    def poems_are_ranked_alike(self, server):
        poems = self.client.get_collection("poems", embedding_function=None)
        language = poems.metadata["lyrica:language"]
        for named, scores in self.poems.items():
            equal(self.ranked(server, poems, "Shepherds of the rivers", {"language": named}), scores, f"scores in {named}")
        equal(self.ranked(server, poems, "Shepherds of the rivers", {}), self.poems[language], f"scores in the collection's language, {language}")

    def transactions(self, server):
        accounts = self.client.create_collection("accounts", embedding_function=None)
        accounts.add(ids=["ada"], embeddings=[[1.0]], metadatas=[{"balance": 10}])
        path = f"{COLLECTIONS}/{accounts.id}/conditional/"

        def begin():
            status, text = server.call(path + "get", {"ids": ["ada"], "include": ["metadatas"]})
            equal(status, 200, f"a transaction's read: {text}")
            return json.loads(text)["read_token"]

        def commit(token, balance):
            change = {"operation": "update", "payload": {"ids": ["ada"], "metadatas": [{"balance": balance}]}}
            return server.call(path + "commit", {"read_token": token, "read_ids": ["ada"], "operations": [change]})
        first, second = begin(), begin()
        status, text = commit(first, 5)
        equal(status, 200, f"the first commit: {text}")
        status, text = commit(second, 7)
        equal(status, 409, f"the commit of what has changed meanwhile: {text}")
        equal(accounts.get(ids=["ada"])["metadatas"], [{"balance": 5}], "the balance")
        print("transactions: passed")

    def expiry(self, server):
        cache = self.client.create_collection("cache", embedding_function=None, metadata={"lyrica:ttl_seconds": 3600})
        cache.add(ids=["past", "future"], embeddings=[[1.0], [2.0]], metadatas=[{"lyrica:expires_at": 1}, {"lyrica:expires_at": 4_000_000_000}])
        cache.add(ids=["usual"], embeddings=[[3.0]])
        equal((cache.get()["ids"], cache.count()), (["future", "usual"], 2), "records that have not expired")
        until = cache.get(ids=["usual"])["metadatas"][0]["lyrica:expires_at"]
        true(abs(until - time.time() - 3600) < 60, f"an hour to live, found {until}")
        print("expiry: passed")


def nested(depth):
    where = {"year": 1}
    for _ in range(depth):
        where = {"$not": where}
    return where


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server-command", required=True, help="how the server is started, without its options")
    parser.add_argument("--seed", type=int, default=1, help="of the rows")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as directory:
        try:
            Searching(shlex.split(options.server_command), directory, options.seed).run()
        except AssertionError as error:
            print(f"failed: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
