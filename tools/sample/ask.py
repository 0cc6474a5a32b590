#!/usr/bin/env python3
"""Asks the sample collection a few questions, shows the answers as tables and checks them.

What is right is computed here from the sample's own files, by comparing each question with every verse in double precision;
nothing about the answers is written down in advance. Needs Python only, no packages. Exit code 0 only if every answer is right.
"""
import argparse
import gzip
import json
import math
import pathlib
import shutil
import struct
import sys
import textwrap
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
K = 3
# (number of the question in queries.json, metadata filter)
QUESTIONS = [(3, None), (6, None), (9, None), (0, {"book": {"$eq": "Song of Solomon"}})]


def load_verses():
    with gzip.open(HERE / "psalms.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load_vectors(path):
    """Rows of a little-endian float16 .npy file, as lists of floats."""
    data = path.read_bytes()
    header_length = struct.unpack_from("<H", data, 8)[0]
    header = data[10:10 + header_length].decode("latin-1")
    if "'<f2'" not in header:
        raise SystemExit(f"{path.name}: expected float16 rows")
    rows, columns = (int(part) for part in header.split("'shape': (")[1].split(")")[0].split(","))
    start = 10 + header_length
    return [list(struct.unpack_from(f"<{columns}e", data, start + row * columns * 2)) for row in range(rows)]


def cosine_distance(a, b):
    return 1 - sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def matches(metadata, where):
    return where is None or all(metadata[key] == condition["$eq"] for key, condition in where.items())


def expected(query, where, verses, vectors):
    found = sorted(
        (cosine_distance(query, vector), verse["id"])
        for verse, vector in zip(verses, vectors) if matches(verse["metadata"], where))
    return found[:K]


def request(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json", "User-Agent": "lyrica-sample"})
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{url} answered {error.code}: {error.read().decode(errors='replace')[:500]}")
    except urllib.error.URLError as error:
        raise SystemExit(f"cannot reach {url}: {error.reason}")


def collections(url):
    return f"{url}/api/v2/tenants/default_tenant/databases/default_database/collections"


def is_loaded(url):
    found = [collection for collection in request(collections(url)) if collection["name"] == "psalms"]
    return bool(found) and request(f"{collections(url)}/{found[0]['id']}/count") == len(load_verses())


def show(question, where, answer):
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    condition = f"   where {json.dumps(where)}" if where else ""
    print(f"\n“{question}”{condition}")
    print(f"  {'distance':>8}  {'verse':<12}  text")
    for identifier, distance, text in zip(answer["ids"][0], answer["distances"][0], answer["documents"][0]):
        print(f"  {distance:8.4f}  {identifier:<12}  {textwrap.shorten(text, max(20, width - 26), placeholder='…')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8001")
    parser.add_argument("--is-loaded", action="store_true", help="only say, by the exit code, whether the sample is there already")
    options = parser.parse_args()
    url = options.url
    if options.is_loaded:
        return 0 if is_loaded(url) else 1
    verses, vectors = load_verses(), load_vectors(HERE / "psalms.f16.npy")
    queries = json.loads((HERE / "queries.json").read_text(encoding="utf-8"))
    collection = f"{collections(url)}/{request(f'{collections(url)}/psalms')['id']}"
    wrong = 0
    if (count := request(f"{collection}/count")) != len(verses):
        print(f"wrong: the collection has {count} records, the sample {len(verses)}", file=sys.stderr)
        wrong += 1
    for number, where in QUESTIONS:
        query = queries[number]["embedding"]
        body = {"query_embeddings": [query], "n_results": K, "include": ["documents", "distances", "metadatas"]}
        if where:
            body["where"] = where
        answer = request(f"{collection}/query", body)
        show(queries[number]["text"], where, answer)
        right = expected(query, where, verses, vectors)
        if answer["ids"][0] != [identifier for _, identifier in right] or any(
                abs(got - distance) > 1e-5 for got, (distance, _) in zip(answer["distances"][0], right)):
            print(f"wrong: an exact comparison gives {right}", file=sys.stderr)
            wrong += 1
    print()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
