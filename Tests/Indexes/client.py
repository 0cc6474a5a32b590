"""One chromadb client of any version, which knows nothing of this server's indexes but metadata keys.

`fill` makes a collection for each kind of index and prints their ids as JSON; `search` looks for what `fill` has written.
"""

import json
import random
import sys

import chromadb
from chromadb.config import Settings

KINDS = ("auto", "flat", "hnsw", "ivf")
DIMENSION = 24
ROWS = 800
VECTORS = [[random.Random(row * DIMENSION + place).gauss(0, 1) for place in range(DIMENSION)] for row in range(ROWS)]


def name(kind):
    return f"client-{chromadb.__version__}-{kind}"


def fill(client):
    made = {}
    for kind in KINDS:
        metadata = {"lyrica:index": kind, "hnsw:space": "cosine", "hnsw:M": 20, "hnsw:search_ef": 200}
        if kind in ("flat", "ivf"):
            metadata = {"lyrica:index": kind, "hnsw:space": "cosine"}
        collection = client.create_collection(name=name(kind), metadata=metadata, embedding_function=None)
        assert collection.metadata == metadata, f"metadata {collection.metadata}"
        for start in range(0, ROWS, 200):
            rows = range(start, start + 200)
            collection.add(
                ids=[f"r{row}" for row in rows], embeddings=VECTORS[start:start + 200], metadatas=[{"even": row % 2} for row in rows])
        made[kind] = str(collection.id)
    return made


def search(client):
    for kind in KINDS:
        collection = client.get_collection(name=name(kind), embedding_function=None)
        assert collection.metadata["lyrica:index"] == kind, f"metadata {collection.metadata}"
        for where, step in ((None, 1), ({"even": 0}, 2)):
            wanted = [f"r{row}" for row in range(0, ROWS, 40 * step)]
            found = collection.query(query_embeddings=VECTORS[::40 * step], n_results=5, where=where, include=["distances", "metadatas"])
            assert [ids[0] for ids in found["ids"]] == wanted, f"{kind}, {where}: found {found['ids']}"
            assert all(abs(distances[0]) < 1e-5 and distances == sorted(distances) for distances in found["distances"]), f"{kind}: distances"
            assert where is None or all(row["even"] == 0 for rows in found["metadatas"] for row in rows), f"{kind}: the filter"
    return {}


def main():
    action, port = sys.argv[1:]
    client = chromadb.HttpClient(host="127.0.0.1", port=port, settings=Settings(anonymized_telemetry=False))
    print(json.dumps({"fill": fill, "search": search}[action](client)))


if __name__ == "__main__":
    main()
