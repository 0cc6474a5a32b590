"""Runs the tests that Chroma's wheel carries against a server and compares with Chroma's own results."""

import argparse
import importlib.util
import json
import os
import sys
import time

import chroma_server
import outcomes
import session

HERE = os.path.dirname(os.path.abspath(__file__))
BASELINE = os.path.join(HERE, "chroma-1.5.9.json")
SEED = 0


def arguments():
    parser = argparse.ArgumentParser(prog="tools/conformance", description=__doc__)
    server = parser.add_mutually_exclusive_group(required=True)
    server.add_argument("--url", help="a running server that allows reset; everything in it is erased")
    server.add_argument("--chroma", action="store_true",
                        help="start Chroma 1.5.9 itself and record its results as the baseline")
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--fast", action="store_true", help="only the files marked fast in plan.json")
    extent.add_argument("--all", action="store_true", help="every file (default)")
    extent.add_argument("--cluster", action="store_true",
                        help="the files that plan.json names for it, as if the server were Chroma's distributed one")
    parser.add_argument("--only", action="append", metavar="FILE", help="only this file of plan.json; repeatable")
    parser.add_argument("--baseline", action="store_true", help="record the results of --url as the baseline")
    parser.add_argument("--label", default="lyrica-vectord", help="the server's name in the report")
    parser.add_argument("--preset", default="fast", choices=["fast", "normal", "slow"],
                        help="how many examples the property tests try (default: fast, as the baseline)")
    parser.add_argument("--report", metavar="FILE",
                        help="where the Markdown report goes (default: report.md beside plan.json when all files run)")
    parser.add_argument("--logs", metavar="DIR", help="keep each file's pytest output here")
    return parser.parse_args()


def chosen(plan, options):
    files = plan["cluster"] if options.cluster else plan["files"]
    if options.only:
        unknown = set(options.only) - {entry["path"] for entry in files}
        if unknown:
            raise SystemExit("not in plan.json: " + ", ".join(sorted(unknown)))
        return [entry for entry in files if entry["path"] in options.only]
    return [entry for entry in files if entry["fast"]] if options.fast else files


def run_all(url, plan, files, options):
    """Runs the files one after another and prints a line for each."""
    package = importlib.util.find_spec("chromadb").submodule_search_locations[0]
    root = os.path.join(package, "test")
    logs = os.path.abspath(options.logs or os.path.join(os.environ["LYRICA_CACHE"], "conformance-logs"))
    os.makedirs(logs, exist_ok=True)
    results = {}
    for entry in files:
        log = os.path.join(logs, entry["path"].replace("/", "-") + ".log")
        found = session.run_file(url, root, entry["path"], entry["limitSeconds"], plan["testTimeoutSeconds"],
                                 options.preset, SEED, log, options.cluster)
        results[entry["path"]] = found
        print(f"{entry['path']:58} {found.count('passed'):4} passed {found.count('skipped'):4} skipped "
              f"{len(found.broken):3} not passed {found.seconds:7.1f} s", flush=True)
    return results


def compare(results, options, plan, complete):
    """Prints the difference with the baseline and writes the report; the exit code."""
    their_label, theirs = outcomes.load(BASELINE)
    missing, differing = outcomes.without_conflicts(outcomes.regressions(results, theirs), plan["conflicts"])
    report = options.report or (os.path.join(HERE, "report.md") if complete else None)
    if report:
        with open(report, "w", encoding="utf-8") as out:
            out.write(outcomes.markdown(results, options.label, theirs, their_label, options.preset, missing, differing))
    for file, test, why in missing:
        print(f"FAILED {file}::{test}: {why}")
    passed = sum(found.count('passed') for found in results.values())
    print(f"{passed} passed, {len(missing)} failed, {len(differing)} different by design "
          f"(a failure is a test that passes with {their_label} and not here)")
    return 1 if missing else 0


def judge_cluster(results, options, plan):
    """Prints which tests for the distributed server fail and writes the report; the exit code."""
    broken = [(file, test, why) for file, found in results.items() for test, (_, why) in found.broken.items()]
    failures, differing = outcomes.without_conflicts(broken, plan["clusterKnown"])
    stale = [entry for entry in plan["clusterKnown"] if entry["path"] in results
             and not any(outcomes.reason_in([entry], file, test) for file, test, _ in differing)]
    report = options.report or (None if options.only else os.path.join(HERE, "cluster.md"))
    if report:
        with open(report, "w", encoding="utf-8") as out:
            out.write(outcomes.cluster_markdown(results, options.label, failures, differing))
    for file, test, why in failures:
        print(f"FAILED {file}::{test}: {why}")
    for entry in stale:
        print(f"FAILED {entry['path']}::{entry['test']}: plan.json says that it differs, and it does not")
    print(f"{sum(found.count('passed') for found in results.values())} passed, {len(failures) + len(stale)} failed, "
          f"{len(differing)} different by design")
    return 1 if failures or stale else 0


def main():
    options = arguments()
    with open(os.path.join(HERE, "plan.json"), encoding="utf-8") as source:
        plan = json.load(source)
    if options.cluster and (options.chroma or options.baseline):
        raise SystemExit("--cluster has no baseline: Chroma on one node refuses what these tests ask for")
    files = chosen(plan, options)
    complete = len(files) == len(plan["files"])
    began = time.monotonic()
    if options.chroma:
        with chroma_server.running() as url:
            results = run_all(url, plan, files, options)
    else:
        results = run_all(options.url.rstrip("/"), plan, files, options)
    print(f"{len(files)} files in {time.monotonic() - began:.0f} s")
    if options.cluster:
        return judge_cluster(results, options, plan)
    if not (options.chroma or options.baseline):
        return compare(results, options, plan, complete)
    merged = {}
    if not complete and os.path.exists(BASELINE):
        merged = outcomes.load(BASELINE)[1]
    merged.update(results)
    label = f"Chroma {plan['chromadb']}" if options.chroma else options.label
    outcomes.save(BASELINE, label, SEED, options.preset, merged)
    print(f"{sum(found.count('passed') for found in results.values())} passed, "
          f"{sum(len(found.broken) for found in results.values())} not passed: recorded as the baseline of {label}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
