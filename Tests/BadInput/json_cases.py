"""Bad bodies: every one must be answered with a clear 4xx, except where a case says that it is welcome.

A case is (name, method, path, body, expectation). Expectations: "refused" is any 4xx, a number is that status, "bounded"
is any answer below 500 (what counts is that there is one), "accepted" is 2xx. `{id}` in a path is a collection of
dimension 3 that holds a few records, `{fresh}` an empty one without a dimension.
"""

import base64
import json
import struct

V2 = "/api/v2/tenants/default_tenant/databases/default_database"
V1 = "/api/v1"
DEEP = 10_000
PRIVATE = "nobody-else-s-business"

TYPE_SAMPLES = {"null": None, "boolean": True, "integer": 3, "fraction": 1.5, "negative": -1, "string": "x",
                "array": [7], "object": {"zz": {}}}

# Endpoint: method, path, a valid body, and the JSON types that each field takes.
V2_ENDPOINTS = [
    ("POST", "/api/v2/tenants", {"name": "bad-input-tenant"}, {"name": ["string"]}),
    ("POST", "/api/v2/tenants/default_tenant/databases", {"name": "bad-input-db"}, {"name": ["string"]}),
    ("POST", V2 + "/collections", {"name": "bad-input-new", "get_or_create": True, "metadata": {"a": 1}},
     {"name": ["string"], "get_or_create": ["boolean"], "metadata": ["null", "object"],
      "configuration": ["null", "object"], "schema": ["null", "object"]}),
    ("PUT", V2 + "/collections/{id}", {}, {"new_name": ["null", "string"], "new_metadata": ["null", "object"],
                                           "new_configuration": ["null", "object"]}),
] + [
    ("POST", V2 + "/collections/{id}/" + operation, {"ids": ["r"], "embeddings": [[1, 2, 3]]},
     {"ids": ["array"], "embeddings": ["array"] + (["null"] if operation == "update" else []),
      "documents": ["null", "array"], "metadatas": ["null", "array"], "uris": ["null", "array"]})
    for operation in ("add", "upsert", "update")
] + [
    ("POST", V2 + "/collections/{id}/get", {"ids": ["a"]},
     {"ids": ["null", "array"], "where": ["null", "object"], "where_document": ["null", "object"],
      "limit": ["null", "integer"], "offset": ["null", "integer"], "include": ["array", "null"]}),
    ("POST", V2 + "/collections/{id}/query", {"query_embeddings": [[1, 2, 3]]},
     {"query_embeddings": ["array"], "n_results": ["null", "integer"], "ids": ["null", "array"],
      "where": ["null", "object"], "where_document": ["null", "object"], "include": ["array", "null"]}),
    ("POST", V2 + "/collections/{id}/delete", {"ids": ["never-there"]},
     {"ids": ["null", "array"], "where": ["null", "object"], "where_document": ["null", "object"],
      "limit": ["null", "integer"]}),
]

V1_ENDPOINTS = [
    ("POST", V1 + "/tenants", {"name": "bad-input-tenant1"}, {"name": ["string"]}),
    ("POST", V1 + "/databases", {"name": "bad-input-db1"}, {"name": ["string"]}),
    ("POST", V1 + "/collections", {"name": "bad-input-new1", "get_or_create": True}, {"name": ["string"]}),
] + [(method, path.replace(V2, V1), body, types) for method, path, body, types in V2_ENDPOINTS[4:]]


def wrong_types(endpoints):
    for method, path, valid, fields in endpoints:
        for field, accepted in fields.items():
            for kind, sample in TYPE_SAMPLES.items():
                if kind in accepted or kind == "null":
                    continue
                body = dict(valid, **{field: sample})
                yield f"{field} is {kind}: {method} {path}", method, path, json.dumps(body), "refused"
        for field in valid:
            # A limit, a filter or a name may be left out; what makes the request meaningful may not.
            if field in ("name", "query_embeddings") or (field == "ids" and path.endswith(("add", "upsert", "update"))):
                body = {key: value for key, value in valid.items() if key != field}
                yield f"{field} is missing: {method} {path}", method, path, json.dumps(body), "refused"
        for text in ("[]", "null", "5", '"x"', "", "true", "[[]]"):
            yield f"body {text or '(empty)'}: {method} {path}", method, path, text, "refused"


def elements():
    add, get, query = (V2 + "/collections/{id}/" + name for name in ("add", "get", "query"))

    def refused(name, path, body):
        return name, "POST", path, body if isinstance(body, str) else json.dumps(body), "refused"

    def rows(**fields):
        return dict({"ids": ["bad"], "embeddings": [[1, 2, 3]]}, **fields)
    for value in (1, None, [], {}, True, 1.5):
        yield refused(f"ids[0] is {value!r}", add, rows(ids=[value]))
        yield refused(f"get ids[0] is {value!r}", get, {"ids": [value]})
    for value in ("x", None, {}, True, [1]):
        yield refused(f"a component is {value!r}", add, rows(embeddings=[[1, value, 3]]))
        yield refused(f"a query component is {value!r}", query, {"query_embeddings": [[1, value, 3]]})
    for value in (1, [], {}, True):
        yield refused(f"documents[0] is {value!r}", add, rows(documents=[value]))
        yield refused(f"uris[0] is {value!r}", add, rows(uris=[value]))
    for value in (1, "x", [], True):
        yield refused(f"metadatas[0] is {value!r}", add, rows(metadatas=[value]))
    for value in ({"a": 1}, [1, "x"], [[1]], [None], [True, 1]):
        yield refused(f"a metadata value is {value!r}", add, rows(metadatas=[{"k": value}]))
    yield refused("empty id", add, rows(ids=[""]))
    yield refused("empty vector", add, rows(embeddings=[[]]))
    yield refused("vector of dimension 2", add, rows(embeddings=[[1, 2]]))
    yield refused("vector of dimension 4", add, rows(embeddings=[[1, 2, 3, 4]]))
    yield refused("query of dimension 2", query, {"query_embeddings": [[1, 2]]})
    yield refused("query of dimension 0", query, {"query_embeddings": [[]]})
    yield refused("vectors of two dimensions in a first batch", V2 + "/collections/{fresh}/add",
                  {"ids": ["a", "b"], "embeddings": [[1, 2], [1, 2, 3]]})
    yield refused("more ids than vectors", add, rows(ids=["a1", "b1"]))
    yield refused("more documents than ids", add, rows(documents=["x", "y"]))
    yield refused("no documents for an id", add, rows(documents=[]))
    yield refused("unknown include", get, {"include": ["everything"]})
    yield refused("include data", get, {"include": ["data"]})
    for value in (-1, 1.5, "2", 2**40, 10**30, True):
        yield refused(f"limit is {value!r}", get, {"limit": value})
        yield refused(f"n_results is {value!r}", query, {"query_embeddings": [[1, 2, 3]], "n_results": value})
    for token in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e39", "01", "+1", "0x10", ".5", "1.", "1e",
                  "9" * 400, "--1"):
        yield refused(f"component {token[:12]}", add, '{"ids":["bad"],"embeddings":[[1,%s,3]]}' % token)
    for token in ("NaN", "1e400", "9" * 400):
        yield refused(f"metadata value {token[:12]}", add,
                      '{"ids":["bad"],"embeddings":[[1,2,3]],"metadatas":[{"k":%s}]}' % token)


def encodings():
    add = V2 + "/collections/{id}/add"
    good = base64.b64encode(struct.pack("<3f", 1, 2, 3)).decode()
    texts = {"not base64": "!!!!", "three bytes": "AAAA", "two components": base64.b64encode(bytes(8)).decode(),
             "empty": "", "without padding": "AACAPwAAAEAAAE", "padding inside": good[:4] + "==" + good[6:],
             "blank inside": good[:4] + " " + good[4:], "url alphabet": "____" * 4,
             "not a number": base64.b64encode(struct.pack("<3f", 1, float("nan"), 3)).decode(),
             "infinite": base64.b64encode(struct.pack("<3f", 1, float("inf"), 3)).decode(), "no ASCII": "é" * 16}
    for name, text in texts.items():
        yield f"base64 {name}", "POST", add, json.dumps({"ids": ["bad"], "embeddings": [text]}), "refused"
    yield ("base64 beside an array", "POST", add,
           json.dumps({"ids": ["bad", "bad2"], "embeddings": [good, [1, 2, 3]]}), "refused")


def syntax():
    add, get = V2 + "/collections/{id}/add", V2 + "/collections/{id}/get"
    whole = json.dumps({"ids": ["bad"], "embeddings": [[1.5, -2e3, 3]], "documents": ["text \u00e9 \\ \" \u2028"],
                        "metadatas": [{"k": True, "l": "x", "m": [1, 2]}]})
    for cut in range(0, len(whole), 3):
        yield f"cut at byte {cut}", "POST", add, whole[:cut], 400
    for name, text in {"trailing comma": '{"ids":["a"],}', "trailing text": '{"ids":["a"]} x', "two values": "{}{}",
                       "single quotes": "{'ids':['a']}", "no quotes": "{ids:[]}", "comment": '{"ids":["a"] /* x */}',
                       "lone surrogate": '{"ids":["\\ud800"]}', "short escape": '{"ids":["\\u00"]}',
                       "unknown escape": '{"ids":["\\q"]}', "control character": '{"ids":["a\x01"]}',
                       "byte order mark": '\ufeff{"ids":["a"]}', "nul byte": '{"ids":["a"]}\x00'}.items():
        yield name, "POST", get, text, 400
    for name, data in {"invalid UTF-8": b'{"ids":["\xff"]}', "cut UTF-8": b'{"ids":["\xe2\x82"]}',
                       "overlong UTF-8": b'{"ids":["\xc0\xaf"]}', "UTF-16": '{"ids":["a"]}'.encode("utf-16"),
                       "surrogate in UTF-8": b'{"ids":["\xed\xa0\x80"]}', "random bytes": bytes(range(256))}.items():
        yield name, "POST", get, data, 400
    yield "repeated field", "POST", get, '{"ids":["a"],"ids":["b"]}', "bounded"
    yield f"{DEEP} arrays deep", "POST", get, '{"ids":' + "[" * DEEP + "]" * DEEP + "}", "refused"
    yield f"{DEEP} arrays deep, open", "POST", get, "[" * DEEP, "refused"
    yield f"{DEEP} objects deep", "POST", get, '{"k":' * DEEP + "1" + "}" * DEEP, "refused"
    yield "a million arrays", "POST", get, "[" * 1_000_000, "refused"
    nested = "[" * DEEP + "1" + "]" * DEEP
    yield (f"metadata {DEEP} deep", "POST", add,
           '{"ids":["bad"],"embeddings":[[1,2,3]],"metadatas":[{"k":%s}]}' % nested, "refused")


def filters():
    get, query, delete = (V2 + "/collections/{id}/" + name for name in ("get", "query", "delete"))
    bad = [{"k": {"$bogus": 1}}, {"k": {}}, {"k": None}, {"k": [1]}, {"k": {"$gt": "x"}}, {"k": {"$gt": True}},
           {"k": {"$in": []}}, {"k": {"$in": 1}}, {"k": {"$in": [1, "x"]}}, {"k": {"$in": [None]}}, {"k": {"$eq": {}}},
           {"k": {"$gt": 1, "$bogus": 2}}, {"$and": {"k": 1}}, {"$and": [None]}, {"$and": [{}]},
           {"$not": [{"k": 1}]}, {"$not": {}}, {"k": {"$not": None}}, {"$nor": []}, {"$or": [1]}, {"$contains": "x"}, {},
           {"k": {"$regex": 1}}, {"k": {"$regex": "("}}, {"k": {"$regex": "x" * 20_000}}, {"k": {"$like": "x\\"}}, {"k": {"$prefix": None}},
           {"k": {"$exists": 1}}, {"k": {"$is_null": "no"}}, {"k": {"$between": [1]}}, {"k": {"$between": [1, "2024-01-01"]}},
           {"k": {"$gt": "2024-02-30"}}, {"k": {"$eq": {"$date": 1}}}, {"#document": {"$like": "x\\"}}]
    for where in bad:
        yield f"where {json.dumps(where)[:80]}", "POST", get, json.dumps({"where": where}), "refused"
        yield f"delete where {json.dumps(where)[:80]}", "POST", delete, json.dumps({"where": where}), "refused"
    yield "where of two keys, which means both", "POST", get, json.dumps({"where": {"k": 1, "l": 2}}), "accepted"
    for where in ({"k": {"$gt": 1, "$lt": 2}}, {"$not": {"k": 1}}, {"k": {"$regex": "x"}}, {"k": {"$like": "%_\\%"}}, {"k": {"$gt": "2024-02-29"}},
                  {"k": {"$exists": False}}, {"#id": {"$prefix": ""}}, {"$and": [{"k": 1}], "$or": [{"k": 1}]}):
        yield f"where {json.dumps(where)}, which Chroma refuses", "POST", get, json.dumps({"where": where}), "accepted"
    for fields in ({"order_by": "k"}, {"order_by": []}, {"order_by": [{"key": "k", "direction": 1}]}, {"cursor": "zz"}, {"cursor": 5},
                   {"cursor": "", "offset": 1}, {"cursor": "", "ids": []}, {"sample": {}}, {"sample": {"size": 10 ** 9}},
                   {"sample": {"size": 1}, "limit": 1}, {"sample": {"size": 1}, "cursor": ""}):
        yield f"get {json.dumps(fields)}", "POST", get, json.dumps(fields), "refused"
    vectors = {"query_embeddings": [[1, 2, 3]]}
    for fields in ({}, {"query_ids": ["nobody"]}, {"query_ids": ["a"], **vectors}, {"recommend": {"positive": []}}, {"recommend": {"negative": []}},
                   {"max_distance": "x", **vectors}, {"group_by": {"key": "k", "limit": 0}, **vectors}, {"group_by": "k", **vectors},
                   {"mmr": {"lambda": 2}, **vectors}, {"mmr": {"candidates": 0}, **vectors}, {"mmr": {"candidates": 10 ** 6}, **vectors},
                   {"mmr": {}, "group_by": {"key": "k"}, **vectors}):
        yield f"query {json.dumps(fields)}", "POST", query, json.dumps(fields), "refused"
    facets = V2 + "/collections/{id}/facets"
    for fields in ({}, {"keys": []}, {"keys": ["k", "k"]}, {"keys": [1]}, {"keys": ["k"] * 100}, {"keys": ["k"], "limit": -1},
                   {"keys": ["k"], "where": {}}):
        yield f"facets {json.dumps(fields)[:60]}", "POST", facets, json.dumps(fields), "refused"
    for path, bad in (("neighbors", ({"n_results": 0}, {"n_results": 10 ** 9}, {"within": "here"}, {"within": 1}, {"max_distance": "x"},
                                     {"ids": ["nobody"]}, {"ids": "a"}, {"cursor": "zz"}, {"cursor": "", "sample": {"size": 1}},
                                     {"sample": {"size": 10 ** 9}}, {"exact": 1}, {"ef_search": 0}, {"where": {}}, {"cursor": "", "offset": 1})),
                      ("distances", ({"ids": ["nobody"]}, {"other_ids": ["nobody"]}, {"other_ids": "a"}, {"other_ids": [1]}, {"limit": -1},
                                     {"sample": {}}, {"order_by": []}, {"where": {}}))):
        for fields in bad:
            yield f"{path} {json.dumps(fields)}", "POST", f"{V2}/collections/{{id}}/{path}", json.dumps(fields), "refused"
    yield "count where {}", "POST", V2 + "/collections/{id}/count", json.dumps({"where": {}}), "refused"
    for where in ({}, {"$bogus": "x"}, {"$contains": 1}, {"$contains": None}, {"$contains": []}, {"k": {"$contains": "x"}},
                  {"$and": [{}]}, {"$contains": "a", "$not_contains": "b"}, {"$regex": "("}, {"$regex": "[a"},
                  {"$regex": "*a"}, {"$regex": "a{2,1}"}, {"$regex": "\\"}, {"$not_regex": "(?<"}, {"$regex": 5}):
        yield f"where_document {json.dumps(where)}", "POST", get, json.dumps({"where_document": where}), "refused"
    for operator in ("$and", "$or"):
        for field, leaf in (("where", '{"k":1}'), ("where_document", '{"$contains":"x"}')):
            text = '{"%s":%s%s%s}' % (field, '{"%s":[' % operator * DEEP, leaf, "]}" * DEEP)
            yield f"{field} nested {DEEP} {operator} deep", "POST", get, text, "refused"
            yield (f"query {field} nested {DEEP} {operator} deep", "POST", query,
                   '{"query_embeddings":[[1,2,3]],' + text[1:], "refused")
    wide = {"$or": [{"k": number} for number in range(50_000)]}
    yield "a filter of 50,000 leaves", "POST", get, json.dumps({"where": wide}), "bounded"
    yield "$in of 100,000", "POST", get, json.dumps({"where": {"k": {"$in": list(range(100_000))}}}), "bounded"
    yield "a key of 1 MB", "POST", get, json.dumps({"where": {"k" * 1_000_000: 1}}), "bounded"
    hostile = {"(a+)+$": "bounded", "(a|a)*b": "bounded", "(.*)(.*)(.*)(.*)(.*)x": "bounded", "a{1000}": "bounded",
               "((a{100}){100}){100}": "bounded", "a{100000000}": "bounded", "(?:a?){500}a{500}": "bounded",
               "x" * 1_000_000: "bounded", "(" * DEEP + ")" * DEEP: "bounded", "[" * DEEP: "refused",
               "|".join(["a"] * 100_000): "bounded", "\\p{L}" * 20_000: "bounded", "(?i)" + "ſK" * 5000: "bounded"}
    for pattern, expectation in hostile.items():
        name = pattern if len(pattern) < 40 else pattern[:20] + f"… ({len(pattern)} characters)"
        for operator in ("$regex", "$not_regex"):
            yield (f"{operator} {name}", "POST", get,
                   json.dumps({"where_document": {operator: pattern}, "include": []}), expectation)


def names():
    for name in ("", "a", "ab", "_abc", "abc_", "a b c", "a..b", "10.0.0.1", "x" * 513, "x" * 1_000_000, "a/b/c", "../../etc",
                 "naïve", "a\u0000b", "%2e%2e", "-abc", "abc-", "a\nb"):
        shown = name if len(name) < 20 else f"{len(name)} characters"
        yield f"collection named {shown!r}", "POST", V2 + "/collections", json.dumps({"name": name}), "refused"
    yield "empty metadata", "POST", V2 + "/collections", json.dumps({"name": "bad-x", "metadata": {}}), "refused"
    for configuration in ({"hnsw": {"space": "manhattan"}}, {"hnsw": {"ef_search": -1}}, {"hnsw": {"ef_search": "x"}},
                          {"hnsw": {"unknown": 1}}, {"hnsw": 5}, {"hnsw": {}, "spann": {}}, {"spann": {"bogus": 1}},
                          {"embedding_function": {"type": "bogus"}}, {"embedding_function": 5}):
        yield (f"configuration {json.dumps(configuration)}", "POST", V2 + "/collections",
               json.dumps({"name": "bad-x", "configuration": configuration}), "refused")
    for space in ("manhattan", 1, None):
        yield (f"hnsw:space {space!r}", "POST", V2 + "/collections",
               json.dumps({"name": "bad-x", "metadata": {"hnsw:space": space}}), "refused")


def paths():
    for identifier in ("nope", "..", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "%ff", "%zz", "0" * 10_000,
                       "00000000-0000-4000-8000-000000000000", "{", "%7Bid%7D", "é"):
        for operation, body in (("get", "{}"), ("add", '{"ids":["a"],"embeddings":[[1,2,3]]}'), ("delete", '{"ids":["a"]}')):
            yield f"{operation} of collection {identifier[:30]!r}", "POST", f"{V2}/collections/{identifier}/{operation}", \
                body, "refused"
        yield f"GET collection {identifier[:30]!r}", "GET", f"{V2}/collections/{identifier}", None, "refused"
        yield f"DELETE collection {identifier[:30]!r}", "DELETE", f"{V2}/collections/{identifier}", None, "refused"
        yield f"v1 GET collection {identifier[:30]!r}", "GET", f"{V1}/collections/{identifier}", None, "refused"
    for query in ("limit=-1", "limit=x", "limit=1.5", "limit=", "limit=99999999999999999999", "offset=-1", "offset=x"):
        yield f"list collections ?{query}", "GET", f"{V2}/collections?{query}", None, "refused"
    for path in ("/nope", "/api/v2/nope", "/api/v3", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//api/v2", "/api/v2/x/y/z",
                 "/api/v1/nope/x", "/api/v2/tenants/default_tenant/nope"):
        yield f"unknown route {path}", "GET", path, None, "refused"
    for method, path in (("DELETE", "/api/v2/version"), ("PUT", V2 + "/collections"), ("POST", V2 + "/collections/{id}"),
                         ("GET", V2 + "/collections/{id}/query"), ("PATCH", V2), ("BREW", "/api/v2/heartbeat"),
                         ("TRACE", "/api/v2"), ("DELETE", "/api/v1/collections")):
        yield f"{method} {path}", method, path, None, "refused"


def large():
    add, get, query = (V2 + "/collections/{id}/" + name for name in ("upsert", "get", "query"))

    def body(**fields):
        return json.dumps(dict({"ids": ["large"], "embeddings": [[1, 2, 3]]}, **fields))
    yield "document of 10 MB", "POST", add, body(documents=["é" * 5_000_000]), "accepted"
    yield "read it back", "POST", get, json.dumps({"ids": ["large"], "include": ["documents"]}), "accepted"
    yield "id of 1 MB", "POST", add, body(ids=["i" * 1_000_000]), "bounded"
    yield "get by an id of 1 MB", "POST", get, json.dumps({"ids": ["i" * 1_000_000]}), "bounded"
    yield "metadata value of 1 MB", "POST", add, body(metadatas=[{"k": "v" * 1_000_000}]), "bounded"
    yield "metadata of 10,000 keys", "POST", add, body(metadatas=[{f"k{n}": n for n in range(10_000)}]), "bounded"
    yield "list value of 100,000", "POST", add, body(metadatas=[{"k": list(range(100_000))}]), "bounded"
    yield ("vector of dimension 200,000", "POST", V2 + "/collections/{fresh}/add",
           json.dumps({"ids": ["a"], "embeddings": [[0.5] * 200_000]}), "bounded")
    yield ("1,000 query vectors", "POST", query,
           json.dumps({"query_embeddings": [[1, 2, 3]] * 1000, "n_results": 1, "include": []}), "bounded")
    yield "n_results of 4 billion", "POST", query, json.dumps({"query_embeddings": [[1, 2, 3]], "n_results": 2**32 - 1}), \
        "bounded"
    yield "100,001 ids", "POST", add, json.dumps({"ids": ["x"] * 100_001, "embeddings": []}), "refused"
    yield "33 million empty objects", "POST", add, '{"ids":["a"],"metadatas":[' + "{}," * (33 << 20) + "{}]}", "refused"
    yield "34 million numbers of a digit", "POST", add, '{"ids":["a"],"embeddings":[[' + "1," * (34 << 20) + "1]]}", "refused"
    yield "a million unknown fields", "POST", get, "{" + ",".join(f'"f{n}":0' for n in range(1_000_000)) + "}", "bounded"
    yield "100,000 ids of nothing", "POST", get, json.dumps({"ids": [f"n{n}" for n in range(100_000)]}), "bounded"


def privacy():
    """Values that a careless server writes to its log: see `--log`."""
    add, get, query = (V2 + "/collections/{id}/" + name for name in ("add", "get", "query"))
    rows = {"ids": [PRIVATE], "embeddings": [[1, 2]], "documents": [PRIVATE], "metadatas": [{PRIVATE: PRIVATE}]}
    yield "private rows of a wrong dimension", "POST", add, json.dumps(rows), "refused"
    yield "private text that is not JSON", "POST", add, '{"ids":["' + PRIVATE, 400
    yield "a private regular expression", "POST", get, json.dumps({"where_document": {"$regex": PRIVATE + "("}}), "refused"
    yield "a private filter", "POST", get, json.dumps({"where": {PRIVATE: {"$gt": PRIVATE}}}), "refused"
    yield "a private id", "POST", query, json.dumps({"query_embeddings": [[1, 2]], "ids": [PRIVATE]}), "refused"
    yield "a private collection", "GET", f"{V2}/collections/{PRIVATE}", None, 404


def all_cases():
    for group in (wrong_types(V2_ENDPOINTS), wrong_types(V1_ENDPOINTS), elements(), encodings(), syntax(), filters(), names(),
                  paths(),
                  privacy(), large()):
        yield from group
