"""What goes wrong, as each line of clients raises it."""

import uuid

from checks_records import fill
from harness import check, equal, raises, true


@check()
def absent_collection(s):
    name = "absent" + uuid.uuid4().hex
    kinds, text = s.missing_collection
    raises(lambda: s.client.get_collection(name, embedding_function=None), text, kinds)
    raises(lambda: s.client.delete_collection(name), "does not exist")


@check()
def deleted_collection_object(s):
    c = s.collection("deleted")
    fill(c, 2)
    s.client.delete_collection(c.name)
    kinds, text = s.missing_collection_by_id
    raises(lambda: c.add(ids=["x"], embeddings=[[1.0, 2.0, 3.0]]), text, kinds)
    raises(lambda: c.get(), text, kinds)
    raises(lambda: c.query(query_embeddings=[[1.0, 2.0, 3.0]], n_results=1), text, kinds)


@check()
def duplicate_collection(s):
    c = s.collection("twice")
    kinds, text = s.duplicate_collection
    raises(lambda: s.client.create_collection(c.name, embedding_function=None), text, kinds)


@check()
def wrong_dimension(s):
    c = s.collection("dimension")
    fill(c, 2, dimension=3)
    kinds, text = s.wrong_dimension
    raises(lambda: c.add(ids=["x"], embeddings=[[1.0, 2.0]]), text, kinds)
    raises(lambda: c.query(query_embeddings=[[1.0, 2.0]], n_results=1), text, kinds)
    equal(c.count(), 2, "nothing was added")


@check()
def bad_names(s):
    kinds, text = s.bad_name
    for name in ("a", "-starts-badly", "white space", "x" * 600):
        raises(lambda: s.client.create_collection(name, embedding_function=None), text, kinds)


@check()
def bad_where(s):
    c = s.collection("where")
    fill(c, 2)
    raises(lambda: c.get(where={"n": {"$bogus": 1}}), "Expected where operator|Invalid where")
    raises(lambda: c.get(where={"n": {"$gt": "text"}}), "Expected operand value|Invalid where")
    raises(lambda: c.get(where_document={"$bogus": "x"}), "Expected where document operator|Invalid where")
    raises(lambda: c.get(where={"$and": [{"n": 1}]}), "at least two|Invalid where") if not s.is_current else None


@check(lambda s: s.is_current)
def bad_regular_expression(s):
    c = s.collection("bad-regex")
    fill(c, 2)
    raises(lambda: c.get(where_document={"$regex": "number ("}), ".", s.kind("ChromaError"))
    equal(c.count(), 2, "the server goes on")


@check()
def duplicate_ids_in_one_call(s):
    c = s.collection("duplicates")
    raises(lambda: c.add(ids=["a", "a"], embeddings=[[1.0], [2.0]]), "(?i)expected ids to be unique|duplicate")
    equal(c.count(), 0, "nothing was added")


@check()
def bad_metadata(s):
    c = s.collection("metadata")
    raises(lambda: c.add(ids=["a"], embeddings=[[1.0]], metadatas=[{"nested": {"a": 1}}]), "(?i)metadata")
    equal(c.count(), 0, "nothing was added")


@check()
def rename_to_a_taken_name(s):
    first, second = s.collection("taken"), s.collection("mover")
    raises(lambda: second.modify(name=first.name), "(?i)already exists|unique")
    equal(s.client.get_collection(first.name, embedding_function=None).id, first.id, "the first keeps its name")


@check(lambda s: s.is_current)
def error_types_of_the_current_line(s):
    from chromadb.errors import NotFoundError
    error = raises(lambda: s.client.get_collection("absent" + uuid.uuid4().hex), "does not exist", NotFoundError)
    true(error.code() == 404, f"code 404, found {error.code()}")
