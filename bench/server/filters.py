#!/usr/bin/env python3
"""Measures filtered queries of lyrica-vectord and Chroma 1.5.9 through HTTP in one run, by the stock client, one query after another.

    filters.py --server-command '.build/release/lyrica-vectord serve' --chroma VENV/bin/chroma --data data/glosses --texts glosses.jsonl.gz

Both are filled with the same rows and waited for, then asked in turn. Every query's answer is compared with the exact one. Each measurement is one JSON
line in --output, and --report writes a table. Run it with a Python that has chromadb 1.5.9 and numpy. Without --data the rows and texts are random.
"""

import argparse
import re
import sys
import time

import chromadb
import numpy
import results
import rows
import servers

WANTED = 10
LIST_VALUES = 300
SETTLED_POLLS = 5
ROUND = 20
BASE = "no filter"
GOAL = 1.3


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server-command", required=True, help="lyrica-vectord, without port and data directory")
    parser.add_argument("--chroma", metavar="PATH", help="the chroma executable; without it only ours is measured")
    parser.add_argument("--data", metavar="FOLDER", help="rows, queries and metric as bench/datasets/make.py makes them")
    parser.add_argument("--texts", metavar="F.jsonl[.gz]", help='lines {"id","text","meta"}, one for each row; otherwise random words')
    parser.add_argument("--rows", type=int, default=50_000, help="how many are loaded (default 50,000)")
    parser.add_argument("--queries", type=int, default=100, help="of each filter for each server (default 100)")
    parser.add_argument("--port", type=int, default=8762, help="and the next one")
    parser.add_argument("--output", metavar="FILE", help="JSON lines are appended here")
    parser.add_argument("--report", metavar="FILE.md", help="the table of this run")
    parser.add_argument("--note", metavar="TEXT", help="what the reader of the results should know, such as what else ran on the machine")
    options = parser.parse_args()
    options.vectors, options.space = None, "cosine"
    return options


class Filter:
    """What is sent, and which rows it keeps."""

    def __init__(self, name, kept, where=None, where_document=None):
        self.name, self.kept = name, numpy.flatnonzero(kept)
        self.arguments = {key: value for key, value in (("where", where), ("where_document", where_document)) if value}


def filters(data):
    count = len(data.ids)
    numbers = numpy.arange(count)
    buckets = numbers % 100
    lemmas = [metadata["lemma"] for metadata in data.metadatas]
    chosen = sorted(set(lemmas[:: max(1, count // (2 * LIST_VALUES))]))[:LIST_VALUES]
    some = set(chosen)
    words = common_words(data.documents)
    pattern = rf"\b{words[0]}\b.*\b{words[1]}"
    few = max(1, count // 1000)
    return [
        Filter(BASE, numpy.ones(count, bool)),
        Filter("keeps 50 %", buckets < 50, {"bucket": {"$lt": 50}}),
        Filter("keeps 10 %", buckets < 10, {"bucket": {"$lt": 10}}),
        Filter("keeps 1 %", buckets == 7, {"bucket": 7}),
        Filter("keeps 0.1 %", numbers < few, {"row": {"$lt": few}}),
        Filter(f"conjunction with `$in` of {len(chosen)} strings",
               (buckets < 50) & numpy.array([lemma in some for lemma in lemmas]),
               {"$and": [{"bucket": {"$lt": 50}}, {"lemma": {"$in": chosen}}]}),
        Filter("`$contains`", numpy.array([words[2] in text for text in data.documents]), None, {"$contains": words[2]}),
        Filter("`$regex`", numpy.array([re.search(pattern, text) is not None for text in data.documents]), None, {"$regex": pattern}),
    ]


def common_words(documents):
    """Three words of five letters and more that many documents have, the most frequent first."""
    counts = {}
    for text in documents:
        for word in set(re.findall(r"[a-z]{5,}", text)):
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))[:3]


def fill(process, data):
    client = chromadb.HttpClient(host="127.0.0.1", port=process.port)
    collection = client.create_collection("filters", embedding_function=None, configuration={"hnsw": {"space": data.space}})
    for start in range(0, len(data.ids), 500):
        part = slice(start, start + 500)
        metadatas = [{**metadata, "row": start + place} for place, metadata in enumerate(data.metadatas[part])]
        collection.add(ids=data.ids[part], embeddings=data.vectors[part], documents=data.documents[part], metadatas=metadatas)
    settle(collection)
    return collection


def settle(collection):
    """Until the server has told several times in a row that every row is in its index. Chroma has them there when it acknowledges them."""
    quiet = 0
    while quiet < SETTLED_POLLS:
        try:
            status = collection.get_indexing_status()
        except chromadb.errors.ChromaError:
            return
        quiet = quiet + 1 if status.num_unindexed_ops == 0 else 0
        time.sleep(0.5)


def ask(collection, data, filter, first, count, seconds, found):
    for number in range(first, first + count):
        query = data.queries[number % len(data.queries)]
        started = time.perf_counter()
        answer = collection.query(query_embeddings=[query], n_results=WANTED, **filter.arguments)
        seconds.append(time.perf_counter() - started)
        found.append((number % len(data.queries), answer["ids"][0]))


def measure(options, data, recorder):
    chosen = filters(data)
    processes = [servers.start_ours(options.server_command, options.port)]
    if options.chroma:
        processes.append(servers.start_chroma(options.chroma, options.port + 1))
    try:
        collections = [(process.name, fill(process, data)) for process in processes]
        for filter in chosen:
            data.kept[filter.name] = filter.kept
            for name, collection in collections:
                # The first queries have lookup files opened and caches filled.
                ask(collection, data, filter, 0, 5, [], [])
        time.sleep(2)
        # In rounds, so that what else happens on the machine meanwhile is spread over all of them.
        taken = [(filter, name, collection, [], []) for filter in chosen for name, collection in collections]
        for first in range(0, options.queries, ROUND):
            for filter, _, collection, seconds, found in taken:
                ask(collection, data, filter, first, min(ROUND, options.queries - first), seconds, found)
        for filter, name, _, seconds, found in taken:
            recorder.of(name)(
                "filter", kind=filter.name, matches=len(filter.kept), recall=recall(data, filter, found),
                p50_ms=float(numpy.percentile(seconds, 50)) * 1000, p99_ms=float(numpy.percentile(seconds, 99)) * 1000)
    finally:
        for process in processes:
            process.stop()


def recall(data, filter, found):
    """The mean share of the exact answers that came; a row that the filter excludes counts as none."""
    shares = []
    kept = set(filter.kept.tolist())
    for number, identifiers in found:
        bound, wanted = data.farthest(filter.name, number, WANTED)
        numbers = numpy.array([row for row in {data.numbers[identifier] for identifier in identifiers} if row in kept], dtype=int)
        distances = data.distances(data.queries[number], data.vectors[numbers])
        shares.append(min(wanted, int((distances <= bound + 1e-9 * (1 + abs(bound))).sum())) / wanted)
    return float(numpy.mean(shares))


def table(lines, note):
    """Markdown: a row for each filter, both servers side by side."""
    measured = {(line["server"], line["kind"]): line for line in lines}
    names = list(dict.fromkeys(line["server"] for line in lines))
    first = lines[0]
    text = [f"# Filtered queries: {first['dataset']}, {first['n']:,} × {first['dimension']}, {first['metric']}", "",
            "One query after another by the stock chromadb client; milliseconds of the median and the 99th percentile, recall@10 against the exact answers.", ""]
    text += [note, ""] if note else []
    head = ["filter", "matches"] + [f"{name}: p50 / p99, recall" for name in names] + [f"{names[0]} / its own without a filter"]
    text += ["| " + " | ".join(head) + " |", "|---|--:" + "|---" * len(names) + "|--:|"]
    for kind in dict.fromkeys(line["kind"] for line in lines):
        cells = []
        for name in names:
            line = measured[name, kind]
            cells.append(f"{line['p50_ms']:.2f} / {line['p99_ms']:.2f}, {line['recall']:.3f}")
        ratio = measured[names[0], kind]["p50_ms"] / measured[names[0], BASE]["p50_ms"]
        text.append(f"| {kind} | {measured[names[0], kind]['matches']:,} | " + " | ".join(cells) + f" | {ratio:.2f} |")
    text += ["", f"The goal is at most {GOAL} times the query without a filter."]
    return "\n".join(text) + "\n"


def main():
    options = parse_arguments()
    data = rows.load(options)
    recorder = results.Recorder(
        options.output, note=options.note, dataset=data.name, n=len(data.ids), dimension=data.dimension, metric=data.space, k=WANTED)
    measure(options, data, recorder)
    text = table([line for line in recorder.lines if line.get("measure") == "filter"], options.note)
    if options.report:
        with open(options.report, "w", encoding="utf-8") as file:
            file.write(text)
    print(text)


if __name__ == "__main__":
    sys.exit(main())
