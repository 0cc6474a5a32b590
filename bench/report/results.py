"""Result lines of the ANN benchmarks: reading them, and what they say at a wanted recall."""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

OURS = "lyrica"
LEVELS = (0.90, 0.95, 0.98, 0.99, 0.995)
FAMILIES = {"hnsw": "graph", "vamana": "graph", "symphonyqg": "graph", "ivf": "ivf", "flat": "flat"}
KEYS = ("dataset", "n", "dimension", "metric", "k", "queries", "engine", "index", "parameters", "search", "threads",
        "build_seconds", "recall", "qps", "p50_us", "p99_us", "index_bytes", "resident_bytes", "disk_bytes", "machine")


class BadResults(Exception):
    """A file is no file of result lines; the message says where."""


@dataclass
class Point:
    """One setting of the search parameter: medians over repeated measurements."""

    search: dict
    recall: float
    qps: float
    p50_us: float
    p99_us: float


@dataclass
class Configuration:
    """One engine with one set of parameters on one data set."""

    engine: str
    index: str
    parameters: dict
    build_seconds: float | None
    index_bytes: int | None
    resident_bytes: int | None
    disk_bytes: int | None
    points: list = field(default_factory=list)

    @property
    def ours(self):
        return self.engine == OURS

    @property
    def family(self):
        return FAMILIES[self.index]

    @property
    def label(self):
        """Peers have a name for each configuration; ours are told apart by index and parameters."""
        if not self.ours:
            return self.engine
        parts = [f"{name}={value}" for name, value in self.parameters.items() if value is not None]
        return f"{self.engine} {self.index}" + (f" ({', '.join(parts)})" if parts else "")

    def best(self, level):
        """The fastest point that reaches a recall, or None."""
        return max((point for point in self.points if point.recall >= level), key=lambda point: point.qps, default=None)


@dataclass
class DataSet:
    """All configurations measured on the same rows, queries, metric and k."""

    name: str
    n: int
    dimension: int
    metric: str
    k: int
    queries: int
    threads: int
    machines: list
    configurations: list

    def of(self, family):
        return [each for each in self.configurations if each.family == family]


def read(paths):
    """The data sets of several files of JSON lines, in order of their names."""
    groups = {}
    for path in paths:
        for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                result = _checked(line, f"{path}:{number}")
                key = tuple(result[name] for name in ("dataset", "n", "dimension", "metric", "k", "queries", "threads"))
                groups.setdefault(key, []).append(result)
    return [_data_set(key, groups[key]) for key in sorted(groups)]


def _checked(line, place):
    try:
        result = json.loads(line)
    except ValueError as error:
        raise BadResults(f"{place}: not JSON: {error}") from error
    absent = [name for name in KEYS if name not in result] if isinstance(result, dict) else list(KEYS)
    if absent:
        raise BadResults(f"{place}: without {', '.join(absent)}")
    if result["index"] not in FAMILIES:
        raise BadResults(f"{place}: unknown index {result['index']}")
    return result


def _data_set(key, results):
    configurations = {}
    for result in results:
        name = json.dumps([result["engine"], result["index"], result["parameters"]], sort_keys=True)
        configurations.setdefault(name, []).append(result)
    return DataSet(*key, machines=sorted({result["machine"] for result in results}),
                   configurations=[_configuration(lines) for lines in configurations.values()])


def _configuration(lines):
    first = lines[0]
    settings = {}
    for line in lines:
        settings.setdefault(json.dumps(line["search"], sort_keys=True), []).append(line)
    return Configuration(
        first["engine"], first["index"], first["parameters"],
        *(_median(lines, name) for name in ("build_seconds", "index_bytes", "resident_bytes", "disk_bytes")),
        points=[Point(same[0]["search"], *(_median(same, name) for name in ("recall", "qps", "p50_us", "p99_us")))
                for same in settings.values()])


def _median(lines, name):
    values = [line[name] for line in lines if line[name] is not None]
    return statistics.median(values) if values else None


def fastest(configurations, level):
    """The configuration and its point with the most queries per second at a recall, or None."""
    found = [(each, each.best(level)) for each in configurations]
    return max(((each, point) for each, point in found if point), key=lambda pair: pair[1].qps, default=None)


def frontier(points):
    """The points that no other beats in both recall and rate, by rising recall."""
    kept, best = [], 0.0
    for point in sorted(points, key=lambda point: (-point.recall, -point.qps)):
        if point.qps > best:
            kept.append(point)
            best = point.qps
    return kept[::-1]
