"""Recall, rates, latencies and memory: how every peer is measured."""

import ctypes
import gc
import os
import time
from pathlib import Path

import numpy as np

# A rate is the best of several passes over all queries: at least ROUNDS and RATE_SECONDS, but no more rounds once
# RATE_SECONDS_MAX have passed.
ROUNDS = 3
RATE_SECONDS = 0.4
RATE_SECONDS_MAX = 2.0
# Latencies come from single calls, through as many queries as fit in LATENCY_SECONDS.
LATENCY_SECONDS = 0.3
LATENCY_QUERIES_MIN = 20

# Two distances are equal when they differ by no more than float32 rows leave uncertain.
TIE = 1e-6


def recall(found, truth_ids, base, queries, metric, k, distances):
    """|returned ∩ exact top k| / k averaged over the queries; a row as near as the k-th exact one is a hit.

    `distances(base, query, ids, metric)` gives float64 distances. A row returned twice counts once.
    """
    hits = 0
    for row, query in enumerate(queries):
        exact = truth_ids[row][:k]
        ids = np.unique(np.asarray(found[row])[:k])
        ids = ids[(ids >= 0) & (ids < len(base))]
        inside = np.isin(ids, exact)
        others = ids[~inside]
        hits += int(inside.sum())
        if len(others):
            limit = distances(base, query, exact[-1:], metric)[0]
            limit += TIE * max(abs(limit), 1e-3)
            hits += int((distances(base, query, others, metric) <= limit).sum())
    return min(hits, k * len(queries)) / (k * len(queries))


def percentile(values, share):
    """The smallest value with at least `share` (0 to 1) of the values at or below it."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, int(np.ceil(share * len(ordered))) - 1)]


# The clock for builds and rates: the wall's, or on a busy machine the time that the processor gave to this process.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def rate(search, queries, clock=time.perf_counter):
    """What the last pass found and the queries per second of the fastest pass."""
    search(queries[:min(len(queries), 50)])
    best, spent, rounds = float("inf"), 0.0, 0
    while rounds < 1 or spent < RATE_SECONDS or (rounds < ROUNDS and spent < RATE_SECONDS_MAX):
        began = clock()
        found = search(queries)
        took = clock() - began
        best, spent, rounds = min(best, took), spent + took, rounds + 1
    return found, len(queries) / best


def latencies(search, queries):
    """Seconds of single calls, after a few to warm up."""
    for query in queries[:5]:
        search(query)
    taken, spent = [], 0.0
    while len(taken) < LATENCY_QUERIES_MIN or spent < LATENCY_SECONDS:
        for query in queries:
            began = time.perf_counter()
            search(query)
            taken.append(time.perf_counter() - began)
            spent += taken[-1]
            if len(taken) >= LATENCY_QUERIES_MIN and spent >= LATENCY_SECONDS:
                break
    return taken


class Sweep:
    """Goes through sweep points and leaves out those that can bring nothing more.

    Points with efSearch or nprobe stand in order of it. Once recall is full, or is high and has hardly risen twice in a row, more
    effort with the same other settings is left out.
    """

    EFFORTS = ("efSearch", "nprobe")
    FULL = 0.9995
    RISE = 0.0003
    HIGH = 0.9

    def __init__(self, points):
        self.points = points
        self.recalls = {}

    def __iter__(self):
        return (point for point in self.points if not self._exhausted(point))

    def note(self, point, recall):
        self.recalls.setdefault(self._others(point), []).append(recall)

    def _exhausted(self, point):
        if not any(effort in point for effort in self.EFFORTS):
            return False
        recalls = self.recalls.get(self._others(point), [])
        if recalls and recalls[-1] >= self.FULL:
            return True
        return len(recalls) > 2 and recalls[-1] > self.HIGH and recalls[-1] - recalls[-3] < self.RISE

    def _others(self, point):
        return tuple((name, value) for name, value in point.items() if name not in self.EFFORTS)


def resident_bytes():
    """The process's resident memory, once free memory has gone back to the system."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmRSS")


def disk_bytes(path):
    """The size of a file or of all files in a folder."""
    path = Path(path)
    return path.stat().st_size if path.is_file() else sum(
        file.stat().st_size for file in path.rglob("*") if file.is_file())


def machine(clock="wall"):
    """The processor's name, its widest vector instructions, the number of cores, and the clock if not the wall's:
    results by different clocks must not be compared, as those of different machines must not."""
    fields = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    flags = fields.get("flags", fields.get("Features", "")).split()
    # In the words of lyrica-bench, so that results of one machine are told from those of two.
    sets = (("avx512f", "avx512"), ("avx2", "avx2"), ("asimd", "neon"))
    widest = next((name for flag, name in sets if flag in flags), "scalar")
    count = os.cpu_count()
    told = f"{fields.get('model name', 'unknown processor')}, {count} processor{'' if count == 1 else 's'}, {widest}"
    return told if clock == "wall" else f"{told}, {clock} time"
