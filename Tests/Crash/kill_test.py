#!/usr/bin/env python3
"""Kills the server with SIGKILL at random moments of a write load and looks whether it kept its word.

    kill_test.py --server-command '.build/release/lyrica-vectord serve' --rounds 50 --seed 1

The command is started as `COMMAND --port P --data-dir D`. In every round writers add, upsert, update and delete records and
create and delete collections; the server is killed, started again by the same command, and then: every acknowledged record
has exactly its content, every deleted one is gone, and the operation each writer had under way is there as a whole or not
at all. The next round goes on with the same data. Memtables and log are made so small that records are flushed to segments,
segments are merged and the log is trimmed all the time; what the kills met is read from the files that they left behind.
With --restore-command the server makes backups all the time too, which die with it; of every round one that was finished is
restored, after restores that are killed as well, and must show what one moment between its request and its answer showed.
What the writers ask and when the kill comes follow from the seed; how far they get by then does not.
Exit code 1 when a promise was broken, or when many rounds passed and no kill met a flush or merge.
"""

import argparse
import math
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time

import backups
import remains
import workload
from server_process import Broken, ServerProcess, free_port

SHARED = ["shared-a", "shared-b", "shared-c"]
# The smallest that the server takes, and merges slow enough to be met.
BUSY_STORAGE = {
    "LYRICA_MEMTABLE_SIZE": "64KiB", "LYRICA_LOG_SIZE": "1MiB", "LYRICA_FLUSH_IDLE_SECONDS": "1", "LYRICA_COMPACTION_RATE": "4MiB"}
# In so many rounds of up to 2 s dozens of kills meet a flush or a merge.
ROUNDS_TO_MEET_FLUSHES = 50


def collection_ids(client):
    listed = client.send("GET", workload.BASE)
    return {collection["name"]: collection for collection in listed}


def stored_records(client, identifier):
    """Every record of a collection, page by page."""
    result, page = {}, 500
    while True:
        answer = client.send("POST", f"{workload.BASE}/{identifier}/get", {
            "limit": page, "offset": len(result), "include": ["embeddings", "documents", "metadatas"]})
        for row in zip(answer["ids"], answer["embeddings"], answer["documents"], answer["metadatas"]):
            if row[0] in result:
                raise Broken(f"record {row[0]} is there twice")
            result[row[0]] = row[1:]
        if len(answer["ids"]) < page:
            return result


def float32(values):
    return struct.unpack(f"<{len(values)}f", struct.pack(f"<{len(values)}f", *values))


def wrong_content(identifier, stored, state, writer):
    """What of a stored record is not what its versions say; None when all is."""
    if stored is None or state is None:
        return None if stored is None and state is None else f"{'absent' if stored is None else 'present'}, expected {state}"
    embedding, text, metadata = stored
    if float32(embedding) != float32(workload.vector(identifier, state[0])):
        return f"the vector is not version {state[0]}"
    if text != workload.document(identifier, state[1]):
        return f"the document is not version {state[1]}: {text[:60]!r}"
    if metadata != workload.metadata(identifier, state[2], writer):
        return f"the metadata is not version {state[2]}: {metadata}"
    return None


def verify_operation(writer, stored, tally):
    """The operation under way at the kill: all of it or nothing. Its outcome becomes the writer's truth."""
    operation = writer.pending
    if operation is None:
        return
    rows = stored[operation.collection]

    def holds(states):
        return all(wrong_content(identifier, rows.get(identifier), state, writer.number) is None
                   for identifier, state in states.items())
    if holds(operation.after):
        writer.settle(operation, operation.after)
        tally["under way, kept"] += 1
    elif holds(operation.before):
        tally["under way, absent"] += 1
    else:
        raise Broken(f"half a batch of writer {writer.number} in {operation.collection}: " + "; ".join(
            f"{identifier}: {wrong_content(identifier, rows.get(identifier), state, writer.number)}"
            for identifier, state in list(operation.after.items())[:20]))


def verify_collections(writers, existing):
    for writer in writers:
        if writer.pending_collection is not None:
            name = writer.pending_collection[1]
            (writer.private.add if name in existing else writer.private.discard)(name)
        for name in writer.private:
            if name not in existing:
                raise Broken(f"acknowledged collection {name} is gone")
            if existing[name]["metadata"] != {"writer": writer.number, "of": name}:
                raise Broken(f"collection {name} has the metadata {existing[name]['metadata']}")
    known = set(SHARED).union(*(writer.private for writer in writers))
    if set(existing) != known:
        raise Broken(f"collections that were deleted or never made: {sorted(set(existing) - known)}")


def verify(port, writers, tally):
    client = workload.Client(port)
    existing = collection_ids(client)
    verify_collections(writers, existing)
    stored = {name: stored_records(client, existing[name]["id"]) for name in SHARED}
    for writer in writers:
        verify_operation(writer, stored, tally)
    expected = {name: 0 for name in SHARED}
    for writer in writers:
        for (name, identifier), state in writer.records.items():
            expected[name] += 1
            wrong = wrong_content(identifier, stored[name].get(identifier), state, writer.number)
            if wrong:
                raise Broken(f"acknowledged record {identifier} of {name}: {wrong}")
    for name in SHARED:
        if len(stored[name]) != expected[name]:
            known = {identifier for writer in writers for held, identifier in writer.records if held == name}
            raise Broken(f"{name} holds records that were deleted or never acknowledged: "
                         f"{sorted(set(stored[name]) - known)[:20]}")
        count = client.send("GET", f"{workload.BASE}/{existing[name]['id']}/count")
        if count != expected[name]:
            raise Broken(f"{name} counts {count} records and lists {expected[name]}")
        tally["records verified"] += expected[name]
        search(client, existing[name]["id"], stored[name])


def search(client, identifier, rows):
    """A record that is there is found by its own vector."""
    for name in list(rows)[:3]:
        answer = client.send("POST", f"{workload.BASE}/{identifier}/query", {
            "query_embeddings": [list(rows[name][0])], "n_results": 1, "include": ["distances"]})
        if not answer["ids"][0] or answer["distances"][0][0] > 1e-5:
            raise Broken(f"record {name} is not found by its own vector: {answer['ids']} {answer['distances']}")


def judge_backup(port, backup, writers):
    """What was restored is, for each writer, what it had done at one moment of the backup."""
    client = workload.Client(port)
    existing = collection_ids(client)
    stored = {name: stored_records(client, existing[name]["id"]) for name in SHARED if name in existing}
    for writer, first, last in zip(writers, backup.before, backup.after):
        prefix = f"w{writer.number}-"
        rows = {(name, identifier): row for name in stored for identifier, row in stored[name].items() if identifier.startswith(prefix)}
        own = {name for name in existing if name.startswith(f"own-{writer.number}-")}

        def shows(records, private):
            return own == private and rows.keys() == records.keys() and all(
                wrong_content(key[1], rows[key], state, writer.number) is None for key, state in records.items())
        if not any(shows(records, private) for records, private in writer.states(first, last)):
            raise Broken(f"the backup {backup.name} shows writer {writer.number} at no moment between its operations {first} and {last}: "
                         f"{len(rows)} records, {len(own)} collections")


def play_round(options, server, states, source, tally, restorer):
    client = workload.Client(options.port)
    for name in SHARED:
        client.send("POST", workload.BASE, {"name": name, "get_or_create": True})
    collections = {name: value["id"] for name, value in collection_ids(client).items() if name in SHARED}
    writers = [workload.Writer(number, options.port, collections, state, source.getrandbits(64), options.batch_scale)
               for number, state in enumerate(states)]
    maker = backups.BackupMaker(options.port, options.backup_directory, writers, random.Random(source.getrandbits(64))) if restorer else None
    for thread in writers + [maker] * bool(maker):
        thread.start()
    # Early and late moments alike: the logarithm of the delay is even.
    time.sleep(math.exp(source.uniform(math.log(0.05), math.log(options.seconds_max))))
    server.kill()
    remains.count(server.directory, tally)
    for writer in writers:
        writer.stop.set()
        writer.join(timeout=120)
        if writer.failure is not None:
            raise Broken(f"a valid request was refused: {writer.failure}")
        tally["acknowledged operations"] += writer.acknowledged_operations
        tally["acknowledged records"] += writer.acknowledged_records
    if maker:
        maker.stop.set()
        maker.join(timeout=120)
        if maker.failure is not None:
            raise Broken(maker.failure)
        restorer.check(maker, lambda port, backup: judge_backup(port, backup, writers), tally)
    server.spawn()
    while source.random() < 0.15:
        # Killed again while it recovers.
        time.sleep(source.uniform(0, 0.2))
        server.kill()
        tally["killed in recovery"] += 1
        server.spawn()
    server.wait_until_ready()
    verify(options.port, writers, tally)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server-command", required=True, help="without port and data directory")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--batch-scale", type=int, default=1, help="batches so many times larger (default 1: up to 60 records)")
    parser.add_argument("--seconds-max", type=float, default=2.0, help="the longest time before a kill (default 2)")
    parser.add_argument("--data-option", default="--data-dir", help="the option that names the data directory")
    parser.add_argument("--restore-command", help="called as COMMAND BACKUP --to DIRECTORY; without it no backups are made")
    parser.add_argument("--calm", action="store_true", help="the server's own sizes of memtables and log instead of tiny ones")
    parser.add_argument("--keep", action="store_true", help="keep the data directory")
    options = parser.parse_args()

    options.port = options.port or free_port()
    source = random.Random(options.seed)
    # The server ends also when a script stops us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parent = tempfile.mkdtemp(prefix="lyrica-kill-")
    settings = {} if options.calm else dict(BUSY_STORAGE)
    restorer = None
    if options.restore_command:
        options.backup_directory = os.path.join(parent, "backups")
        os.mkdir(options.backup_directory)
        settings["LYRICA_BACKUP_DIR"] = options.backup_directory
        restorer = backups.Restorer(options, parent, random.Random(options.seed))
    server = ServerProcess(options.server_command, options.port, os.path.join(parent, "data"), settings, options.data_option)
    states = [workload.WriterState() for _ in range(options.writers)]
    tally = dict.fromkeys(["acknowledged operations", "acknowledged records", "under way, kept", "under way, absent",
                           "killed in recovery", "records verified"] + remains.COUNTED + backups.COUNTED * bool(restorer), 0)
    failure, number = None, 0
    try:
        server.start()
        for number in range(1, options.rounds + 1):
            play_round(options, server, states, source, tally, restorer)
            if number % 10 == 0 or number == options.rounds:
                print(f"round {number}: {tally['acknowledged operations']} operations acknowledged", flush=True)
        if number >= ROUNDS_TO_MEET_FLUSHES and not options.calm and not tally[remains.FLUSH_OR_MERGE]:
            failure = "no kill met a flush or a merge: the test does not test what it should"
    except (Broken, workload.Refused, workload.ServerGone) as error:
        failure = f"{type(error).__name__}: {error}"
    finally:
        server.kill()
    print(", ".join(f"{name}: {value}" for name, value in tally.items()))
    if failure:
        print(f"FAILED in round {number}: {failure}\nseed {options.seed}; data directory {parent}")
        return 1
    if not options.keep:
        shutil.rmtree(parent)
    print(f"{number} rounds passed (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
