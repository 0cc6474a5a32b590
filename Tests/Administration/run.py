"""Administration of the real server: flush, verify, backup, restore, damage, read-only. Needs nothing but Python.

Starts servers of its own in a temporary directory, and runs the real `lyrica` command against them and against their files.
"""

import argparse
import glob
import json
import os
import random
import shlex
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Server"))

from own_server import OwnServer, equal, true

COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"
DIMENSION = 64
ROWS = 600


class Server(OwnServer):
    """With what these checks ask of it."""

    def lines(self, path, body):
        status, text = self.call(path, body)
        equal(status, 200, f"status of {path}: {text[:300]}")
        lines = [json.loads(line) for line in text.splitlines()]
        true(all("progress" in line for line in lines[:-1]), f"progress before the result, found {text[:300]}")
        return lines[-1]

    def leave_during(self, path, body):
        """Sends a request, waits for the beginning of its answer and hangs up."""
        data = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(head.encode() + data)
            connection.recv(1)

    def create(self, name, seed):
        status, text = self.call(COLLECTIONS, {"name": name})
        equal(status, 200, f"status of create: {text}")
        chance = random.Random(seed)
        identifier = json.loads(text)["id"]
        rows = {"ids": [f"r{n}" for n in range(ROWS)], "documents": [f"row {n} of {name}" for n in range(ROWS)],
                "embeddings": [[chance.random() for _ in range(DIMENSION)] for _ in range(ROWS)]}
        status, text = self.call(f"{COLLECTIONS}/{identifier}/add", rows)
        equal(status, 201, f"status of add: {text}")
        return identifier

    def contents(self):
        """All records of all collections."""
        found = {}
        for collection in json.loads(self.call(COLLECTIONS)[1]):
            everything = {"include": ["documents", "embeddings", "metadatas"]}
            found[collection["name"]] = self.call(f"{COLLECTIONS}/{collection['id']}/get", everything)
        return found


class Administration:
    """One run; every method is one check, in this order."""

    def __init__(self, server_command, lyrica_command, directory):
        self.server_command, self.lyrica_command = server_command, lyrica_command
        self.data, self.backups = os.path.join(directory, "data"), os.path.join(directory, "backups")
        self.directory = directory
        self.expected = self.at_monday = None
        self.identifiers = {}

    def serve(self, *options, data=None):
        return Server(self.server_command, data or self.data, *options)

    def lyrica(self, *arguments, expected=0):
        done = subprocess.run([*self.lyrica_command, *arguments], capture_output=True, text=True, timeout=300)
        equal(done.returncode, expected, f"exit code of lyrica {' '.join(arguments)} ({done.stdout}{done.stderr})")
        return done.stdout

    def in_backups(self, name):
        return os.path.join(self.backups, name)

    def fill_flush_and_verify(self):
        with self.serve("--backup-dir", self.backups) as server:
            self.identifiers = {name: server.create(name, seed) for seed, name in enumerate(["good", "bad", "ugly"])}
            self.lyrica("flush", "--url", server.url)
            equal(json.loads(server.call("/api/lyrica/v1/status")[1])["memtable_bytes"], 0, "memory after a flush")
            equal(server.call("/readyz"), (200, "ready\n"), "readiness")
            result = server.lines("/api/lyrica/v1/verify", {})["result"]
            equal((result["sound"], result["rows"], result["findings"]), (True, 3 * ROWS, []), "verification")
            true("no damage" in self.lyrica("verify", "--url", server.url, "--quiet"), "a verdict")
            true("healthy" in self.lyrica("status", "--url", server.url), "a healthy server")

    def backup_while_running(self):
        with self.serve("--backup-dir", self.backups) as server:
            self.at_monday = server.contents()
            self.lyrica("backup", "monday", "--url", server.url, "--quiet")
            server.create("later", 9)
            self.expected = server.contents()
            self.lyrica("flush", "--url", server.url)
            report = json.loads(self.lyrica("backup", "tuesday", "--base", "monday", "--json", "--quiet", "--url", server.url))
            true(report["bytes_shared_with_base"] > 0, "files shared with the earlier backup")
            equal(server.lines("/api/lyrica/v1/backup", {"name": "single", "format": "tar"})["result"]["name"], "single.tar", "name")

    def refusals(self):
        with self.serve("--backup-dir", self.backups) as server:
            for body, expected in [({"name": "monday"}, 409), ({"name": "../x"}, 400), ({"name": "a/b"}, 400), ({"name": 5}, 422), ({"nam": "x"}, 422),
                                   ({"name": "x", "base": "absent"}, 400), ({"format": "tar", "base": "monday"}, 400), ([], 422)]:
                equal(server.call("/api/lyrica/v1/backup", body)[0], expected, f"status of {body}")
            equal(server.call("/api/lyrica/v1/verify", {"x": 1})[0], 422, "status of a verification with a field")
            equal(server.call("/api/lyrica/v1/backup")[0], 405, "status of GET")
            equal(sorted(os.listdir(self.backups)), ["monday", "single.tar", "tuesday"], "backups")
        with self.serve() as server:
            status, text = server.call("/api/lyrica/v1/backup", {})
            equal(status, 403, "status without --backup-dir")
            true("--backup-dir" in text, "what to set")

    def a_client_that_leaves(self):
        """Leaves no half of a backup, and the next one is made."""
        with self.serve("--backup-dir", self.backups) as server:
            for number in range(5):
                server.leave_during("/api/lyrica/v1/backup", {"name": f"left{number}", "format": ["tar", "directory"][number % 2]})
                server.leave_during("/api/lyrica/v1/verify", {})
            status = 409
            while status == 409:
                status, text = server.call("/api/lyrica/v1/backup", {"name": "after"})
            equal(status, 200, f"status of the next one: {text}")
        for name in os.listdir(self.backups):
            path = self.in_backups(name)
            true(not name.endswith((".tmp", ".parts")), f"no half of a backup, found {name}")
            if os.path.isfile(path) or os.listdir(path):
                self.lyrica("verify", "--backup", path, "--quiet")

    def restore(self):
        for name, expected in [("monday", self.at_monday), ("tuesday", self.expected), ("single.tar", self.expected)]:
            target = os.path.join(self.directory, "restored-" + name)
            self.lyrica("restore", self.in_backups(name), "--to", target, "--quiet")
            self.lyrica("restore", self.in_backups(name), "--to", target, "--quiet", expected=1)
            self.lyrica("verify", "--data-dir", target, "--quiet")
            with self.serve(data=target) as server:
                equal(server.contents(), expected, f"what {name} holds")

    def read_only(self):
        with self.serve("--read-only") as one, self.serve("--read-only") as other:
            equal(one.contents(), self.expected, "contents")
            equal(other.contents(), self.expected, "contents of the second reader")
            status, text = one.call(f"{COLLECTIONS}/{self.identifiers['good']}/delete", {"ids": ["r1"]})
            equal((status, json.loads(text)["error"]), (403, "ChromaError"), "a write")
            equal(one.call("/api/lyrica/v1/flush", {})[0], 403, "a flush")
            self.lyrica("verify", "--url", one.url, "--quiet")

    def damage_costs_one_collection(self):
        path = lambda name, file: glob.glob(os.path.join(self.data, "collections", self.identifiers[name], file))[0]
        with open(path("bad", "*.segment"), "r+b") as segment:
            segment.seek(os.path.getsize(segment.name) // 2)
            byte = segment.read(1)[0]
            segment.seek(-1, os.SEEK_CUR)
            segment.write(bytes([byte ^ 1]))
        with open(path("ugly", "MANIFEST"), "r+b") as manifest:
            manifest.write(b"damaged!")
        with self.serve("--backup-dir", self.backups) as server:
            report = json.loads(self.lyrica("verify", "--url", server.url, "--json", "--quiet", expected=1))
            damaged = {finding["collection"] for finding in report["findings"]}
            equal(damaged, {self.identifiers["bad"], self.identifiers["ugly"]}, "damaged collections")
            status, text = server.call("/readyz")
            equal((status, text.splitlines()[0]), (200, "ready"), "readiness")
            true(f"collection {self.identifiers['bad']} is read-only" in text, f"the damage in {text}")
            true(f"collection {self.identifiers['ugly']} is refused" in text, f"the damage in {text}")
            true(self.data not in text, "no path of the data directory")
            true("2 damaged collections" in self.lyrica("status", "--url", server.url, expected=1), "the damage in the status")
            for name, status in [("good", 200), ("bad", 500), ("ugly", 500)]:
                found, text = server.call(f"{COLLECTIONS}/{self.identifiers[name]}/upsert", {"ids": ["new"], "embeddings": [[0.5] * DIMENSION]})
                equal(found, status, f"status of a write to {name}: {text}")
                true(found == 200 or "lyrica verify" in text, "what to do")
            self.lyrica("backup", "damaged", "--url", server.url, "--quiet", expected=1)

    def repair(self):
        self.lyrica("verify", "--data-dir", self.data, "--quiet", expected=1)
        report = json.loads(self.lyrica("verify", "--data-dir", self.data, "--repair", "--dry-run", "--json", "--quiet", expected=1))
        true(report["dry_run"] and report["actions"], "a plan")
        self.lyrica("verify", "--data-dir", self.data, "--quiet", expected=1)
        # One for what cannot be saved of the damaged block.
        subprocess.run([*self.lyrica_command, "verify", "--data-dir", self.data, "--repair", "--quiet"], capture_output=True, timeout=300)
        self.lyrica("verify", "--data-dir", self.data, "--quiet")
        with self.serve() as server:
            equal(server.call("/readyz"), (200, "ready\n"), "readiness")
            true(json.loads(server.call(f"{COLLECTIONS}/{self.identifiers['good']}/count")[1]) == ROWS + 1, "the good collection's rows")


STEPS = [name for name, value in vars(Administration).items()
         if callable(value) and not name.startswith("_") and name not in ("serve", "lyrica", "in_backups")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server-command", required=True, help="how the server is started, without its options")
    parser.add_argument("--lyrica-command", required=True, help="the command-line client")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        checks = Administration(shlex.split(options.server_command), shlex.split(options.lyrica_command), directory)
        for name in STEPS:
            # Later steps build on earlier ones: the first failure ends the run.
            try:
                getattr(checks, name)()
            except AssertionError as error:
                print(f"{name}: {error}")
                return 1
            print(f"{name}: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
