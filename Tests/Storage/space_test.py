#!/usr/bin/env python3
"""Looks whether space comes back: rounds of load, delete half, update all, drop and recreate, against a fresh load of the same.

    space_test.py --server-command '.build/release/lyrica-vectord serve'            # a minute or two
    space_test.py --server-command '.build/release/lyrica-vectord serve' --long     # an hour's worth of operations of a busy client

At the end the collections hold what one load would have put there. A second server is loaded with just that. Disk, memory of its
own, descriptors and mappings of the first must be within 1.5 times those of the second, and the first must hold no file that it has
removed. Mapped pages of files do not count as memory: the system takes them back, and they are no more than the disk's share. Every record is read back and compared. Exit code 1 when a promise was broken.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Crash"))

from dataset import Dataset
from footprint import settled
from server_process import Broken, ServerProcess, free_port
from workload import BASE, Client, Refused, ServerGone

COLLECTIONS = ["first", "second", "third"]
BATCH = 500
# Small next to the data, as the defaults are next to real data, so that what is measured are segments.
STORAGE = {"LYRICA_MEMTABLE_SIZE": "2MiB", "LYRICA_LOG_SIZE": "4MiB", "LYRICA_FLUSH_IDLE_SECONDS": "1"}
RATIO_MAX = 1.5
# Connections, threads, and what an allocator keeps, come and go.
ALLOWANCES = {"descriptors": 16, "mappings": 16, "anonymous": 16 << 20}


class Load:
    """A client and what it has written: the version of every record that there is."""

    def __init__(self, port, data, rows):
        self.client, self.data, self.rows = Client(port), data, rows
        self.ids, self.versions, self.operations = {}, {name: {} for name in COLLECTIONS}, 0

    def create(self, name):
        self.ids[name] = self.client.send("POST", BASE, {"name": name})["id"]

    def drop(self, name):
        self.client.send("DELETE", f"{BASE}/{name}")
        self.versions[name] = {}

    def write(self, name, kind, numbers, version):
        for start in range(0, len(numbers), BATCH):
            batch = numbers[start:start + BATCH]
            self.repeat(f"{BASE}/{self.ids[name]}/{kind}", self.data.body(batch, version))
            self.versions[name].update((number, version) for number in batch)
            self.operations += len(batch)

    def delete(self, name, numbers):
        for start in range(0, len(numbers), BATCH):
            batch = numbers[start:start + BATCH]
            self.repeat(f"{BASE}/{self.ids[name]}/delete", {"ids": [f"row-{number}" for number in batch]})
            for number in batch:
                del self.versions[name][number]
            self.operations += len(batch)

    def repeat(self, path, body):
        """Sends again while the server says that it is busy."""
        while True:
            try:
                return self.client.send("POST", path, body)
            except Refused as error:
                if ": 503 " not in str(error):
                    raise
                time.sleep(0.1)

    def round(self, version, chance):
        """Ends with every collection full again."""
        everything = range(self.rows)
        for name in COLLECTIONS:
            self.delete(name, chance.sample(everything, self.rows // 2))
            self.write(name, "update", sorted(self.versions[name]), version)
            self.write(name, "add", sorted(set(everything) - set(self.versions[name])), version)
        again = chance.choice(COLLECTIONS)
        self.drop(again)
        self.create(again)
        self.write(again, "add", list(everything), version)

    def verify(self):
        for name in COLLECTIONS:
            count = self.client.send("GET", f"{BASE}/{self.ids[name]}/count")
            if count != len(self.versions[name]):
                raise Broken(f"{name} counts {count} records, {len(self.versions[name])} were written")
            numbers = sorted(self.versions[name])
            for start in range(0, len(numbers), BATCH):
                self.verify_batch(name, numbers[start:start + BATCH])

    def verify_batch(self, name, numbers):
        answer = self.client.send("POST", f"{BASE}/{self.ids[name]}/get", {
            "ids": [f"row-{number}" for number in numbers], "include": ["embeddings", "documents", "metadatas"]})
        found = dict(zip(answer["ids"], zip(answer["embeddings"], answer["documents"], answer["metadatas"])))
        for number in numbers:
            version = self.versions[name][number]
            expected = (self.data.vector(number, version), self.data.document(number, version), self.data.metadata(number, version))
            stored = found.get(f"row-{number}")
            # Shortest decimals of floats: equal once they are floats again.
            if stored is None or stored[1:] != expected[1:] or any(abs(a - b) > 1e-6 for a, b in zip(stored[0], expected[0])):
                raise Broken(f"row-{number} of {name} is not version {version}")


def compare(used, fresh):
    """What is larger than it may be."""
    problems = []
    for what in ["disk", "segments", "anonymous", "descriptors", "mappings"]:
        allowed = RATIO_MAX * getattr(fresh, what) + ALLOWANCES.get(what, 0)
        if getattr(used, what) > allowed:
            problems.append(f"{what}: {getattr(used, what)}, against {getattr(fresh, what)} of a fresh load")
    if used.held:
        problems.append(f"removed files are still held: {used.held[:5]}")
    return problems


def run(options, parent):
    data = Dataset(options.dimension, options.seed)
    chance = random.Random(options.seed)
    footprints = {}
    for kind in ["used", "fresh"]:
        server = ServerProcess(options.server_command, free_port(), os.path.join(parent, kind), STORAGE)
        try:
            server.start()
            load = Load(server.port, data, options.rows)
            for name in COLLECTIONS:
                load.create(name)
                load.write(name, "add", list(range(options.rows)), 0)
            for number in range(1, options.rounds + 1 if kind == "used" else 1):
                load.round(number, chance)
                if number % max(1, options.rounds // 10) == 0:
                    print(f"round {number}: {load.operations} operations; "
                          f"{settled(server.process.pid, server.directory, 1, 10)}", flush=True)
            load.verify()
            load.client.connection.close()
            footprints[kind] = settled(server.process.pid, server.directory)
            print(f"{kind} after {load.operations} operations: {footprints[kind]}", flush=True)
            server.stop()
        finally:
            server.kill()
    return compare(footprints["used"], footprints["fresh"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server-command", required=True, help="without port and data directory")
    parser.add_argument("--long", action="store_true", help="50 rounds instead of 4")
    parser.add_argument("--rounds", type=int, help="so many rounds")
    parser.add_argument("--rows", type=int, default=8_000, help="rows of each of three collections (default 8000)")
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="keep the data directories")
    options = parser.parse_args()
    options.rounds = options.rounds or (50 if options.long else 4)
    # The server ends also when a script stops us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parent = tempfile.mkdtemp(prefix="lyrica-space-")
    try:
        problems = run(options, parent)
    except (Broken, Refused, ServerGone) as error:
        problems = [f"{type(error).__name__}: {error}"]
    if problems:
        print("FAILED: " + "\n  ".join(problems) + f"\nseed {options.seed}; data directories {parent}")
        return 1
    if not options.keep:
        shutil.rmtree(parent)
    print(f"passed: space comes back (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
