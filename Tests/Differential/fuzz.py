#!/usr/bin/env python3
"""Sends one random sequence of requests to our server and to Chroma 1.5.9 and compares every answer.

    fuzz.py --ours http://127.0.0.1:8001 --chroma http://127.0.0.1:8000 --seed 1 --requests 10000

Both servers must run, best on fresh data directories (Chroma's own defects add up over runs, see `Run.empty`); nothing in
them is touched but a tenant of this run. The generator depends on the seed alone. An
answer that differs in a way not listed in differences.py is printed with the seed, the number of the request and both
answers, and the sequence that leads there is shortened and written to a file for `--replay`. Exit code 1 then.
"""

import argparse
import collections
import itertools
import json
import random
import sys
import time

import comparison
import differences
from generator import Generator, P
from servers import Server

RUN_SERIAL = itertools.count(1)


class Case:
    """One request with both answers, normalised."""

    def __init__(self, request, ours, chroma, run):
        self.request, self.path = request, request["path"]
        self.kind, self.key = request.get("kind"), request.get("key")
        self.ours, self.chroma = ours, chroma
        self.run, self.diverged = run, False
        try:
            self.body = json.loads(request["body"]) if request.get("body") else None
        except ValueError:
            self.body = None

    def everything(self):
        return self.run.everything(self.key)

    def space(self):
        return self.run.space(self.key)

    def exists(self):
        return self.run.space(self.key) is not None


class Run:
    """A sequence played from the start in a tenant of its own."""

    def __init__(self, ours, chroma, label):
        self.ours, self.chroma = Server(ours), Server(chroma)
        self.tenant = f"fuzz-{label}-{int(time.time() * 1000)}-{next(RUN_SERIAL)}"
        self.before = {}        # the records of a collection before a delete
        self.repeated = set()   # keys of collections that had an upsert or update naming an id twice
        for server in (self.ours, self.chroma):
            for path, name in (("/api/v2/tenants", self.tenant), (f"/api/v2/tenants/{self.tenant}/databases", "main")):
                answer = server.json("POST", path, {"name": name})
                if not answer.succeeded:
                    raise SystemExit(f"{server.host}:{server.port} cannot create {name}: {answer.describe()}")

    def play(self, request):
        """(None, []) when the answers agree, (None, names of differences) when explained, (words, []) when not."""
        if request["method"] == "DELETE" and request["path"].startswith(f"{P}/collections/"):
            for server in (self.ours, self.chroma):
                self.empty(server, request["path"].rsplit("/", 1)[1])
        if request.get("kind") == "delete":
            self.before = self.everything(request["key"]) or {}
        if request.get("kind") in ("upsert", "update") and self.repeats_identifier(request):
            # A collection may go by several keys; the answers show the first.
            self.repeated.add(self.chroma.names.get(self.chroma.ids.get(request["key"]), request["key"]))
        answers = [server.send(request, self.tenant) for server in (self.ours, self.chroma)]
        self.bind(request, answers)
        for server, answer in zip((self.ours, self.chroma), answers):
            answer.value = comparison.normalise(answer.value, server)
        case = Case(request, answers[0], answers[1], self)
        case.shown = [answer.describe() for answer in answers]
        self.last = case
        words = comparison.compare(case)
        if words is None:
            if differences.chroma_kept_dimension_of_refused(case):
                self.start_afresh(request)
            return None, []
        applied, words = differences.explain(case, comparison.compare)
        if case.diverged or applied is None:
            self.start_afresh(request)
        return (words, []) if applied is None else (None, applied)

    def empty(self, server, name):
        """Deletes the records of a collection that is about to be deleted.

        Chroma forgets the list values of a deleted collection's records in its tables, and later records, which get the
        same row numbers, are then answered with them. Deleting the records first is the only way around.
        """
        base = f"/api/v2/tenants/{self.tenant}/databases/main/collections"
        known = server.json("GET", f"{base}/{name}")
        if known.status == 200:
            records = server.json("POST", f"{base}/{known.value['id']}/get", {"include": []})
            if records.status == 200 and records.value["ids"]:
                server.json("POST", f"{base}/{known.value['id']}/delete", {"ids": records.value["ids"]})

    def delete_collection(self, server, name):
        self.empty(server, name)
        server.json("DELETE", f"/api/v2/tenants/{self.tenant}/databases/main/collections/{name}")

    def bind(self, request, answers):
        if "binds" in request:
            for server, answer in zip((self.ours, self.chroma), answers):
                if answer.status == 200 and isinstance(answer.value, dict) and isinstance(answer.value.get("id"), str):
                    identifier = answer.value["id"]
                    # get_or_create may answer with a collection already known by another key.
                    server.ids[request["binds"]] = identifier
                    server.names.setdefault(identifier, request["binds"])

    def start_afresh(self, request):
        """After a difference that leaves other data: the collection is emptied and created again at both."""
        if request["kind"] == "tenancy" and request["method"] == "POST" and request["path"].endswith("/databases"):
            # A database that only Chroma made, in a tenant that does not exist.
            path = request["path"].replace("{T}", self.tenant)
            self.chroma.json("DELETE", f"{path}/{json.loads(request['body'])['name']}")
            return
        key = request.get("key")
        base = f"/api/v2/tenants/{self.tenant}/databases/main/collections"
        if key is None:
            return
        for server in (self.ours, self.chroma):
            names = [json.loads(request["body"])["name"]] if self.names_collection(request) else []
            known = server.json("GET", f"{base}/by-id/{server.ids.get(key, Server.ABSENT_ID)}")
            if known.status == 200:
                names.append(known.value["name"])
            for name in names:
                self.delete_collection(server, name)
            if known.status == 200:
                created = server.json("POST", base, {"name": known.value["name"]})
                for alias in [alias for alias, identifier in server.ids.items() if identifier == known.value["id"]]:
                    server.ids[alias] = created.value["id"]
                server.names[created.value["id"]] = server.names.get(known.value["id"], key)

    @staticmethod
    def repeats_identifier(request):
        try:
            ids = json.loads(request["body"])["ids"]
            return len(set(ids)) < len(ids)
        except (ValueError, KeyError, TypeError):
            return False

    @staticmethod
    def names_collection(request):
        try:
            name = json.loads(request["body"]).get("name")
            return request.get("kind") == "create" and isinstance(name, str) and name and "/" not in name and name.isascii() \
                and " " not in name
        except (ValueError, AttributeError, TypeError):
            return False

    def everything(self, key):
        """All records of a collection as the reference server holds them, for the oracle."""
        path = f"/api/v2/tenants/{self.tenant}/databases/main/collections/{self.chroma.ids.get(key)}/get"
        answer = self.chroma.json("POST", path, {"include": ["documents", "metadatas"]})
        if answer.status != 200:
            return None
        value = answer.value
        return {identifier: {"document": document, "metadata": metadata}
                for identifier, document, metadata in zip(value["ids"], value["documents"], value["metadatas"])}

    def uris(self, key):
        """The uris of all records of a collection as the reference server holds them."""
        path = f"/api/v2/tenants/{self.tenant}/databases/main/collections/{self.chroma.ids.get(key)}/get"
        answer = self.chroma.json("POST", path, {"include": ["uris"]})
        return dict(zip(answer.value["ids"], answer.value["uris"])) if answer.status == 200 else {}

    def space(self, key):
        """The distance of a collection at the reference server."""
        path = f"/api/v2/tenants/{self.tenant}/databases/main/collections/by-id/{self.chroma.ids.get(key)}"
        answer = self.chroma.json("GET", path)
        return answer.value["configuration_json"]["hnsw"]["space"] if answer.status == 200 else None

    def close(self):
        for server in (self.ours, self.chroma):
            base = f"/api/v2/tenants/{self.tenant}/databases/main"
            listed = server.json("GET", f"{base}/collections").value
            for collection in listed if isinstance(listed, list) else []:
                self.delete_collection(server, collection["name"])
            server.json("DELETE", base)


def fails(arguments, requests):
    """Whether the last request of a sequence, played alone, still differs without an explanation."""
    run = Run(arguments.ours, arguments.chroma, "minimise")
    words = None
    for request in requests:
        words, _ = run.play(request)
    run.close()
    return words is not None


def minimise(arguments, requests):
    """Leaves out pieces of the sequence, halves first, as long as the last request keeps differing and time is left."""
    deadline = time.monotonic() + arguments.minimise_seconds
    last, kept = requests[-1], requests[:-1]
    # What else concerns the same collection is nearly always enough.
    related = [request for request in kept if request.get("key") == last.get("key") or request.get("kind") == "create"]
    if fails(arguments, related + [last]):
        kept = related
    elif time.monotonic() > deadline or not fails(arguments, requests):
        return requests
    size = max(1, len(kept) // 2)
    while kept and time.monotonic() < deadline:
        start, shortened = 0, False
        while start < len(kept) and time.monotonic() < deadline:
            candidate = kept[:start] + kept[start + size:]
            if fails(arguments, candidate + [last]):
                kept, shortened = candidate, True
            else:
                start += size
        if size == 1 and not shortened:
            break
        size = max(1, size // 2)
    return kept + [last]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, metavar="URL", help="the server under test")
    parser.add_argument("--chroma", required=True, metavar="URL", help="Chroma 1.5.9")
    parser.add_argument("--seed", type=int, default=1, help="the whole run follows from it (default 1)")
    parser.add_argument("--requests", type=int, default=1000, help="how many to send (default 1000)")
    parser.add_argument("--replay", metavar="FILE", help="play the requests of a file (JSON Lines) instead")
    parser.add_argument("--reports", type=int, default=10, help="stop after so many unexplained answers (default 10)")
    parser.add_argument("--minimise-seconds", type=float, default=60, metavar="S",
                        help="time for shortening one failing sequence (default 60, 0: not at all)")
    parser.add_argument("--save", default="differential-failure", metavar="PREFIX", help="where failing sequences go")
    arguments = parser.parse_args()

    if arguments.replay:
        with open(arguments.replay, encoding="utf-8") as file:
            sequence = iter([json.loads(line) for line in file if line.strip()])
    else:
        generator = Generator(random.Random(arguments.seed))
        sequence = (generator.next() for _ in range(arguments.requests))

    run = Run(arguments.ours, arguments.chroma, str(arguments.seed))
    played, unexplained, explained = [], 0, 0
    counts, statuses, started = collections.Counter(), collections.Counter(), time.monotonic()
    for index, request in enumerate(sequence):
        played.append(request)
        words, applied = run.play(request)
        statuses[run.last.chroma.status] += 1
        counts.update(applied)
        explained += 1 if applied else 0
        if words is None:
            continue
        unexplained += 1
        print(f"\nUNEXPLAINED: seed {arguments.seed}, request {index}: {words}")
        print(f"  {request['method']} {request['path']} {request.get('body') or ''}")
        print(f"  ours:   {run.last.shown[0]}\n  chroma: {run.last.shown[1]}", flush=True)
        name = f"{arguments.save}-{arguments.seed}-{index}.jsonl"
        shortest = minimise(arguments, played) if arguments.minimise_seconds > 0 else played
        with open(name, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(step) + "\n" for step in shortest)
        print(f"  replay: --replay {name} ({len(shortest)} requests)", flush=True)
        if unexplained >= arguments.reports:
            print("too many, stopped here")
            break
    run.close()
    elapsed = time.monotonic() - started
    for difference in differences.DIFFERENCES:
        if counts[difference.name]:
            print(f"{counts[difference.name]:7}  {difference.name}: {difference.reason}")
    print("statuses: " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    print(f"{len(played)} requests, {explained} explained, {unexplained} unexplained "
          f"(seed {arguments.seed}, {len(played) / elapsed:.0f} requests/s)")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
