#!/usr/bin/env python3
"""Real Chroma clients, seven versions of them, against a running server: one after another, then all at once."""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIMIT_SECONDS = 300
"""A client that takes longer than this hangs."""


def environments(versions):
    """Makes the environments that are missing and returns {version: its Python}; None for `versions` means all."""
    script = os.path.join(TOP, "tools", "lib", "python-envs.sh")
    known = subprocess.run(["bash", "-c", f'. "{script}" && python_client_versions'],
                           stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    unknown = set(versions or []) - set(known)
    if unknown:
        raise SystemExit(f"no environment for chromadb {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    chosen = [version for version in known if not versions or version in versions]
    names = [f"chromadb-{version}" for version in chosen]
    made = subprocess.run(["bash", "-c", f'. "{script}" && python_envs_prepare "$@" && echo "$LYRICA_CACHE"',
                           "prepare", *names], stdout=subprocess.PIPE, text=True)
    if made.returncode != 0:
        raise SystemExit("the Python environments of the clients could not be made")
    folder = os.path.join(made.stdout.strip().splitlines()[-1], "venvs")
    return {version: os.path.join(folder, f"chromadb-{version}", "bin", "python") for version in chosen}


def run(python, script, arguments):
    """One client process: its list of (check, seconds, None or failure), and the seconds it took."""
    values = {name: value for name, value in os.environ.items()
              if not name.startswith("CHROMA_") and "proxy" not in name.lower()}
    values.update({"PYTHONDONTWRITEBYTECODE": "1", "ANONYMIZED_TELEMETRY": "False"})
    began = time.monotonic()
    try:
        done = subprocess.run([python, os.path.join(HERE, script), *arguments], env=values, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_SECONDS)
        results = json.loads(done.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        results = [("all", LIMIT_SECONDS, f"the client did not end in {LIMIT_SECONDS} s")]
    except (IndexError, ValueError):
        results = [("all", 0, f"the client ended with {done.returncode}: {(done.stdout + done.stderr)[-800:]}")]
    return results, time.monotonic() - began


class Tally:
    """Counts checks over all clients and prints a line for each client, then its failures."""

    def __init__(self, verbose):
        self.verbose, self.passed, self.failed = verbose, 0, 0

    def add(self, title, results, seconds):
        failures = [(name, why) for name, _, why in results if why]
        self.passed += len(results) - len(failures)
        self.failed += len(failures)
        print(f"{title:32} {len(results) - len(failures):3} passed, {len(failures)} failed  ({seconds:.1f} s)", flush=True)
        for name, took, why in results:
            if why:
                print(f"    FAILED {name}: {why}", flush=True)
            elif self.verbose:
                print(f"    {name} ({took:.2f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="a running server, e.g. http://127.0.0.1:8001")
    parser.add_argument("--versions", help="only these chromadb versions, separated by commas")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the random vectors (default: the time)")
    parser.add_argument("--alone", action="store_true", help="leave out the part where all clients run at once")
    parser.add_argument("--no-lyrica", action="store_true", help="leave out the Lyrica sequence (needs /api/v1)")
    parser.add_argument("--verbose", action="store_true", help="name the checks that pass, too")
    options = parser.parse_args()
    pythons = environments(options.versions.split(",") if options.versions else None)
    tally = Tally(options.verbose)
    arguments = ["--url", options.url, "--seed", str(options.seed)]
    print(f"seed {options.seed}")
    for version, python in pythons.items():
        tally.add(f"chromadb {version}", *run(python, "suite.py", arguments))
    newest = list(pythons.values())[-1]
    if not options.no_lyrica:
        tally.add("Lyrica sequence", *run(newest, "lyrica_sequence.py", arguments[:2]))
    if not options.alone:
        jobs = [(f"chromadb {version}, all at once", python, "suite.py", arguments)
                for version, python in pythons.items()]
        if not options.no_lyrica:
            jobs.append(("Lyrica sequence, all at once", newest, "lyrica_sequence.py", arguments[:2]))
        with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
            running = [(title, pool.submit(run, python, script, values)) for title, python, script, values in jobs]
            for title, job in running:
                tally.add(title, *job.result())
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
