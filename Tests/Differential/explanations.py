"""Whether a known difference accounts for what two answers disagree in: one function per entry of differences.py."""

import json
import math
import re

import oracle
from comparison import COLUMNS, float32, is_records, rows_of

SYNTAX = "Failed to parse the request body as JSON"
TYPES = "Failed to deserialize the JSON body into the target type"


def both_error(case, *statuses):
    return (case.ours.status in statuses and case.chroma.status in statuses
            and isinstance(case.ours.value, dict) and isinstance(case.chroma.value, dict))


def level(case, value=None):
    """Makes the two answers equal: the difference accounts for all of it."""
    case.ours = case.chroma.copy()
    if value is not None:
        case.ours.value = case.chroma.value = value
    return True


def json_errors(case):
    if not both_error(case, 400, 422):
        return False
    ours, chroma = case.ours.message or "", case.chroma.message or ""
    for prefix in (SYNTAX, TYPES):
        # The status, the class of the error and the words clients can match on are the same; the detail is serde's.
        if (ours.startswith(prefix) and chroma.startswith(prefix) and case.ours.error_name == case.chroma.error_name
                and case.ours.status == case.chroma.status and ours != chroma):
            return level(case)
    # Chroma stops at the first fault of either sort, ours looks at the syntax of the whole text first.
    if ours.startswith(SYNTAX) and chroma.startswith(TYPES) and case.body is None:
        return level(case)
    # Of a value of the wrong type deep in a well-formed body serde says now and then that it is no value at all.
    if ours.startswith(TYPES) and chroma.startswith(SYNTAX) and "expected value" in chroma and case.body is not None:
        return level(case)
    return False


def filter_detail(case):
    words = "Invalid where clause"
    if not both_error(case, 400) or case.chroma.message != words or not (case.ours.message or "").startswith(words + ": "):
        return False
    return level(case)


def overflowing_distances(case):
    ours, chroma = case.ours.value, case.chroma.value
    if not is_records(ours) or not is_records(chroma) or not ours.get("distances") or not chroma.get("distances"):
        return False
    changed = False
    for left, right in zip(ours["distances"], chroma["distances"]):
        for index, (a, b) in enumerate(zip(left, right)):
            if b is None and a is not None and abs(a) > 3.4e38:
                right[index], changed = a, True
    return changed


def lone_surrogates(case):
    text = case.request.get("body") or ""
    units = [int(unit, 16) for unit in re.findall(r"\\u([0-9a-fA-F]{4})", text)]
    halves = sum(0xD800 <= unit < 0xDC00 for unit in units) - sum(0xDC00 <= unit < 0xE000 for unit in units)
    return (halves != 0 and case.ours.status == 400 and (case.ours.message or "").startswith(SYNTAX)
            and case.chroma.status == 200 and level(case))


def depth_limit(case):
    return (both_error(case, 400, 422) and "recursion limit exceeded" in (case.chroma.message or "")) and level(case)


def random_order_of_parameters(case):
    def sorted_parameters(message):
        match = re.search(r"length \[\{(.*)\}\]", message or "")
        return message if not match else "length " + ", ".join(sorted(re.findall(r'"\w+": \w+\([^)]*\)', match.group(1))))
    if not both_error(case, 400) or case.ours.message == case.chroma.message:
        return False
    same = sorted_parameters(case.ours.message) == sorted_parameters(case.chroma.message)
    # Ours names the same field and rule without the internal form.
    named = "Validation error: length [" in (case.chroma.message or "") and "Validation error: name" in (case.ours.message or "")
    return (same or named) and level(case)


def several_validation_errors(case):
    prefix, chroma = "Validation error: ", case.chroma.message or ""
    if not both_error(case, 400) or not chroma.startswith(prefix) or "\n" not in chroma:
        return False
    ours = (case.ours.message or "").removeprefix(prefix).split("\n")
    # All of them in any order, or one of them.
    return set(ours) <= set(chroma.removeprefix(prefix).split("\n")) and level(case)


def unique_constraint(case):
    if (both_error(case, 409) and case.ours.error_name == "UniqueConstraintError"
            and case.chroma.error_name == "ChromaError"):
        case.ours.value["error"] = "ChromaError"
        return True
    return False


def repeated_identifiers(case):
    ids = case.body.get("ids") if isinstance(case.body, dict) else None
    if case.kind != "add" or not isinstance(ids, list) or case.chroma.status not in (201, 400) or case.ours.status != 400:
        return False
    if len(set(map(json.dumps, ids))) == len(ids) or case.ours.error_name != "DuplicateID":
        return False
    case.diverged = case.chroma.status == 201
    return level(case)


def honest_deleted(case):
    if case.kind != "delete" or case.ours.status != 200 or case.chroma.status != 200 or not isinstance(case.body, dict):
        return False
    ids = case.body.get("ids")
    if not ids or case.body.get("where") is not None or case.body.get("where_document") is not None:
        return False
    present = sum(identifier in case.run.before for identifier in set(ids))
    return case.chroma.value == {"deleted": len(ids)} and case.ours.value == {"deleted": present} and level(case)


def order_as_asked(case):
    ids = case.body.get("ids") if isinstance(case.body, dict) else None
    if case.kind != "get" or not ids or case.ours.status != 200 or case.chroma.status != 200:
        return False
    ours, chroma = rows_of(case.ours.value), rows_of(case.chroma.value)
    if ours is None or chroma is None:
        return False
    asked = [identifier for identifier in dict.fromkeys(ids)]
    got = [row["ids"] for row in ours]
    if got != [identifier for identifier in asked if identifier in set(got)]:
        return False
    paged = case.body.get("limit") is not None or bool(case.body.get("offset"))
    if paged and len(ours) == len(chroma) and set(got) != {row["ids"] for row in chroma}:
        return level(case)
    for answer, rows in ((case.ours, ours), (case.chroma, chroma)):
        rows.sort(key=lambda row: row["ids"])
        for name in COLUMNS:
            if answer.value.get(name) is not None:
                answer.value[name] = [row[name] for row in rows]
    return True


def collection_order(case):
    if case.request["method"] != "GET" or not case.path.split("?")[0].endswith("/collections"):
        return False
    if case.ours.status != 200 or case.chroma.status != 200:
        return False
    if not isinstance(case.ours.value, list) or len(case.ours.value) != len(case.chroma.value):
        return False
    if "limit=" in case.path or "offset=" in case.path:
        return level(case)
    for answer in (case.ours, case.chroma):
        answer.value.sort(key=lambda collection: collection["name"])
    return True


def fractional_numbers(case):
    where = case.body.get("where") if isinstance(case.body, dict) else None
    if case.kind not in ("get", "query") or not oracle.has_fraction(where):
        return False
    if case.ours.status != 200 or case.chroma.status != 200:
        return False
    everything = case.everything()
    if everything is None:
        return False

    def allowed(truncating):
        ids, document = case.body.get("ids"), case.body.get("where_document")
        return [identifier for identifier, record in everything.items()
                if (ids is None or identifier in ids) and oracle.matches(record, where, truncating)
                and (document is None or oracle.matches_document(record, document))]

    exact, truncated = allowed(False), allowed(True)
    if case.kind == "get":
        limit, offset = case.body.get("limit"), case.body.get("offset") or 0

        def page(ids):
            return set(ids[offset:] if limit is None else ids[offset:offset + limit])
        asked = case.body.get("ids")
        if asked:
            exact.sort(key=asked.index)
        right = set(case.ours.value["ids"]) == page(exact) and set(case.chroma.value["ids"]) == page(truncated)
        return right and exact != truncated and level(case)
    limit = case.body.get("n_results")
    limit = 10 if limit is None else limit

    def fits(answer, ids):
        return all(set(found) <= set(ids) and len(found) == min(limit, len(ids)) for found in answer.value["ids"])
    return set(exact) != set(truncated) and fits(case.ours, exact) and fits(case.chroma, truncated) and level(case)


def reference_failed(case):
    if case.chroma.status not in (0, 500) or not 200 <= case.ours.status < 500:
        return False
    case.diverged = case.request["method"] != "GET" and case.kind not in ("get", "query")
    return level(case)


def answered_rows(answer):
    """Every record of a `get` or of each vector of a `query`, as the columns that hold it and its place in them."""
    value = answer.value
    nested = bool(value["ids"]) and isinstance(value["ids"][0], list)
    for index, identifiers in enumerate(value["ids"] if nested else [value["ids"]]):
        columns = {name: value[name][index] if nested else value[name] for name in COLUMNS if value.get(name) is not None}
        for place in range(len(identifiers)):
            yield columns, place


def both_records(case):
    return (case.kind in ("get", "query") and case.ours.status == case.chroma.status == 200
            and is_records(case.ours.value) and is_records(case.chroma.value))


def normalised_embeddings(case):
    """Takes Chroma's rounding out of the embeddings of a cosine collection."""
    if not both_records(case) or case.chroma.value.get("embeddings") is None or case.space() != "cosine":
        return False
    originals = {columns["ids"][place]: columns["embeddings"][place] for columns, place in answered_rows(case.ours)
                 if "embeddings" in columns}
    changed = False
    for columns, place in answered_rows(case.chroma):
        row, original = columns["embeddings"][place], originals.get(columns["ids"][place])
        if not row or not original or len(row) != len(original) or row == original:
            continue
        # The length of a vector of huge numbers is beyond 32-bit floats: of its numbers Chroma then gives back null.
        overflows = sum(b * b for b in original) > 3.4e38
        if all(overflows if a is None else abs(a - b) <= 1e-5 * max(abs(a), abs(b)) for a, b in zip(row, original)):
            columns["embeddings"][place] = original
            changed = True
    return changed


def hidden_uri(case):
    """A record without metadata that has a uri: `{}` at Chroma."""
    if not both_records(case) or case.chroma.value.get("metadatas") is None:
        return False
    bare = {columns["ids"][place] for columns, place in answered_rows(case.ours) if columns["metadatas"][place] is None}
    uris, changed = None, False
    for columns, place in answered_rows(case.chroma):
        identifier = columns["ids"][place]
        if columns["metadatas"][place] == {} and identifier in bare:
            uris = case.run.uris(case.key) if uris is None else uris
            if uris.get(identifier) is not None:
                columns["metadatas"][place] = None
                changed = True
    return changed


def collections_of(answer):
    """The collections that an answer describes, by name."""
    if answer.status != 200:
        return {}
    return {value["name"]: value for value in (answer.value if isinstance(answer.value, list) else [answer.value])
            if isinstance(value, dict) and "configuration_json" in value}


def log_position(case):
    ours, chroma = collections_of(case.ours), collections_of(case.chroma)
    changed = False
    for name in ours.keys() & chroma.keys():
        left, right = ours[name]["log_position"], chroma[name]["log_position"]
        if type(left) is int and type(right) is int and left > right:
            ours[name]["log_position"], changed = right, True
    return changed


def several_keys(filter_):
    """Whether some object of a `where` has several plain keys; every one of them a condition that could stand alone."""
    if isinstance(filter_, list):
        return any(several_keys(child) for child in filter_)
    if not isinstance(filter_, dict):
        return False
    if len(filter_) > 1:
        return not any(key.startswith("$") for key in filter_)
    return any(several_keys(filter_[key]) for key in ("$and", "$or") if key in filter_)


def joined_keys(case):
    where = case.body.get("where") if isinstance(case.body, dict) else None
    if not several_keys(where) or case.chroma.status != 400 or case.chroma.message != "Invalid where clause":
        return False
    if case.ours.status != 200:
        return False
    case.diverged = case.kind == "delete"
    return level(case)


def version(case):
    changed = False
    chroma = collections_of(case.chroma)
    for name, collection in collections_of(case.ours).items():
        if type(collection["version"]) is int and collection["version"] > 0 and chroma.get(name, {}).get("version") == 0:
            collection["version"], changed = 0, True
    return changed


def unseen_kinds(case):
    """Takes kinds of metadata keys that no record ever showed out of the schema that Chroma answers with."""
    ours, chroma = collections_of(case.ours), collections_of(case.chroma)
    changed = False
    for name in ours.keys() & chroma.keys():
        schema, known = chroma[name].get("schema"), ours[name].get("schema")
        if not schema or not known:
            continue
        # The normalised id names the collection by the key it goes by in this run.
        repeats = chroma[name]["id"].strip("<>") in case.run.repeated
        for key, kinds in list(schema["keys"].items()):
            for kind in list(kinds):
                unseen = kind not in known["keys"].get(key, {}) and kinds[kind] == schema["defaults"].get(kind)
                if not key.startswith("#") and unseen and (kind == "bool" or repeats):
                    del kinds[kind]
                    changed = True
            if not kinds:
                del schema["keys"][key]
    return changed


def trailing_slash(case):
    return (case.request["method"] == "GET" and case.path.endswith("/") and case.chroma.status == 404 and case.chroma.text == ""
            and case.ours.status == 200 and isinstance(case.ours.value, list) and level(case))


def overflowing_query(case):
    vectors = case.body.get("query_embeddings") if isinstance(case.body, dict) else None
    if case.kind != "query" or not isinstance(vectors, list) or case.ours.status != 400 or case.chroma.status == 400:
        return False
    too_large = any(isinstance(number, (int, float)) and math.isinf(float32(number))
                    for vector in vectors if isinstance(vector, list) for number in vector)
    return too_large and "NaN or Infinity" in (case.ours.message or "") and level(case)


def indexing_status(case):
    fields = {"op_indexing_progress", "num_unindexed_ops", "num_indexed_ops", "total_ops"}
    return (case.path.endswith("/indexing_status") and case.chroma.status == 500 and case.ours.status == 200
            and set(case.ours.value or ()) == fields and level(case))


def batch_size(case):
    if not case.path.endswith("/pre-flight-checks") or case.ours.status != 200:
        return False
    if case.ours.value.get("max_batch_size", 0) >= 100_000:
        case.ours.value["max_batch_size"] = case.chroma.value["max_batch_size"]
        return True
    return False


def routing(case):
    if case.chroma.status in (404, 405) and case.ours.status == case.chroma.status and case.chroma.text == "":
        return isinstance(case.ours.value, dict) and set(case.ours.value) == {"error", "message"} and level(case)
    return False


def absent_collection(message):
    return bool(re.fullmatch(r"Collection \[[^\]]*\] does not exist\.|Collection ID is not a valid UUIDv4", message or ""))


def rule_before_collection(case):
    if not isinstance(case.ours.value, dict) or not isinstance(case.chroma.value, dict) or "{id:" in case.path and case.exists():
        return False
    # The body's own fault is there: the request is refused for it at a collection that exists, too.
    return (case.ours.status == 400 and case.chroma.status in (400, 404) and absent_collection(case.chroma.message)
            and not absent_collection(case.ours.message) and case.ours.message is not None and level(case))


def counts_before_dimension(case):
    return (both_error(case, 400) and case.kind in ("add", "update", "upsert")
            and (case.chroma.message or "").startswith("Collection expecting embedding with dimension of ")
            and case.ours.message == "Inconsistent number of IDs, embeddings, documents, URIs and metadatas"
            and isinstance(case.body, dict)
            and len({len(column) for column in (case.body.get(name) for name in ("ids", "embeddings", "documents", "metadatas", "uris"))
                     if isinstance(column, list)}) > 1 and level(case))


def beyond_one_node(case):
    beyond = case.path.rsplit("/", 1)[-1] in ("fork", "search", "fork_count")
    return beyond and case.chroma.status == 501 and case.ours.status in (200, 400, 404) and level(case)


def regular_expression_message(case):
    chroma = case.chroma.message or ""
    return (both_error(case, 400) and case.ours.error_name == case.chroma.error_name
            and chroma.startswith("Regex syntax errror: ") and (case.ours.message or "").startswith("Regex syntax errror: ")
            and level(case))


def missing_parent(case):
    if case.kind != "tenancy" or case.ours.status != 404 or case.ours.error_name != "NotFoundError":
        return False
    if case.request["method"] != "POST" or case.chroma.status != 200 or case.chroma.value != {}:
        return False
    case.diverged = True
    return level(case)
