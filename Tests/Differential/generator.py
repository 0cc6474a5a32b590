"""Random requests from a seed. What is generated never depends on an answer, so a seed is a whole run.

A request is a dictionary: `method`, `path`, `body` (text or None), and notes for the harness: `key` (the collection it
concerns), `binds` (the key that a created collection's id goes by), `kind`. Paths name this run's own tenant as `{T}`
and a collection's id as `{id:KEY}`; the harness fills them in for each server.
"""

import base64
import json
import struct

from spoiling import break_text, spoil

IDENTIFIERS = ["a", "b", "c", "d", "e", "f", "g", "h", "i10", "i9", "Ünï", "日本", "with space", "x" * 300, "q'\"\\"]
DOCUMENTS = ["Hello World", "hello world", "naïve café", "日本語テキスト", "", "line1\nline2", "100% sure_thing",
             "quote ' \" back\\slash", "foo.bar", "aaa", "emoji 😀 here", "tab\there", "HELLO"]
NEEDLES = ["Hello", "hello", "o", "é", "日本", "", "%", "_", "\n", "'", "\\", ".", "zzz", "😀", "a", " "]
PATTERNS = ["hello", "^hello", "(?i)hello", "l+", "ld$", "H.llo|foo", "[a-c]+", "a{2,3}$", "^$", "\\d", "caf.",
            "(?s)line1.line2", "line1.line2", "\\.", "[^a-z ]", "日.語", "(a|b)+", "\\p{L}+", "x*"]
BAD_PATTERNS = ["(", "[a", "a)", "*a", "\\", "(?=x)", "\\1", "a{2,1}"]
KEYS = ["k", "n", "s", "flag", "tags", "ключ"]
OPERATORS = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$contains", "$not_contains"]
INCLUDES = ["documents", "metadatas", "embeddings", "uris", "distances"]
BAD_NAMES = ["", "a", "ab", "_abc", "abc_", "a b c", "a..b", "10.0.0.1", "x" * 513, "naïve", "a/b/c"]
NAMES = ["alpha", "beta", "gamma.d", "delta-1", "e_e"]
SPACES = ["l2", "cosine", "ip"]
DIMENSION = 3

P = "/api/v2/tenants/{T}/databases/main"


class Generator:
    def __init__(self, random):
        self.random = random
        self.serial = 0
        self.keys = []          # collections believed to exist
        self.names = {}         # key -> name believed
        self.queue = []

    # -- values -------------------------------------------------------------------------------------------------

    def chance(self, probability):
        return self.random.random() < probability

    def component(self):
        if self.chance(0.8):
            return self.random.randint(-8, 8) / 4
        return self.random.choice([self.random.uniform(-3, 3), 0, 1, -1, 1e-3, 1e10])

    def vector(self):
        dimension = DIMENSION if self.chance(0.985) else self.random.choice([1, 2, 4])
        return [0.0] * dimension if self.chance(0.05) else [self.component() for _ in range(dimension)]

    def identifiers(self, most=5):
        count = self.random.choice([1, 1, 2, 3, most])
        return self.random.sample(IDENTIFIERS, count)

    def scalar(self, fractional=True):
        choice = self.random.randrange(7)
        if choice == 0:
            return self.random.choice(["x", "y", "1", "", "true", "Ünï"])
        if choice == 1:
            return self.chance(0.5)
        if choice == 2 and fractional:
            return self.random.choice([0.5, 1.5, -1.5, 2.25, 1e20, -0.5])
        if choice == 3:
            return float(self.random.randint(-2, 3))
        if choice == 4 and self.chance(0.1):
            return self.random.choice([2**53 + 1, -2**53 - 1, 2**63 - 1, -2**63])
        return self.random.randint(-2, 3)

    def array(self):
        kind = self.random.randrange(4)
        count = self.random.choice([1, 1, 2, 3])
        make = [lambda: self.random.randint(0, 3), lambda: self.random.choice([0.5, 1.0, 2.5]),
                lambda: self.random.choice("xyz"), lambda: self.chance(0.5)][kind]
        return [make() for _ in range(count)]

    def metadata(self, removals):
        if self.chance(0.15):
            return None
        result = {}
        for key in self.random.sample(KEYS, self.random.choice([0, 1, 1, 2, 3])):
            if removals and self.chance(0.2):
                result[key] = None
            elif self.chance(0.2):
                result[key] = self.array() if self.chance(0.95) else []
            else:
                result[key] = self.scalar()
        return result

    # -- filters ------------------------------------------------------------------------------------------------

    def condition(self, fractional):
        if self.chance(0.1):
            return {"#document": self.document_condition()}
        key = self.random.choice(KEYS)
        if self.chance(0.2):
            return {key: self.scalar(fractional)}
        operator = self.random.choice(OPERATORS)
        if operator in ("$in", "$nin"):
            # Mixed lists are refused; mostly a list of one type is made.
            if self.chance(0.1):
                operand = [self.scalar(fractional) for _ in range(2)]
            else:
                first = self.scalar(fractional)
                operand = [first] + [value for value in (self.scalar(fractional) for _ in range(3))
                                     if type(value) is type(first)]
        elif operator in ("$gt", "$gte", "$lt", "$lte") and self.chance(0.9):
            operand = self.random.choice([-1, 0, 1, 2, 1.0] + ([0.5, 1.5] if fractional else []))
        else:
            operand = self.scalar(fractional)
        return {key: {operator: operand}}

    def where(self, depth=3, fractional=True):
        if depth and self.chance(0.35):
            count = self.random.choice([0, 1, 2, 2, 2, 3])
            return {self.random.choice(["$and", "$or"]): [self.where(depth - 1, fractional) for _ in range(count)]}
        return self.condition(fractional)

    def document_condition(self):
        if self.chance(0.35):
            pattern = self.random.choice(PATTERNS if self.chance(0.93) else BAD_PATTERNS)
            return {self.random.choice(["$regex", "$not_regex"]): pattern}
        return {self.random.choice(["$contains", "$not_contains"]): self.random.choice(NEEDLES)}

    def where_document(self, depth=2):
        if depth and self.chance(0.3):
            count = self.random.choice([0, 1, 2, 2, 3])
            return {self.random.choice(["$and", "$or"]): [self.where_document(depth - 1) for _ in range(count)]}
        return self.document_condition()

    def filters(self, body, probability, fractional=True):
        if self.chance(probability):
            body["where"] = self.where(fractional=fractional)
        if self.chance(probability * 0.6):
            body["where_document"] = self.where_document()

    # -- record requests ----------------------------------------------------------------------------------------

    def collection(self):
        return self.random.choice(self.keys) if self.keys else None

    def on(self, key, operation, body, kind=None):
        target = "{id:%s}" % key
        if self.chance(0.006):
            target = self.random.choice(["not-a-uuid", "00000000-0000-4000-8000-000000000000"])
        return {"method": "POST", "path": f"{P}/collections/{target}/{operation}", "value": body, "key": key,
                "kind": kind or operation}

    def write(self, operation):
        key = self.collection()
        ids = self.identifiers()
        if self.chance(0.03):
            ids.append(self.random.choice(ids))
        body = {"ids": ids}
        if operation != "update" or self.chance(0.6):
            vectors = [self.vector() for _ in ids]
            if self.chance(0.25) and all(len(vector) == DIMENSION for vector in vectors):
                vectors = [base64.b64encode(struct.pack(f"<{len(v)}f", *v)).decode() for v in vectors]
            elif operation == "update" and self.chance(0.3):
                vectors = [vector if self.chance(0.5) else None for vector in vectors]
            body["embeddings"] = vectors
        if self.chance(0.6):
            body["documents"] = [self.random.choice(DOCUMENTS) if self.chance(0.85) else None for _ in ids]
        if self.chance(0.7):
            body["metadatas"] = [self.metadata(removals=operation != "add") for _ in ids]
        if self.chance(0.15):
            body["uris"] = [self.random.choice(["file:///a", "s3://b/ü", None]) for _ in ids]
        if self.chance(0.3):
            self.queue.append(self.everything(key))
        return self.on(key, operation, body)

    def everything(self, key):
        """Reads the whole collection: a write that went wrong shows at once, not many requests later."""
        return {"method": "POST", "path": f"{P}/collections/{{id:{key}}}/get", "key": key, "kind": "get",
                "value": {"include": ["documents", "metadatas", "embeddings", "uris"]}, "fixed": True}

    def delete(self):
        key = self.collection()
        body = {}
        if self.chance(0.6):
            body["ids"] = self.identifiers(3) if self.chance(0.95) else []
        # A fractional number would make the reference server delete other rows (see differences.py).
        self.filters(body, 0.4 if body else 0.8, fractional=False)
        if self.chance(0.15):
            body["limit"] = self.random.choice([0, 1, 2, 100])
        self.queue.append(self.on(key, "delete", body))
        self.queue.append(self.everything(key))
        before = {"ids": body.get("ids", []), "include": []}
        return {"method": "POST", "path": f"{P}/collections/{{id:{key}}}/get", "key": key, "kind": "get",
                "value": before, "fixed": True}

    def include(self, body):
        if self.chance(0.5):
            body["include"] = self.random.sample(INCLUDES, self.random.randrange(len(INCLUDES) + 1))

    def get(self):
        body = {}
        if self.chance(0.3):
            body["ids"] = self.identifiers()
        self.filters(body, 0.5)
        if self.chance(0.3):
            body["limit"] = self.random.choice([0, 1, 2, 3, 100])
        if self.chance(0.2):
            body["offset"] = self.random.choice([0, 1, 2, 50])
        self.include(body)
        return self.on(self.collection(), "get", body)

    def query(self):
        body = {"query_embeddings": [self.vector() for _ in range(self.random.choice([1, 1, 1, 2, 3]))]}
        if self.chance(0.02):
            body["query_embeddings"] = []
        if self.chance(0.85):
            body["n_results"] = self.random.choice([0, 1, 2, 3, 5, 10, 100])
        if self.chance(0.1):
            body["ids"] = self.identifiers()
        self.filters(body, 0.45)
        self.include(body)
        return self.on(self.collection(), "query", body)

    def count(self):
        key = self.collection()
        return {"method": "GET", "path": f"{P}/collections/{{id:{key}}}/count", "key": key, "kind": "count"}

    # -- catalog requests ---------------------------------------------------------------------------------------

    def create(self):
        """Either a collection that later requests will use (then nothing in it is at fault), or any creation at all."""
        self.serial += 1
        key = f"k{self.serial}"
        request = {"method": "POST", "path": f"{P}/collections", "binds": key, "kind": "create", "key": key}
        free = [name for name in NAMES if name not in self.names.values()]
        wanted = len(self.keys) < 2 or (free and self.chance(0.5))
        body = {"name": self.random.choice(free) if wanted else
                self.random.choice(NAMES if self.chance(0.6) else BAD_NAMES)}
        if self.chance(0.5):
            body["metadata"] = self.collection_metadata()
        if self.chance(0.6):
            body["configuration"] = self.configuration()
        if wanted:
            body["get_or_create"] = True
            if body.get("metadata") == {}:
                del body["metadata"]
            self.keys.append(key)
            self.names[key] = body["name"]
            request["fixed"] = True
        elif self.chance(0.5):
            body["get_or_create"] = self.chance(0.5)
        request["value"] = body
        return request

    def collection_metadata(self):
        if self.chance(0.1):
            return self.random.choice([None, {}])
        result = {key: self.scalar() for key in self.random.sample(KEYS, 2)}
        if self.chance(0.3):
            result["hnsw:space"] = self.random.choice(SPACES)
        if self.chance(0.1):
            result["hnsw:search_ef"] = 50
        return result

    def configuration(self):
        if self.chance(0.1):
            return self.random.choice([None, {}, {"hnsw": None}, {"spann": {"space": "cosine"}}])
        hnsw = {"space": self.random.choice(SPACES)}
        if self.chance(0.3):
            hnsw.update({"ef_search": 120, "max_neighbors": 24})
        result = {"hnsw": hnsw}
        if self.chance(0.3):
            result["embedding_function"] = self.random.choice([
                {"type": "legacy"}, {"type": "known", "name": "default", "config": {"n": 1, "a": {"b": [None, "x"]}}}])
        return result

    def change(self):
        key = self.collection()
        choice = self.random.randrange(4)
        if choice == 0:
            body = {"new_name": self.random.choice(NAMES + BAD_NAMES[:4])}
        elif choice == 1:
            body = {"new_metadata": self.collection_metadata()}
        elif choice == 2:
            body = {"new_configuration": {"hnsw": {"ef_search": self.random.randint(10, 200)}}}
        else:
            body = {}
        self.queue.append({"method": "GET", "path": f"{P}/collections/by-id/{{id:{key}}}", "key": key,
                           "kind": "collection"})
        return {"method": "PUT", "path": f"{P}/collections/{{id:{key}}}", "value": body, "key": key, "kind": "change"}

    def drop(self):
        key = self.collection()
        name = self.names[key]
        if self.chance(0.7):
            self.keys.remove(key)
            del self.names[key]
        else:
            name = "absent"
        return {"method": "DELETE", "path": f"{P}/collections/{name}", "key": key, "kind": "drop"}

    def catalog_read(self):
        key = self.collection()
        path = self.random.choice([
            f"{P}/collections", f"{P}/collections?limit=2&offset=1", f"{P}/collections?offset=1", f"{P}/collections_count",
            f"{P}/collections?limit=x", f"{P}/collections?limit=-1", f"{P}/collections?limit=0",
            f"{P}/collections/{self.random.choice(NAMES)}", f"{P}/collections/by-id/{{id:{key}}}",
            f"{P}/collections/by-id/nonsense", f"{P}/collections/nope", f"{P}/collections/{{id:{key}}}/indexing_status",
            f"{P}/collections/{{id:{key}}}/count?read_level=index_and_wal",
            f"{P}/collections/{{id:{key}}}/count?read_level=bogus"])
        return {"method": "GET", "path": path, "key": key, "kind": "list" if "/collections?" in path
                or path.endswith("/collections") else "catalog"}

    def tenancy(self):
        tenant = self.random.choice(["{T}", "{T}-2", "{T}-none"])
        database = self.random.choice(["main", "second", "third", "absent", "x"])
        base = f"/api/v2/tenants/{tenant}/databases"
        name = self.random.choice(["second", "third", "a", "b c", "main"])
        choices = [("GET", f"/api/v2/tenants/{tenant}", None), ("GET", base, None), ("GET", f"{base}?limit=1&offset=1", None),
                   ("GET", f"{base}/{database}", None), ("POST", base, {"name": name}),
                   ("POST", "/api/v2/tenants", {"name": "{T}-2"}), ("POST", "/api/v2/tenants", {"name": "ab"}),
                   ("GET", f"{base}/{database}/collections", None), ("GET", f"{base}/{database}/collections_count", None)]
        if tenant == "{T}-2" and database in ("second", "third", "absent"):
            choices.append(("DELETE", f"{base}/{database}", None))
        method, path, value = self.random.choice(choices)
        return {"method": method, "path": path, "value": value, "kind": "tenancy"}

    def system(self):
        key = self.collection()
        path = self.random.choice(["/api/v2/heartbeat", "/api/v2", "/api/v2/version", "/api/v2/pre-flight-checks",
                                   "/api/v2/auth/identity", "/api/v2/healthcheck"])
        choices = [("GET", path, None)] * 4 + [
            ("GET", "/api/v2/nope", None), ("DELETE", "/api/v2/version", None), ("PATCH", f"{P}/collections", {}),
            ("GET", f"{P}/collections/", None), ("GET", f"{P}/collections/{{id:{key}}}/add", None),
            ("GET", f"{P}/collections/{{id:{key}}}/fork_count", None),
            # A fork would leave a collection on one side only: the name is one that ours refuses.
            ("POST", f"{P}/collections/{{id:{key}}}/fork", {"new_name": "no"}),
            ("POST", f"{P}/collections/{{id:{key}}}/search", {"searches": []})]
        method, path, value = self.random.choice(choices)
        return {"method": method, "path": path, "value": value, "kind": "system"}

    # -- the sequence -------------------------------------------------------------------------------------------

    def draw(self):
        if len(self.keys) < 2:
            return self.create()
        kinds = [(13, lambda: self.write("add")), (13, lambda: self.write("upsert")), (11, lambda: self.write("update")),
                 (7, self.delete), (19, self.get), (19, self.query), (3, self.count), (4, self.create), (3, self.change),
                 (1, self.drop), (4, self.catalog_read), (3, self.tenancy), (2, self.system)]
        return self.random.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()

    def next(self):
        request = self.queue.pop(0) if self.queue else self.draw()
        value = request.pop("value", None)
        fixed = request.pop("fixed", False)
        request["body"] = None if value is None else json.dumps(value, ensure_ascii=self.chance(0.5))
        if value is not None and not fixed and request["kind"] not in ("tenancy", "system"):
            if self.chance(0.12):
                spoiled = spoil(value, self.random, fractional=request["kind"] != "delete")
                request["body"] = json.dumps(spoiled)
                request["spoiled"] = True
            elif self.chance(0.03):
                request["body"] = break_text(request["body"], self.random)
                request["spoiled"] = True
            elif self.chance(0.01):
                request["content_type"] = self.random.choice([None, "text/plain", "application/json; charset=utf-8"])
        return request
