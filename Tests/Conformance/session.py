"""Runs one of Chroma's test files in processes of its own against a server, and survives what they do."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from outcomes import FileOutcomes

ATTEMPTS_MAX = 4
"""Processes per file: each restart goes on after the test that hung or took the process down."""


def reset(url):
    """Empties the server; a server that refuses makes every test meaningless, so this raises."""
    request = urllib.request.Request(url + "/api/v2/reset", data=b"", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{url} refuses POST /api/v2/reset with {error.code}: start it so that it allows reset")
    except urllib.error.URLError as error:
        raise SystemExit(f"{url} does not answer: {error.reason}")


def environment(url, preset, record, skip, cluster):
    """The variables the suite reads. The proxy on a closed port keeps tests from leaving this machine.

    With `cluster` the suite takes the server for Chroma's distributed one, and runs what it skips for a single node: search, sparse
    vectors, forks."""
    address = urlsplit(url)
    here = os.path.dirname(os.path.abspath(__file__))
    # Several tests compare the configured host with the client's default, which is the name.
    host = "localhost" if address.hostname == "127.0.0.1" else address.hostname
    values = {name: value for name, value in os.environ.items()
              if not name.startswith(("CHROMA_", "PYTEST_")) and "proxy" not in name.lower()}
    values.update({
        "PATH": os.path.dirname(sys.executable) + os.pathsep + values.get("PATH", ""),
        "CHROMA_CLUSTER_TEST_ONLY" if cluster else "CHROMA_INTEGRATION_TEST_ONLY": "1",
        # For a cluster the suite wants host and port in one variable.
        "CHROMA_SERVER_HOST": f"{host}:{address.port or 80}" if cluster else host,
        "CHROMA_SERVER_HTTP_PORT": str(address.port or 80),
        "PROPERTY_TESTING_PRESET": preset,
        "CONFORMANCE_RECORD": record,
        "CONFORMANCE_SKIP": skip,
        "PYTHONPATH": here,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "ALL_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost,0.0.0.0",
    })
    return values


def _attempt(command, env, cwd, log, limit):
    """One process, killed with its children at the limit. True when it ended by itself."""
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        process.wait(timeout=max(limit, 1))
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # the group is already gone
        process.wait()


def _read(record, outcomes):
    """Merges a record into `outcomes`; returns (collected ids, ids started and never finished)."""
    collected, started = [], []
    with open(record, encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            if "collected" in entry:
                collected = entry["collected"]
            elif "started" in entry:
                started.append(entry["started"])
            else:
                outcomes.tests[entry["id"]] = (entry["outcome"], entry["reason"])
    return collected, [test for test in started if test not in outcomes.tests]


def run_file(url, root, path, limit, test_timeout, preset, seed, log_path, cluster=False):
    """Runs `path` (relative to `root`, the folder of Chroma's tests) within `limit` seconds."""
    outcomes = FileOutcomes()
    began = time.monotonic()
    reset(url)
    with tempfile.TemporaryDirectory(prefix="conformance-") as scratch, open(log_path, "w", encoding="utf-8") as log:
        skip = os.path.join(scratch, "done")
        for attempt in range(ATTEMPTS_MAX):
            record = os.path.join(scratch, f"record-{attempt}")
            open(record, "w", encoding="utf-8").close()
            command = [sys.executable, "-m", "pytest", "-q", "-p", "recorder", "-p", "offline_embedding",
                       "-p", "no:cacheprovider", "--tb=short", f"--rootdir={root}", f"--hypothesis-seed={seed}",
                       f"--timeout={test_timeout}", "--timeout-method=signal", os.path.join(root, path)]
            left = limit - (time.monotonic() - began)
            ended = _attempt(command, environment(url, preset, record, skip, cluster), scratch, log, left)
            collected, unfinished = _read(record, outcomes)
            for test in unfinished:
                outcomes.tests[test] = ("crashed" if ended else "timeout", "the process ended during this test"
                                        if ended else f"the file's {limit} s were over")
            remaining = [test for test in collected if test not in outcomes.tests]
            if not collected and not outcomes.tests:
                outcomes.tests["collection"] = ("error", "pytest collected nothing; see the log")
            if not remaining or time.monotonic() - began >= limit:
                for test in remaining:
                    outcomes.tests[test] = ("timeout", f"the file's {limit} s were over")
                break
            with open(skip, "w", encoding="utf-8") as out:
                out.writelines(test + "\n" for test in outcomes.tests)
        else:
            for test in remaining:
                outcomes.tests[test] = ("crashed", f"not reached in {ATTEMPTS_MAX} processes")
    outcomes.seconds = time.monotonic() - began
    return outcomes
