"""Nearest neighbours: distances to the digit, filters, shapes of answers."""

import math

import numpy

from checks_records import fill
from harness import check, equal, near, true

SPACES = ("l2", "ip", "cosine")


def distance(space, a, b):
    if space == "l2":
        return sum((x - y) ** 2 for x, y in zip(a, b))
    dot = sum(x * y for x, y in zip(a, b))
    if space == "ip":
        return 1.0 - dot
    norms = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
    return 1.0 - dot / norms


def rounded(vector):
    return [float(numpy.float32(x)) for x in vector]


def distances_of(s, space):
    """200 random vectors: the ten nearest of three queries are the true ones, with the true distances."""
    c = s.collection("space-" + space, metadata={"hnsw:space": space, "hnsw:search_ef": 200})
    rows = [rounded(s.random.gauss(0, 1) for _ in range(24)) for _ in range(200)]
    c.add(ids=[str(i) for i in range(200)], embeddings=rows)
    queries = [rounded(s.random.gauss(0, 1) for _ in range(24)) for _ in range(3)]
    found = c.query(query_embeddings=queries, n_results=10, include=["distances"])
    for position, query in enumerate(queries):
        expected = sorted((distance(space, query, row), str(i)) for i, row in enumerate(rows))[:10]
        equal(found["ids"][position], [name for _, name in expected], f"{space} neighbours of query {position}")
        near(found["distances"][position], [d for d, _ in expected], f"{space} distances", tolerance=2e-5)


@check()
def distances_l2(s):
    distances_of(s, "l2")


@check()
def distances_ip(s):
    distances_of(s, "ip")


@check()
def distances_cosine(s):
    distances_of(s, "cosine")


@check()
def default_space_is_squared_l2(s):
    c = s.collection("default-space")
    c.add(ids=["a", "b"], embeddings=[[0.0, 0.0], [3.0, 4.0]])
    found = c.query(query_embeddings=[[0.0, 0.0]], n_results=2)
    equal(found["ids"], [["a", "b"]], "ids")
    near(found["distances"], [[0.0, 25.0]], "distances")


@check()
def zero_vectors_are_ordinary(s):
    for space in SPACES:
        c = s.collection("zero-" + space, metadata={"hnsw:space": space})
        c.add(ids=["zero", "one"], embeddings=[[0.0] * 8, [1.0] + [0.0] * 7])
        for query in ([0.0] * 8, [1.0] + [0.0] * 7):
            found = c.query(query_embeddings=[query], n_results=2)
            equal(sorted(found["ids"][0]), ["one", "zero"], f"ids with {space}")
            true(all(math.isfinite(d) for d in found["distances"][0]), f"{space}: {found['distances']}")


@check()
def query_returns_what_is_included(s):
    c = s.collection("included")
    vectors = fill(c)
    found = c.query(query_embeddings=[vectors[2]], n_results=1,
                    include=["metadatas", "documents", "distances", "embeddings"])
    equal(found["ids"], [["r2"]], "ids")
    equal(found["documents"], [["document number 2 alpha"]], "documents")
    equal(found["metadatas"][0][0]["n"], 2, "metadata")
    near(found["embeddings"][0], [vectors[2]], "embeddings")
    near(found["distances"], [[0.0]], "distances")
    found = c.query(query_embeddings=[vectors[2]], n_results=1, include=["documents"])
    true(found["distances"] is None and found["metadatas"] is None, f"fields not asked for are None: {found}")


@check()
def query_with_numpy_and_one_vector(s):
    c = s.collection("one-vector")
    fill(c)
    query = numpy.array([[4.0, 1.0, 0.0], [6.0, 1.0, 0.0]], dtype=numpy.float32)
    values = query if s.version >= (0, 5, 0) else query.tolist()
    equal(c.query(query_embeddings=values, n_results=1)["ids"], [["r4"], ["r6"]], "two queries")
    equal(c.query(query_embeddings=[4.0, 1.0, 0.0], n_results=1)["ids"], [["r4"]], "one flat vector")


@check()
def query_with_filters(s):
    c = s.collection("filtered")
    fill(c)
    zero = [[0.0, 1.0, 0.0]]

    def ids(**values):
        return c.query(query_embeddings=zero, n_results=10, **values)["ids"][0]

    equal(ids(where={"parity": "odd"}), ["r1", "r3", "r5", "r7", "r9"], "string equality")
    equal(ids(where={"n": {"$gt": 6}}), ["r7", "r8", "r9"], "$gt")
    equal(ids(where={"n": {"$lte": 1}}), ["r0", "r1"], "$lte")
    equal(ids(where={"half": {"$gte": 4.0}}), ["r8", "r9"], "$gte on reals")
    equal(ids(where={"n": {"$in": [3, 1, 99]}}), ["r1", "r3"], "$in")
    equal(ids(where={"n": {"$nin": list(range(8))}}), ["r8", "r9"], "$nin")
    equal(ids(where={"parity": {"$ne": "odd"}}), ["r0", "r2", "r4", "r6", "r8"], "$ne")
    equal(ids(where={"$and": [{"n": {"$gt": 2}}, {"n": {"$lt": 5}}]}), ["r3", "r4"], "$and")
    equal(ids(where={"$or": [{"n": 9}, {"$and": [{"parity": "even"}, {"n": {"$lt": 2}}]}]}), ["r0", "r9"], "$or")
    equal(ids(where_document={"$contains": "number 7"}), ["r7"], "$contains")
    equal(ids(where_document={"$or": [{"$contains": "number 7"}, {"$contains": "number 2"}]}), ["r2", "r7"],
          "$or of documents")
    equal(ids(where={"n": {"$lt": 4}}, where_document={"$contains": "alpha"}), ["r0", "r2"], "both filters")
    equal(ids(where={"parity": "neither"}), [], "nothing matches")
    if s.version >= (0, 4, 24):
        equal(ids(where_document={"$not_contains": "alpha"}), ["r1", "r3", "r5", "r7", "r9"], "$not_contains")
    equal(c.query(query_embeddings=zero, n_results=2, where={"n": {"$gt": 5}})["ids"], [["r6", "r7"]],
          "filter and k together")


@check(lambda s: s.has_tenants)
def filters_on_booleans(s):
    """0.4.14 is left out: it refuses booleans in `where` itself."""
    c = s.collection("booleans")
    fill(c)
    equal(sorted(c.get(where={"small": False})["ids"]), ["r5", "r6", "r7", "r8", "r9"], "booleans")


@check(lambda s: s.is_current)
def regular_expressions(s):
    c = s.collection("regex")
    fill(c)
    equal(sorted(c.get(where_document={"$regex": "number [2-4] "})["ids"]), ["r2", "r3", "r4"], "$regex")
    equal(sorted(c.get(where_document={"$not_regex": "number [2-9] "})["ids"]), ["r0", "r1"], "$not_regex")


@check(lambda s: s.is_current)
def query_among_ids(s):
    c = s.collection("among")
    fill(c)
    found = c.query(query_embeddings=[[0.0, 1.0, 0.0]], ids=["r8", "r4", "r6"], n_results=2)
    equal(found["ids"], [["r4", "r6"]], "nearest among the ids")


@check()
def negation_matches_missing_keys(s):
    c = s.collection("missing")
    c.add(ids=["with", "without"], embeddings=[[1.0, 0.0], [0.0, 1.0]], metadatas=[{"k": 1, "o": 1}, {"o": 1}])
    if s.speaks_v2:
        equal(sorted(c.get(where={"k": {"$ne": 1}})["ids"]), ["without"], "$ne")
        equal(sorted(c.get(where={"k": {"$nin": [1]}})["ids"]), ["without"], "$nin")
    equal(c.get(where={"k": {"$gte": 0}})["ids"], ["with"], "$gte")


@check()
def query_sees_writes_at_once(s):
    c = s.collection("fresh")
    for i in range(20):
        c.add(ids=[str(i)], embeddings=[[float(i), 0.0]])
        equal(c.query(query_embeddings=[[float(i), 0.0]], n_results=1)["ids"], [[str(i)]], f"after write {i}")
    c.delete(ids=["19"])
    equal(c.query(query_embeddings=[[19.0, 0.0]], n_results=1)["ids"], [["18"]], "after delete")
    c.update(ids=["0"], embeddings=[[50.0, 0.0]])
    equal(c.query(query_embeddings=[[50.0, 0.0]], n_results=1)["ids"], [["0"]], "after update")


@check(lambda s: s.is_current)
def fewer_rows_than_asked(s):
    c = s.collection("few")
    fill(c, 3)
    equal(len(c.query(query_embeddings=[[0.0, 1.0, 0.0]], n_results=50)["ids"][0]), 3, "results")
