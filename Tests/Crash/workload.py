"""Writers whose every record is derived from its id and versions, so that what a server holds can be judged exactly.

The state of a record is a triple (vector version, document version, metadata version): a partial update changes one of
them. A writer owns its ids; it knows what was acknowledged and the one operation that was under way when the server died.
"""

import hashlib
import http.client
import json
import random
import struct
import threading

BASE = "/api/v2/tenants/default_tenant/databases/default_database/collections"
DIMENSION = 8
GROUPS = 6
WORDS = "in the beginning was a vector and it had no norm".split()


class ServerGone(Exception):
    """The connection broke: the server was killed."""


class Refused(Exception):
    """The server answered a valid request with an error: that is a failure of the test."""


class Client:
    def __init__(self, port, timeout=60):
        self.port, self.timeout, self.connection = port, timeout, None

    def send(self, method, path, value=None):
        text = self.exchange(method, path, value)
        return json.loads(text) if text else None

    def exchange(self, method, path, value=None):
        """The body of the answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            body = None if value is None else json.dumps(value).encode()
            self.connection.request(method, path, body=body, headers={
                "Content-Type": "application/json", "User-Agent": "Chroma Python Client v1.5.9 (kill test)"})
            response = self.connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            raise ServerGone(str(error)) from error
        if not 200 <= response.status < 300:
            raise Refused(f"{method} {path}: {response.status} {text[:500]!r}")
        return text


def chance_of(*parts):
    return random.Random(hashlib.sha256(repr(parts).encode()).digest())


def vector(identifier, version):
    source = chance_of(identifier, "vector", version)
    return [struct.unpack("<f", struct.pack("<f", source.uniform(-1, 1)))[0] for _ in range(DIMENSION)]


def document(identifier, version):
    source = chance_of(identifier, "document", version)
    length = source.choice([3, 5, 8, 13, 200, 2000])
    return f"{identifier} {version} " + " ".join(source.choice(WORDS) for _ in range(length))


def group(identifier):
    return int(hashlib.sha256(identifier.encode()).hexdigest(), 16) % GROUPS


def metadata(identifier, version, writer):
    source = chance_of(identifier, "metadata", version)
    return {"version": version, "half": version / 2, "writer": writer, "group": group(identifier), "even": version % 2 == 0,
            "label": f"ü{version}", "tags": [f"t{source.randrange(5)}" for _ in range(source.randint(1, 3))]}


class Operation:
    """What one request changes, as states before and after; None is absence. `collection` is a name."""

    def __init__(self, collection, before, after):
        self.collection, self.before, self.after = collection, before, after


class Writer(threading.Thread):
    def __init__(self, number, port, collections, state, seed, batch_scale=1):
        super().__init__(daemon=True)
        self.number, self.client, self.collections = number, Client(port), collections
        self.records = state.records        # (collection name, id) -> triple, acknowledged, of this writer only
        self.private = state.private        # names of this writer's own collections that exist
        self.state, self.random, self.scale = state, random.Random(seed), batch_scale
        self.pending, self.pending_collection = None, None
        # What this writer had when the round began, and its acknowledged operations since.
        self.records_before, self.private_before, self.history = dict(self.records), set(self.private), []
        self.acknowledged_operations = self.acknowledged_records = 0
        self.failure = None
        self.stop = threading.Event()

    def run(self):
        try:
            while not self.stop.is_set():
                self.random.choices([self.upsert, self.add, self.update, self.delete, self.delete_where, self.churn],
                                    [6, 4, 5, 2, 1, 1])[0]()
        except ServerGone:
            pass
        except Refused as error:
            self.failure = str(error)

    # -- what the server is asked -------------------------------------------------------------------------------

    def perform(self, collection, kind, body, after):
        before = {identifier: self.records.get((collection, identifier)) for identifier in after}
        self.pending = Operation(collection, before, after)
        self.client.send("POST", f"{BASE}/{self.collections[collection]}/{kind}", body)
        self.settle(self.pending, after)
        self.history.append(("write", self.pending))
        self.pending = None
        self.acknowledged_operations += 1
        self.acknowledged_records += len(after)

    def settle(self, operation, states):
        for identifier, state in states.items():
            if state is None:
                self.records.pop((operation.collection, identifier), None)
            else:
                self.records[(operation.collection, identifier)] = state

    def size(self, choices):
        return self.random.choice(choices) * self.scale

    def version(self):
        self.state.version += 1
        return self.state.version

    def body(self, states, vectors=True, documents=True, metadatas=True):
        result = {"ids": list(states)}
        if vectors:
            result["embeddings"] = [vector(identifier, state[0]) for identifier, state in states.items()]
        if documents:
            result["documents"] = [document(identifier, state[1]) for identifier, state in states.items()]
        if metadatas:
            result["metadatas"] = [metadata(identifier, state[2], self.number) for identifier, state in states.items()]
        return result

    def present(self, collection):
        return [identifier for name, identifier in self.records if name == collection]

    def upsert(self):
        collection = self.random.choice(list(self.collections))
        count = self.size([1, 3, 20, 60])
        names = self.random.sample(range(400 * self.scale), count)
        version = self.version()
        after = {f"w{self.number}-{name}": (version, version, version) for name in names}
        self.perform(collection, "upsert", self.body(after), after)

    def add(self):
        collection = self.random.choice(list(self.collections))
        version = self.version()
        free = [f"w{self.number}-{name}" for name in self.random.sample(range(400 * self.scale), self.size([1, 10, 50]))]
        after = {identifier: (version, version, version) for identifier in free
                 if (collection, identifier) not in self.records}
        if after:
            self.perform(collection, "add", self.body(after), after)

    def update(self):
        collection = self.random.choice(list(self.collections))
        present = self.present(collection)
        if not present:
            return
        chosen = self.random.sample(present, min(len(present), self.size([1, 5, 30])))
        fields, version = self.random.choice([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]), self.version()
        after = {identifier: tuple(version if changed else old for changed, old in
                                   zip(fields, self.records[(collection, identifier)])) for identifier in chosen}
        self.perform(collection, "update", self.body(after, *map(bool, fields)), after)

    def delete(self):
        collection = self.random.choice(list(self.collections))
        present = self.present(collection)
        if present:
            chosen = self.random.sample(present, min(len(present), self.size([1, 5, 20])))
            self.perform(collection, "delete", {"ids": chosen}, {identifier: None for identifier in chosen})

    def delete_where(self):
        collection, chosen = self.random.choice(list(self.collections)), self.random.randrange(GROUPS)
        after = {identifier: None for identifier in self.present(collection) if group(identifier) == chosen}
        self.perform(collection, "delete", {"where": {"$and": [{"writer": self.number}, {"group": chosen}]}}, after)

    def churn(self):
        """Creates a collection of its own, or deletes one."""
        if self.private and self.random.random() < 0.5:
            name = self.random.choice(sorted(self.private))
            self.pending_collection = ("delete", name)
            self.client.send("DELETE", f"{BASE}/{name}")
            self.private.discard(name)
        else:
            name = f"own-{self.number}-{self.version()}"
            self.pending_collection = ("create", name)
            self.client.send("POST", BASE, {"name": name, "metadata": {"writer": self.number, "of": name}})
            self.private.add(name)
        self.history.append(self.pending_collection)
        self.pending_collection = None
        self.acknowledged_operations += 1

    def states(self, first, last):
        """Records and own collections after `first` operations of this round, after one more, and so on up to `last`; the last of all may be
        an operation that was not acknowledged."""
        under_way = [("write", self.pending)] if self.pending else [self.pending_collection] if self.pending_collection else []
        operations = (self.history + under_way)[:last]
        records, private = dict(self.records_before), set(self.private_before)
        for number, (kind, what) in enumerate([(None, None)] + operations):
            if kind == "write":
                for identifier, state in what.after.items():
                    if state is None:
                        records.pop((what.collection, identifier), None)
                    else:
                        records[(what.collection, identifier)] = state
            elif kind is not None:
                (private.add if kind == "create" else private.discard)(what)
            if number >= first:
                yield records, private


class WriterState:
    """What outlives a round: the acknowledged truth of one writer."""

    def __init__(self):
        self.records, self.private, self.version = {}, set(), 0
