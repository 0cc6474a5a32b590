"""One chromadb version connected to one server, and what that version's line of clients is able to do."""

import random
import uuid
from urllib.parse import urlsplit

import chromadb
from chromadb import errors
from chromadb.config import Settings


class Session:
    """The client under test. Every collection it makes has a name of its own, so versions can share a server."""

    def __init__(self, url, seed):
        self.address = urlsplit(url)
        self.version = tuple(int(part) for part in chromadb.__version__.split(".")[:3])
        self.random = random.Random(seed)
        self.prefix = f"c{'-'.join(map(str, self.version))}-{uuid.uuid4().hex[:8]}"
        self.made = []
        self.client = self.connect()

    # What this client can do; see the table of client generations.

    @property
    def speaks_v2(self):
        return self.version >= (0, 5, 16)

    @property
    def has_tenants(self):
        return self.version >= (0, 4, 15)

    @property
    def has_list_databases(self):
        return self.version >= (0, 6, 0)

    @property
    def is_first_generation(self):
        """Up to 0.4.x: errors of the server arrive as the raw body inside a plain Exception."""
        return self.version < (0, 5, 0)

    @property
    def is_current(self):
        return self.version >= (1, 0, 0)

    @property
    def lists_names_only(self):
        return (0, 6, 0) <= self.version < (1, 0, 0)

    @property
    def has_array_metadata(self):
        return self.version >= (1, 5, 0)

    def settings(self, **values):
        return Settings(anonymized_telemetry=False, **values)

    def connect(self, **values):
        return chromadb.HttpClient(host=self.address.hostname, port=str(self.address.port),
                                   settings=self.settings(), **values)

    def admin(self):
        return chromadb.AdminClient(self.settings(
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=self.address.hostname, chroma_server_http_port=str(self.address.port)))

    def name(self, word):
        """A fresh collection name that contains `word` and belongs to this session."""
        return f"{self.prefix}-{word}-{len(self.made)}"

    def collection(self, word, **values):
        """A new, empty collection without an embedding function."""
        name = self.name(word)
        made = self.client.create_collection(name=name, embedding_function=None, **values)
        self.made.append(name)
        return made

    def close(self):
        for name in self.made:
            try:
                self.client.delete_collection(name)
            except Exception as error:
                # A check may have renamed or deleted it.
                if "not exist" not in str(error):
                    raise

    # Exceptions of this version, as (type or types, pattern).

    def kind(self, *names):
        """The exception classes of these names that this version has; plain Exception where it has none."""
        found = tuple(getattr(errors, name) for name in names if hasattr(errors, name))
        return found or (Exception,)

    @property
    def missing_collection(self):
        """What reading a collection that does not exist raises. v1 answers carry InvalidCollection or a raw text."""
        if self.is_first_generation:
            return (Exception,), "does not exist"
        if not self.speaks_v2:
            return self.kind("InvalidCollectionException"), "does not exist"
        if self.is_current:
            return self.kind("NotFoundError"), "does not exist"
        return self.kind("NotFoundError", "InvalidCollectionException"), "does not exist"

    @property
    def missing_collection_by_id(self):
        """The same for an operation on the records of a collection object whose collection is gone."""
        if self.is_current:
            return self.kind("NotFoundError"), "does not exist"
        if self.speaks_v2:
            return self.kind("NotFoundError", "InvalidCollectionException"), "does not exist"
        return self.kind("InvalidCollectionException"), "does not exist"

    @property
    def duplicate_collection(self):
        """A 409: lines before 0.6 do not know the class that the body names and raise the body as it is."""
        if self.is_current:
            return self.kind("ChromaError"), "already exists"
        return (Exception,), "already exists"

    @property
    def wrong_dimension(self):
        if not self.speaks_v2:
            return (Exception,), "Embedding dimension 2 does not match collection dimensionality 3"
        if self.is_current:
            return self.kind("InvalidArgumentError"), "embedding with dimension of 3, got 2"
        return (Exception,), "dimension(ality)? (of )?3"

    @property
    def bad_name(self):
        if not self.speaks_v2:
            return (Exception,), "Expected (a|collection) name"
        return self.kind("ChromaError") + (ValueError,), "Expected (a|collection) name"
