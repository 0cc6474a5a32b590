#!/usr/bin/env python3
"""Bad input over HTTP: each request must get a clear 4xx, and the server must live on, no larger than before.

    run.py --url http://127.0.0.1:8001 [--pid PID] [--rounds 4] [--body-limit BYTES] [--idle-timeout SECONDS] [--quick] [--only TEXT]

The server may hold other collections: only those named bad-input-… are created, and deleted in the end. With `--pid` the
resident memory of that process is read after each round; the rounds repeat the same requests, so it must settle.
`--body-limit` and `--idle-timeout` are what the server was started with. `--quick` is one round with some cases of each kind,
without those that wait or are larger than some megabytes. Prints every failure and at the end "N passed, N failed"; exit code 1
when one failed.
"""

import argparse
import json
import os
import sys
import time
import urllib.parse

import http_cases
import json_cases
import wire

GROWTH_ALLOWED_BYTES = 64 << 20
# The server gives memory back some time after a large request.
SETTLE_SECONDS = 4
# In the quick mode: one case in so many, of bodies below a size.
QUICK_STEP = 2
QUICK_BODY_BYTES_MAX = 4 << 20


class Suite:
    def __init__(self, options):
        parts = urllib.parse.urlsplit(options.url)
        self.address, self.options = (parts.hostname, parts.port or 80), options
        self.connection = None
        self.passed, self.failures = 0, []
        self.identifiers = {}

    def exchange(self, data):
        """An answer over the kept connection; a new one when the server closed it, with or without telling."""
        for attempt in (0, 1):
            fresh = self.connection is None
            if fresh:
                self.connection = wire.Connection(self.address, timeout=120)
            try:
                if not self.connection.send(data) and not fresh:
                    raise wire.Closed()
                answer = self.connection.answer()
                if answer.closes:
                    self.disconnect()
                return answer
            except (wire.Closed, TimeoutError):
                self.disconnect()
                if fresh:
                    return None

    def disconnect(self):
        if self.connection is not None:
            self.connection.socket.close()
        self.connection = None

    def record(self, name, wrong):
        if wrong is None:
            self.passed += 1
            return
        self.failures.append(name)
        print(f"FAILED {name}: {wrong}", flush=True)

    def alive(self):
        try:
            answer = self.exchange(wire.request("GET", "/api/v2/heartbeat"))
        except OSError as error:
            return f"the server does not answer any more: {error}"
        return None if answer is not None and answer.status == 200 else "the server does not answer any more"

    def fixture(self, name, rows):
        answer = self.exchange(wire.request("POST", json_cases.V2 + "/collections",
                                            json.dumps({"name": "bad-input-" + name, "get_or_create": True})))
        if answer is None or answer.status != 200:
            raise SystemExit(f"cannot create the collection bad-input-{name}: {answer and answer.body}")
        identifier = answer.json()["id"]
        if rows:
            body = {"ids": [row[0] for row in rows], "embeddings": [[1, 2, n] for n in range(len(rows))],
                    "documents": [row[1] for row in rows], "metadatas": [{"k": n} for n in range(len(rows))]}
            answer = self.exchange(wire.request("POST", f"{json_cases.V2}/collections/{identifier}/upsert", json.dumps(body)))
            if answer is None or answer.status != 200:
                raise SystemExit(f"cannot fill bad-input-{name}: {answer and answer.body}")
        return identifier

    def judge(self, path, expectation, answer):
        if answer is None:
            return "no answer"
        status = answer.status
        if status >= 500 and status != 501:
            return f"status {status}: {answer.body[:300]!r}"
        wanted = {"refused": 400 <= status < 500, "accepted": 200 <= status < 300, "bounded": status < 500}
        if not wanted.get(expectation, status == expectation):
            return f"expected {expectation}, got {status}: {answer.body[:300]!r}"
        return self.error_form(path, answer) if status >= 400 else None

    @staticmethod
    def error_form(path, answer):
        """Every refusal is JSON with a message; only an unknown route or method may be an empty body, as Chroma's are."""
        if not answer.body and answer.status in (404, 405):
            return None
        try:
            value = answer.json()
        except ValueError:
            return f"status {answer.status} with a body that is not JSON: {answer.body[:200]!r}"
        if not isinstance(value, dict):
            return f"the error is no object: {answer.body[:200]!r}"
        if path.startswith(json_cases.V1):
            return None if "error" in value or "detail" in value or "message" in value else f"no error in {value}"
        for field in ("error", "message"):
            if not isinstance(value.get(field), str) or not value[field]:
                return f"no {field} in {answer.body[:200]!r}"
        return None

    def left_out(self, name):
        options = self.options
        return bool(options.only and options.only not in name or options.skip and any(text in name for text in options.skip))

    def bodies(self):
        for number, (name, method, path, body, expectation) in enumerate(json_cases.all_cases()):
            if self.left_out(name) or path.startswith(json_cases.V1) and self.options.skip_v1:
                continue
            if self.options.quick and (number % QUICK_STEP or len(body or "") > QUICK_BODY_BYTES_MAX):
                continue
            path = path.replace("{id}", self.identifiers["id"]).replace("{fresh}", self.identifiers["fresh"])
            try:
                answer = self.exchange(wire.request(method, path, body))
            except OSError as error:
                self.record(name, f"{error}")
                raise SystemExit("the server is gone")
            self.record(name, self.judge(path, expectation, answer))
            if answer is None and self.alive() is not None:
                raise SystemExit(f"the server is gone after {name}")

    def transport(self, checks):
        collection = f"{json_cases.V2}/collections/{self.identifiers['id']}"
        for check in checks:
            for name, wrong in check(self.address, collection, self.options):
                if not self.left_out(name):
                    self.record(name, wrong)
                if (dead := self.alive()) is not None:
                    self.record(name, dead)
                    raise SystemExit(f"the server is gone after {name}")

    def nothing_half_applied(self):
        """Only the records written on purpose are there: no refused batch left a row behind."""
        answer = self.exchange(wire.request("POST", f"{json_cases.V2}/collections/{self.identifiers['id']}/get",
                                            json.dumps({"include": []})))
        unexpected = [identifier[:20] for identifier in answer.json()["ids"]
                      if identifier not in ("a", "b", "c") and not identifier.startswith(("large", "iii"))]
        self.record("nothing half applied", f"records {unexpected[:10]} of refused batches" if unexpected else None)

    def resident_bytes(self):
        with open(f"/proc/{self.options.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def log_is_discreet(self):
        with open(self.options.log, encoding="utf-8", errors="replace") as log:
            lines = [line for line in log if json_cases.PRIVATE in line]
        self.record("the log holds nothing of the requests", f"it says {lines[0][:300]!r}" if lines else None)

    def round(self, number):
        rows = [("a", "Hello a" * 3), ("b", "a" * 30 + "b"), ("c", "aaa é")]
        self.identifiers = {"id": self.fixture("main", rows), "fresh": self.fixture("fresh", [])}
        self.bodies()
        self.nothing_half_applied()
        if self.options.quick:
            self.transport([check for check in http_cases.CHECKS if check is not http_cases.oversized_in_chunks])
        else:
            self.transport(http_cases.CHECKS + (http_cases.SLOW_CHECKS if number == 0 else []))
        self.clean()

    def clean(self):
        listed = self.exchange(wire.request("GET", json_cases.V2 + "/collections")).json()
        for collection in listed:
            if collection["name"].startswith("bad-input-"):
                self.exchange(wire.request("DELETE", f"{json_cases.V2}/collections/{collection['name']}"))
        self.exchange(wire.request("DELETE", "/api/v2/tenants/default_tenant/databases/bad-input-db"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--pid", type=int, help="the server's process, to watch its memory")
    parser.add_argument("--rounds", type=int, default=4, help="how often everything is sent (default 4; 1 without --pid)")
    parser.add_argument("--body-limit", type=int, default=256 << 20, help="the server's limit in bytes (default 256 MiB)")
    parser.add_argument("--idle-timeout", type=int, default=30, help="after how many seconds the server gives up a client (default 30)")
    parser.add_argument("--log", metavar="FILE", help="the server's log, searched for what it must not hold")
    parser.add_argument("--quick", action="store_true", help="a part that takes less than a minute")
    parser.add_argument("--slow-connections", type=int, default=50)
    parser.add_argument("--skip-v1", action="store_true", help="for a server without /api/v1")
    parser.add_argument("--only", metavar="TEXT", help="only the checks whose name contains it")
    parser.add_argument("--skip", metavar="TEXT", action="append", help="leave out the checks whose name contains it")
    options = parser.parse_args()
    suite = Suite(options)
    sizes = []
    for number in range(options.rounds if options.pid and not options.quick else 1):
        suite.round(number)
        if options.pid:
            time.sleep(SETTLE_SECONDS)
            sizes.append(suite.resident_bytes())
            print(f"round {number + 1}: {sizes[-1] / 2**20:.0f} MiB resident", flush=True)
    if len(sizes) > 2:
        # The first rounds fill pools and caches; from then on the same requests need no more.
        grown = sizes[-1] - max(sizes[:len(sizes) // 2])
        suite.record("memory settles", None if grown <= GROWTH_ALLOWED_BYTES else
                     f"{grown / 2**20:.0f} MiB more after {len(sizes)} rounds: {[size >> 20 for size in sizes]} MiB")
    if options.log:
        suite.log_is_discreet()
    if (dead := suite.alive()) is not None:
        suite.record("alive in the end", dead)
    print(f"{suite.passed} passed, {len(suite.failures)} failed")
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
