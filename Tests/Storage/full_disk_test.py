#!/usr/bin/env python3
"""Fills the disk of a server under load and looks whether it stays civil: on a small tmpfs, so it needs the right to mount.

    full_disk_test.py --server-command '.build/release/lyrica-vectord serve'

1. Writers fill the disk. Refused writes are answered with 507 or 503 and a message that says why; everything acknowledged is read back
   while the disk is full, and what was refused left nothing behind.
2. There is space again: writes succeed before long, without a restart.
3. The disk is filled once more and the server killed with SIGKILL. It is started while there is still no space; whether it serves or
   refuses to start with a message that says why, nothing acknowledged may be lost once there is space.
4. A clean stop and a start: everything is there.

Exit code 1 when a promise was broken; 0 with a message that says so where mounting is not permitted.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Crash"))

from dataset import Dataset
from server_process import Broken, ServerProcess, free_port
from workload import BASE, Client, Refused, ServerGone

STORAGE = {"LYRICA_MEMTABLE_SIZE": "1MiB", "LYRICA_LOG_SIZE": "4MiB", "LYRICA_FLUSH_IDLE_SECONDS": "1"}
# Room for a round of merging is part of it.
BALLAST_SHARE = 0.4
WORDS_OF_FULLNESS = ("disk", "space", "storage", "waiting", "keep up")
RECOVERY_SECONDS_MAX = 60
VECTORS_CHECKED = 2_000


class Tmpfs:
    """A file system of a few MiB with a file that can be taken out of it to make room."""

    def __init__(self, path, mebibytes):
        self.path, self.mebibytes = path, mebibytes
        self.ballast = os.path.join(path, "ballast")

    def mount(self):
        """Whether that is permitted."""
        os.makedirs(self.path)
        outcome = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.mebibytes}m", "tmpfs", self.path],
                                 capture_output=True, text=True, check=False)
        self.problem = outcome.stderr.strip()
        return outcome.returncode == 0

    def unmount(self):
        subprocess.run(["umount", "-l", self.path], check=False)

    def take_room(self):
        """As much as there is, at most the ballast's size."""
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                for _ in range(int(self.mebibytes * BALLAST_SHARE)):
                    file.write(bytes(1 << 20))
            except OSError:
                pass

    def fill(self):
        """Takes the rest too, so that not a page is left."""
        with open(self.ballast, "ab", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def make_room(self):
        os.remove(self.ballast)


class Writer(threading.Thread):
    """Adds, replaces and deletes records of its own; knows what was acknowledged."""

    def __init__(self, number, port, collection, data):
        super().__init__(daemon=True)
        self.number, self.client, self.collection, self.data = number, Client(port), collection, data
        self.random = random.Random(number)
        self.versions = {}              # record -> version, acknowledged
        self.next, self.version = number * 10_000_000, 0
        self.under_way = None           # what a request that got no answer would make of some records
        self.refusals = {}
        self.failure = None
        self.halt = threading.Event()

    def run(self):
        try:
            while not self.halt.is_set():
                self.step()
        except ServerGone as error:
            self.failure = str(error)
        except Broken as error:
            self.failure = str(error)
            self.halt.set()

    def step(self):
        self.version += 1
        if self.versions and self.random.random() < 0.3:
            chosen = self.random.sample(sorted(self.versions), min(len(self.versions), 50))
            if self.random.random() < 0.2:
                self.send("delete", {"ids": [f"row-{number}" for number in chosen]}, dict.fromkeys(chosen))
                return
        else:
            chosen = list(range(self.next, self.next + 100))
            self.next += 100
        self.send("upsert", self.data.body(chosen, self.version), dict.fromkeys(chosen, self.version))

    def send(self, kind, body, after):
        self.under_way = after
        status = self.attempt(kind, body)
        self.under_way = None
        if status is not None:
            self.refusals[status] = self.refusals.get(status, 0) + 1
            time.sleep(0.05)
            return
        for number, version in after.items():
            if version is None:
                self.versions.pop(number, None)
            else:
                self.versions[number] = version

    def attempt(self, kind, body):
        """The status of a refusal; None when the write was acknowledged."""
        try:
            self.client.send("POST", f"{BASE}/{self.collection}/{kind}", body)
            return None
        except Refused as error:
            status = int(str(error).split(": ")[1].split()[0])
            if status not in (503, 507):
                raise Broken(f"a write to a full disk was refused like this: {error}") from error
            if not any(word in str(error).lower() for word in WORDS_OF_FULLNESS):
                raise Broken(f"the refusal does not say why: {error}") from error
            return status


def read_back(port, collection, writers, data):
    """Every acknowledged record is there and nothing else. An operation without an answer may have been done: wholly or not at all."""
    client, stored, page = Client(port), {}, 5_000
    while True:
        answer = client.send("POST", f"{BASE}/{collection}/get", {
            "limit": page, "offset": len(stored), "include": ["documents", "metadatas"]})
        for name, document, metadata in zip(answer["ids"], answer["documents"], answer["metadatas"]):
            stored[int(name.removeprefix("row-"))] = (metadata["version"], document)
        if len(answer["ids"]) < page:
            break
    found = {number: version for number, (version, _) in stored.items()}
    for writer in writers:
        settle(writer, found)
    expected = {number: version for writer in writers for number, version in writer.versions.items()}
    if found != expected:
        missing, extra = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
        changed = sorted(number for number in expected if number in found and found[number] != expected[number])
        raise Broken(f"of {len(expected)} acknowledged records {len(missing)} are gone {missing[:5]}, {len(changed)} have another "
                     f"version {changed[:5]}, and {len(extra)} should not be there {extra[:5]}")
    for number, (version, document) in stored.items():
        if document != data.document(number, version):
            raise Broken(f"row-{number} does not have the document of version {version}")
    check_vectors(client, collection, found, data)
    return len(expected)


def check_vectors(client, collection, versions, data):
    """Vectors are long as text: of a few, spread over all."""
    chosen = sorted(versions)[::max(1, len(versions) // VECTORS_CHECKED)]
    for start in range(0, len(chosen), 500):
        answer = client.send("POST", f"{BASE}/{collection}/get", {
            "ids": [f"row-{number}" for number in chosen[start:start + 500]], "include": ["embeddings"]})
        for name, vector in zip(answer["ids"], answer["embeddings"]):
            number = int(name.removeprefix("row-"))
            if any(abs(a - b) > 1e-6 for a, b in zip(vector, data.vector(number, versions[number]))):
                raise Broken(f"row-{number} does not have the vector of version {versions[number]}")


def settle(writer, found):
    if writer.under_way is None:
        return
    states = {found.get(number) for number in writer.under_way}
    after = set(writer.under_way.values())
    if states <= after:
        for number, version in writer.under_way.items():
            if version is None:
                writer.versions.pop(number, None)
            else:
                writer.versions[number] = version
    writer.under_way = None


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Broken(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class Test:
    def __init__(self, options, tmpfs):
        self.options, self.tmpfs = options, tmpfs
        self.data = Dataset(options.dimension, options.seed)
        self.server = ServerProcess(options.server_command, free_port(), os.path.join(tmpfs.path, "data"), STORAGE)
        # What the server says must not need the disk that is full.
        self.server.log_path = tmpfs.path + ".log"
        self.writers, self.collection = [], None

    def load(self):
        """Goes on with what the writers of before have written."""
        again = [Writer(number, self.server.port, self.collection, self.data) for number in range(self.options.writers)]
        for old, new in zip(self.writers, again):
            new.versions, new.next, new.version = old.versions, old.next, old.version
        self.writers = again
        for writer in self.writers:
            writer.start()

    def halt(self):
        for writer in self.writers:
            writer.halt.set()
        for writer in self.writers:
            writer.join(timeout=60)

    def check_writers(self):
        for writer in self.writers:
            if writer.failure:
                raise Broken(f"writer {writer.number}: {writer.failure}")

    def refusals(self):
        return sum(sum(writer.refusals.values()) for writer in self.writers)

    def acknowledged(self):
        return sum(len(writer.versions) for writer in self.writers)

    def verify(self, when):
        print(f"{when}: {read_back(self.server.port, self.collection, self.writers, self.data)} records as acknowledged", flush=True)

    def until_full(self):
        self.load()
        wait_for(lambda: self.refusals() >= 20 or any(writer.failure for writer in self.writers), 300, "the disk is full")
        # The rest goes too; and refusals while others read.
        self.tmpfs.fill()
        time.sleep(2)

    def run(self):
        self.server.start()
        client = Client(self.server.port)
        self.collection = client.send("POST", BASE, {"name": "rows"})["id"]

        self.tmpfs.take_room()
        self.until_full()
        self.check_reads(client)
        self.halt()
        self.check_writers()
        refusals = {status: sum(writer.refusals.get(status, 0) for writer in self.writers) for status in (503, 507)}
        print(f"full: {self.acknowledged()} records; refusals by status: {refusals}", flush=True)
        self.verify("while full")

        self.tmpfs.make_room()
        self.load()
        before = self.acknowledged()
        wait_for(lambda: self.acknowledged() > before + 1_000 or any(writer.failure for writer in self.writers),
                 RECOVERY_SECONDS_MAX, "writes succeed again once there is space")
        self.halt()
        self.check_writers()
        self.verify("with space again")

        self.tmpfs.take_room()
        self.until_full()
        self.server.kill()
        self.halt()
        self.start_while_full()
        self.verify("after a kill while full")
        self.server.stop()
        self.server.start()
        self.verify("after a clean restart")
        self.server.stop()

    def check_reads(self, client):
        """Reads of all kinds go on while writes are refused."""
        for number in range(20):
            found = client.send("POST", f"{BASE}/{self.collection}/query", {
                "query_embeddings": [self.data.vector(number, number)], "n_results": 5, "include": ["documents"]})
            if len(found["ids"][0]) != 5:
                raise Broken(f"a query while the disk is full finds {len(found['ids'][0])} of 5")
            client.send("GET", f"{BASE}/{self.collection}/count")

    def start_while_full(self):
        try:
            self.server.start()
            print("the server starts while the disk is full", flush=True)
            self.verify("started while full")
            self.tmpfs.make_room()
        except Broken as error:
            if self.server.process.poll() is None or "space" not in self.server.log_tail().lower():
                raise
            print(f"the server does not start while the disk is full, and says so: {str(error)[-200:]}", flush=True)
            self.tmpfs.make_room()
            self.server.start()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server-command", required=True, help="without port and data directory")
    parser.add_argument("--size", type=int, default=96, help="MiB of the tmpfs (default 96)")
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    parent = tempfile.mkdtemp(prefix="lyrica-full-")
    tmpfs = Tmpfs(os.path.join(parent, "disk"), options.size)
    if not tmpfs.mount():
        shutil.rmtree(parent)
        print(f"skipped: a tmpfs cannot be mounted here ({tmpfs.problem}); run this as root")
        return 0
    # What is mounted is unmounted also when a script stops us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    test, failure = Test(options, tmpfs), None
    try:
        test.run()
    except (Broken, Refused, ServerGone) as error:
        failure = f"{type(error).__name__}: {error}\n{test.server.log_tail()}"
    finally:
        test.server.kill()
        tmpfs.unmount()
    if failure:
        print(f"FAILED: {failure}\nseed {options.seed}; the server's log is {test.server.log_path}")
        return 1
    shutil.rmtree(parent)
    print(f"passed: a full disk refuses writes and loses nothing (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
