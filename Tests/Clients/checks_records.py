"""Adding, changing, reading and deleting records."""

import numpy

from harness import check, equal, near, raises, true

TEXTS = ["grüße aus köln", "日本語の文書", "emoji 🎵🎶 and \u200bzero width", "quote \" slash \\ tab \t line\nend", ""]


def fill(collection, count=10, dimension=3):
    """`count` records r0…: vector [i, 1, 0…], an integer, a real, a string and a boolean each, and a document."""
    vectors = [[float(i), 1.0] + [0.0] * (dimension - 2) for i in range(count)]
    collection.add(
        ids=[f"r{i}" for i in range(count)],
        embeddings=vectors,
        metadatas=[{"n": i, "half": i / 2, "parity": "even" if i % 2 == 0 else "odd", "small": i < 5}
                   for i in range(count)],
        documents=[f"document number {i} {'alpha' if i % 2 == 0 else 'beta'}" for i in range(count)])
    return vectors


@check()
def add_count_get(s):
    c = s.collection("add")
    vectors = fill(c)
    equal(c.count(), 10, "count")
    got = c.get(ids=["r3"], include=["embeddings", "metadatas", "documents"])
    equal(got["ids"], ["r3"], "ids")
    equal(got["metadatas"], [{"n": 3, "half": 1.5, "parity": "odd", "small": True}], "metadatas")
    equal(got["documents"], ["document number 3 beta"], "documents")
    near(got["embeddings"], [vectors[3]], "embeddings")


@check()
def metadata_types_survive(s):
    c = s.collection("types")
    sent = {"i": 3, "f": 3.0, "b": True, "s": "3", "big": 2**53 + 1, "negative": -1, "tiny": 1e-300}
    c.add(ids=["x"], embeddings=[[1.0, 0.0]], metadatas=[sent])
    found = c.get(ids=["x"])["metadatas"][0]
    equal(found, sent, "metadata")
    equal({k: type(v) for k, v in found.items()}, {k: type(v) for k, v in sent.items()}, "types")


@check(lambda s: s.has_array_metadata)
def metadata_arrays_survive(s):
    c = s.collection("arrays")
    sent = {"words": ["a", "b"], "numbers": [1, 2, 3], "reals": [0.5, 1.5], "flags": [True, False]}
    c.add(ids=["x", "y"], embeddings=[[1.0, 0.0], [0.0, 1.0]], metadatas=[sent, {"words": ["c"]}])
    equal(c.get(ids=["x"])["metadatas"], [sent], "metadata")
    equal(c.get(where={"words": {"$contains": "b"}})["ids"], ["x"], "$contains")
    equal(c.get(where={"words": {"$not_contains": "b"}})["ids"], ["y"], "$not_contains")


@check()
def add_existing_id_keeps_the_old(s):
    c = s.collection("existing")
    c.add(ids=["a"], embeddings=[[1.0, 0.0]], documents=["old"])
    c.add(ids=["a", "b"], embeddings=[[0.0, 1.0], [0.5, 0.5]], documents=["new", "other"])
    equal(c.count(), 2, "count")
    equal(c.get(ids=["a"])["documents"], ["old"], "document")


@check()
def embeddings_as_numpy(s):
    c = s.collection("numpy")
    values = numpy.array([[s.random.uniform(-1, 1) for _ in range(16)] for _ in range(20)], dtype=numpy.float32)
    if s.version >= (0, 5, 0):
        c.add(ids=[str(i) for i in range(20)], embeddings=values)
    else:
        c.add(ids=[str(i) for i in range(20)], embeddings=values.tolist())
    got = c.get(include=["embeddings"])
    order = [int(name) for name in got["ids"]]
    near(got["embeddings"], values[order], "embeddings", tolerance=1e-6)


@check()
def unicode_survives(s):
    c = s.collection("unicode")
    ids = [f"ключ-{i}-🎵" for i in range(len(TEXTS))]
    c.add(ids=ids, embeddings=[[float(i), 1.0] for i in range(len(TEXTS))], documents=TEXTS,
          metadatas=[{"текст": text or "leer"} for text in TEXTS])
    got = c.get()
    equal(dict(zip(got["ids"], got["documents"])), dict(zip(ids, TEXTS)), "documents")
    equal(c.get(ids=[ids[0]])["metadatas"], [{"текст": TEXTS[0]}], "metadata")
    equal(c.get(where_document={"$contains": "köln"})["ids"], [ids[0]], "$contains beyond ASCII")


@check()
def upsert_inserts_and_replaces(s):
    c = s.collection("upsert")
    c.upsert(ids=["a"], embeddings=[[1.0, 0.0]], documents=["one"], metadatas=[{"k": 1}])
    c.upsert(ids=["a", "b"], embeddings=[[0.0, 1.0], [0.5, 0.5]], documents=["two", "three"],
             metadatas=[{"k": 2}, {"k": 3}])
    equal(c.count(), 2, "count")
    got = c.get(ids=["a"], include=["embeddings", "documents", "metadatas"])
    equal((got["documents"], got["metadatas"]), (["two"], [{"k": 2}]), "record")
    near(got["embeddings"], [[0.0, 1.0]], "embedding")


@check()
def update_is_partial(s):
    c = s.collection("update")
    fill(c, 3)
    c.update(ids=["r1"], metadatas=[{"n": 100, "new": "x"}])
    got = c.get(ids=["r1"], include=["embeddings", "documents", "metadatas"])
    equal(got["metadatas"], [{"n": 100, "half": 0.5, "parity": "odd", "small": True, "new": "x"}], "merged metadata")
    equal(got["documents"], ["document number 1 beta"], "document")
    near(got["embeddings"], [[1.0, 1.0, 0.0]], "embedding")
    c.update(ids=["r1"], embeddings=[[9.0, 9.0, 9.0]])
    got = c.get(ids=["r1"], include=["embeddings", "documents"])
    near(got["embeddings"], [[9.0, 9.0, 9.0]], "new embedding")
    equal(got["documents"], ["document number 1 beta"], "document after a new embedding")
    c.update(ids=["r1"], embeddings=[[1.0, 1.0, 1.0]], documents=["changed"])
    equal(c.get(ids=["r1"])["documents"], ["changed"], "new document")
    equal(c.get(where_document={"$contains": "changed"})["ids"], ["r1"], "search for the new document")
    equal(c.get(where_document={"$contains": "number 1"})["ids"], [], "search for the old document")


@check(lambda s: s.is_current)
def update_with_none_removes_a_key(s):
    """Older lines are left out: they refuse None themselves."""
    c = s.collection("none")
    fill(c, 2)
    c.update(ids=["r1"], metadatas=[{"half": None, "n": 5}])
    equal(c.get(ids=["r1"])["metadatas"], [{"n": 5, "parity": "odd", "small": True}], "metadata")
    equal(c.get(where={"half": 0.5})["ids"], [], "search for the removed key")


@check()
def update_of_an_absent_id_does_nothing(s):
    c = s.collection("absent")
    fill(c, 2)
    c.update(ids=["nobody"], metadatas=[{"n": 5}])
    equal(c.count(), 2, "count")


@check()
def get_by_ids(s):
    c = s.collection("ids")
    fill(c)
    equal(sorted(c.get(ids=["r5", "r1", "nobody"])["ids"]), ["r1", "r5"], "ids, absent ones left out")
    equal(c.get(ids=["nobody"])["ids"], [], "only absent ids")


@check()
def get_with_limit_and_offset(s):
    c = s.collection("pages")
    fill(c)
    equal(len(c.get(limit=4)["ids"]), 4, "limit")
    pages = [c.get(limit=4, offset=offset)["ids"] for offset in (0, 4, 8, 12)]
    equal([len(page) for page in pages], [4, 4, 2, 0], "sizes of pages")
    equal(sorted(sum(pages, [])), sorted(f"r{i}" for i in range(10)), "all pages together")
    equal(len(c.get(where={"parity": "odd"}, limit=2, offset=4)["ids"]), 1, "a page of a filter")


@check()
def include_selects_fields(s):
    c = s.collection("include")
    fill(c, 2)
    got = c.get(include=["documents"])
    true(got["metadatas"] is None and got["embeddings"] is None, f"fields not asked for are None: {got}")
    equal(len(got["documents"]), 2, "documents")
    got = c.get(include=[])
    true(got["documents"] is None and got["metadatas"] is None, f"nothing asked for: {got}")
    equal(len(got["ids"]), 2, "ids come always")
    got = c.get()
    true(got["embeddings"] is None and len(got["documents"]) == 2, "embeddings are not in the default")


@check()
def peek_shows_the_first(s):
    c = s.collection("peek")
    fill(c)
    got = c.peek(limit=3)
    equal(len(got["ids"]), 3, "ids")
    equal(len(got["embeddings"]), 3, "embeddings")
    equal(len(c.peek()["ids"]), 10, "default")


@check()
def delete_by_ids_and_filters(s):
    c = s.collection("delete")
    fill(c)
    result = c.delete(ids=["r0", "r1"])
    if s.version >= (1, 5, 0):
        equal(result["deleted"], 2, "deleted")
    equal(c.count(), 8, "count after ids")
    c.delete(where={"n": {"$gte": 8}})
    equal(c.count(), 6, "count after where")
    c.delete(where_document={"$contains": "beta"})
    equal(sorted(c.get()["ids"]), ["r2", "r4", "r6"], "left after where_document")
    c.delete(ids=["r2", "r4"], where={"n": 4})
    equal(sorted(c.get()["ids"]), ["r2", "r6"], "left after ids and where together")
    c.add(ids=["r0"], embeddings=[[7.0, 7.0, 7.0]], documents=["back"])
    near(c.get(ids=["r0"], include=["embeddings"])["embeddings"], [[7.0, 7.0, 7.0]], "a deleted id added again")
    equal(c.get(ids=["r0"])["metadatas"], [None], "without its old metadata")


@check()
def many_records_in_one_batch(s):
    c = s.collection("batch")
    count = 2000
    vectors = [[s.random.uniform(-1, 1) for _ in range(8)] for _ in range(count)]
    c.add(ids=[str(i) for i in range(count)], embeddings=vectors, metadatas=[{"n": i} for i in range(count)])
    equal(c.count(), count, "count")
    equal(sorted(c.get(where={"n": {"$lt": 3}})["ids"]), ["0", "1", "2"], "filter")


@check()
def empty_collection_answers(s):
    c = s.collection("empty")
    equal(c.count(), 0, "count")
    equal(c.get()["ids"], [], "get")
    equal(c.peek()["ids"], [], "peek")


@check()
def add_with_unequal_lengths_is_refused(s):
    c = s.collection("lengths")
    raises(lambda: c.add(ids=["a", "b"], embeddings=[[1.0, 0.0]]), ".")
    equal(c.count(), 0, "nothing was added")
