"""What is loaded and asked: rows with ids, texts and metadata, query vectors, and the exact answers to them."""

import gzip
import itertools
import json
from pathlib import Path

import numpy

# Sort of query -> its filter. The bucket of a row is its number modulo 100, so that the filters keep known shares.
FILTERS = {"query": None, "query_1": {"bucket": 7}, "query_50": {"bucket": {"$lt": 50}}}
SPACES = {"cosine": "cosine", "l2": "l2", "ip": "ip", "dot": "ip"}
QUERIES_MAX = 1000
WORDS = 5000
CANDIDATES_MORE = 50


class Rows:
    """Rows to load, and query vectors that are not among them."""

    def __init__(self, name, space, vectors, queries, texts):
        self.name, self.space, self.vectors, self.queries = name, space, vectors, queries
        self.ids, self.documents, self.metadatas = [], [], []
        for row, (identifier, text, metadata) in enumerate(itertools.islice(texts, len(vectors))):
            self.ids.append(identifier)
            self.documents.append(text)
            self.metadatas.append({**metadata, "bucket": row % 100})
        if len(self.ids) < len(vectors):
            raise SystemExit(f"{len(vectors)} rows, but only {len(self.ids)} texts")
        buckets = numpy.arange(len(vectors)) % 100
        self.norms = numpy.linalg.norm(vectors, axis=1)
        self.kept = {"query": slice(None), "query_1": buckets == 7, "query_50": buckets < 50}
        self.numbers = {identifier: row for row, identifier in enumerate(self.ids)}

    @property
    def dimension(self):
        return self.vectors.shape[1]

    def distances(self, query, vectors):
        """In double precision."""
        query, vectors = query.astype(numpy.float64), vectors.astype(numpy.float64)
        if self.space == "l2":
            return ((vectors - query) ** 2).sum(axis=1)
        products = vectors @ query
        if self.space == "cosine":
            products /= numpy.linalg.norm(vectors, axis=1) * numpy.linalg.norm(query)
        return 1 - products

    def farthest(self, kind, index, count):
        """How far the last of the exact answers to a query is, and how many there are.

        Single precision finds more candidates than are wanted, double precision decides among them.
        """
        numbers = self.kept[kind]
        rough = self.vectors[numbers] @ self.queries[index]
        if self.space == "cosine":
            rough /= self.norms[numbers]
        elif self.space == "l2":
            rough -= self.norms[numbers] ** 2 / 2
        count = min(count, len(rough))
        kept = min(count + CANDIDATES_MORE, len(rough))
        nearest = numpy.argpartition(-rough, kept - 1)[:kept]
        distances = self.distances(self.queries[index], self.vectors[numbers][nearest])
        return numpy.partition(distances, count - 1)[count - 1], count

    def recall(self, kind, answers, count):
        """The mean of |returned ∩ exact| / count over `answers`, pairs of a query's number and the ids returned for it.

        A row as near as the last exact one counts as found; one that the filter excludes, or that comes twice, does not.
        """
        bounds, shares = {}, []
        for index, identifiers in answers:
            if index not in bounds:
                bounds[index] = self.farthest(kind, index, count)
            bound, wanted = bounds[index]
            numbers = numpy.array(sorted({self.numbers[identifier] for identifier in identifiers}), dtype=int)
            if kind != "query":
                numbers = numbers[self.kept[kind][numbers]]
            found = self.distances(self.queries[index], self.vectors[numbers]) <= bound + 1e-9 * (1 + abs(bound))
            shares.append(min(wanted, int(found.sum())) / wanted)
        return float(numpy.mean(shares))


def load(options):
    """The rows that the command line asks for."""
    if options.data:
        folder = Path(options.data)
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        name, space = about["dataset"], SPACES[about["metric"]]
        base = numpy.load(folder / "base.npy", mmap_mode="r")[:options.rows]
        queries = numpy.load(folder / "queries.npy")[:QUERIES_MAX]
    elif options.vectors:
        name, space = Path(options.vectors).name.partition(".")[0], options.space
        everything = numpy.load(options.vectors, mmap_mode="r")
        count = min(options.rows, len(everything) - QUERIES_MAX)
        if count < 1:
            raise SystemExit(f"{options.vectors} has {len(everything)} rows; {QUERIES_MAX} are for queries")
        base, queries = everything[:count], everything[count:count + QUERIES_MAX]
    else:
        name, space = "random", options.space
        base, queries = random_vectors(options.rows)
    texts = read_texts(options.texts) if options.texts else random_texts()
    return Rows(name, space, numpy.asarray(base, numpy.float32), numpy.asarray(queries, numpy.float32), texts)


def random_vectors(count, dimension=64, inner=12):
    """Rows near a surface of few dimensions, as rows of real data are: otherwise everything is equally far away."""
    source = numpy.random.default_rng(1)
    made = source.normal(size=(count + 200, inner)) @ source.normal(size=(inner, dimension))
    made += 0.3 * source.normal(size=made.shape)
    return made[:count].astype(numpy.float32), made[count:].astype(numpy.float32)


def read_texts(path):
    """Lines {"id", "text", "meta"}: three of the metadata are kept."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        for line in file:
            value = json.loads(line)
            yield value["id"], value["text"], {key: value["meta"][key] for key in ("pos", "lexfile", "lemma")}


def random_texts():
    """Sentences of about 90 bytes; words are as unevenly frequent as in a language."""
    source = numpy.random.default_rng(2)
    letters = numpy.array(list("etaoinshrdlucmwfgypbvk"))
    words = ["".join(source.choice(letters, size=source.integers(2, 11))) for _ in range(WORDS)]
    frequencies = 1 / numpy.arange(1, WORDS + 1)
    frequencies /= frequencies.sum()
    for block in itertools.count():
        drawn = source.choice(WORDS, size=(1000, 14), p=frequencies)
        for position, numbers in enumerate(drawn):
            row = block * 1000 + position
            text = " ".join(words[number] for number in numbers[:source.integers(6, 15)])
            yield f"row-{row}", text, {"pos": "noun", "lexfile": row % 40, "lemma": words[numbers[0]]}
