"""Load on a server by wrk, which is not the bottleneck that a client in Python is."""

import json
import os
import shutil
import subprocess

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "load.lua")
# What a client waits before it gives a request up: Chroma may need seconds with many connections.
TIMEOUT_SECONDS = 30
SECONDS_MAX = 60


def require_wrk():
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")


def write_bodies(path, queries, where, count):
    """One body a line, the same as the stock client sends."""
    with open(path, "w", encoding="utf-8") as file:
        for query in queries:
            file.write(json.dumps({
                "ids": None, "query_embeddings": [query.tolist()], "n_results": count, "where": where, "where_document": None,
                "include": ["metadatas", "documents", "distances"]}) + "\n")


def run(url, bodies, connections, seconds):
    """Posts the bodies in turn over so many connections, from one thread; fails if any request does.

    Goes on for longer where a server is so slow that each connection would have had less than two answers.
    """
    while True:
        result = once(url, bodies, connections, seconds)
        if result["requests"] >= 2 * connections or seconds >= SECONDS_MAX:
            break
        seconds = min(2 * seconds, SECONDS_MAX)
    if result["requests"] == 0:
        raise SystemExit(f"{url} answers nothing within {seconds} s to {connections} connections")
    result["qps"] = result["requests"] / result["seconds"]
    result["answer_bytes"] = result.pop("bytes") / result["requests"]
    return result


def once(url, bodies, connections, seconds):
    done = subprocess.run(
        ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", f"{TIMEOUT_SECONDS}s", "-s", SCRIPT, url,
         "--", bodies], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"wrk failed: {done.stderr or done.stdout}")
    result = json.loads(done.stdout.splitlines()[-1])
    failed = {name: result.pop(name) for name in ("refused", "broken", "timeouts")}
    if any(failed.values()):
        raise SystemExit(f"{url} under {connections} connections: {result['requests']} answers, {failed}")
    return result
