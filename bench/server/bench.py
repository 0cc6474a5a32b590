#!/usr/bin/env python3
"""Measures lyrica-vectord and Chroma 1.5.9 through HTTP in one run: same machine, same data, the same requests.

    bench.py --server-command '.build/release/lyrica-vectord serve' --chroma VENV/bin/chroma --data data/glosses

Each server is started on an empty directory, filled in batches by the stock chromadb client, and waited for until its indexes are built.
Then the stock client asks one and the other in turn, and wrk puts load on them over 1 to 32 connections. Every measurement is one JSON line in
--output; report.py makes Markdown and a plot of such files, and --report does so for this run.

Needs wrk, and a Python with chromadb 1.5.9 and numpy: run it with that one, or name it with --chroma-python. Without --data or --vectors
the rows are random.
"""

import argparse
import os
import sys
import tempfile


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server-command", help="lyrica-vectord, without port and data directory")
    parser.add_argument("--chroma", metavar="PATH", help="the chroma executable; without it only ours is measured")
    parser.add_argument("--chroma-python", metavar="PATH", help="the Python that has chromadb, when this one has not")
    parser.add_argument("--data", metavar="FOLDER", help="rows, queries and metric as bench/datasets/make.py makes them")
    parser.add_argument("--vectors", metavar="F.npy", help="in place of --data: float16 or float32 rows; those after the loaded ones are asked")
    parser.add_argument("--texts", metavar="F.jsonl[.gz]", help='lines {"id","text","meta"}, one for each row; otherwise random words')
    parser.add_argument("--space", default="cosine", choices=["l2", "ip", "cosine"], help="of rows that do not come from --data")
    parser.add_argument("--rows", type=int, default=50_000, help="how many are loaded (default 50,000)")
    parser.add_argument("--batch", type=int, default=500, help="rows in one request (default 500)")
    parser.add_argument("--queries", type=int, default=300, help="of each sort by the stock client, for each server (default 300)")
    parser.add_argument("--rounds", type=int, default=3, help="the queries are split into so many turns (default 3)")
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 2, 4, 8, 16, 32], help="of wrk; none: no load")
    parser.add_argument("--seconds", type=int, default=3, help="of load for each number of connections and each filter (default 3)")
    parser.add_argument("--port", type=int, default=8752, help="and the next one")
    parser.add_argument("--sample", nargs=2, metavar=("F.jsonl", "F.npy"),
                        help='lines {"id","document","metadata"} and rows: reports the memory of a fresh server that holds them')
    parser.add_argument("--output", metavar="FILE", help="JSON lines are appended here")
    parser.add_argument("--report", metavar="FILE.md", help="the report of this run, with a plot beside it")
    parser.add_argument("--note", metavar="TEXT", help="what the reader of the results should know, such as what else ran on the machine")
    parser.add_argument("--check", action="store_true", help="exit 1 unless every goal that the run measures is reached")
    parser.add_argument("--smoke", action="store_true", help="few random rows: whether the benchmark itself runs and the answers are right")
    return parser.parse_args()


OPTIONS = parse_arguments()
try:
    import chromadb     # noqa: F401
    import numpy        # noqa: F401
except ImportError:
    if not OPTIONS.chroma_python or os.environ.get("BENCH_REEXECUTED"):
        raise SystemExit("needs chromadb and numpy: give --chroma-python")
    os.environ["BENCH_REEXECUTED"] = "1"
    os.execv(OPTIONS.chroma_python, [OPTIONS.chroma_python] + sys.argv)

import load                                         # noqa: E402  (after the choice of the interpreter)
import report                                       # noqa: E402
import results                                      # noqa: E402
import rows                                         # noqa: E402
import servers                                      # noqa: E402
from subject import WANTED, Subject, sample_memory  # noqa: E402

SMOKE_RECALL_MIN = 0.9


def starters(options):
    if options.server_command:
        yield lambda: servers.start_ours(options.server_command, options.port)
    if options.chroma:
        yield lambda: servers.start_chroma(options.chroma, options.port + 1)


def measure(options, data, recorder):
    subjects = []
    try:
        for start in starters(options):
            process = start()
            subjects.append(Subject(process, recorder.of(process.name)))
        for subject in subjects:
            subject.ingest(data, options.batch)
        for subject in subjects:
            subject.turn(data, 0, 5)
            subject.forget()
        share = max(1, options.queries // options.rounds)
        for number in range(options.rounds):
            for subject in alternating(subjects, number):
                subject.turn(data, number * share, share)
        if options.connections:
            with tempfile.TemporaryDirectory(prefix="bench-bodies-") as folder:
                put_load(options, data, subjects, folder)
        for subject in subjects:
            subject.finish(data)
    finally:
        for subject in subjects:
            subject.process.stop()


def put_load(options, data, subjects, folder):
    bodies = {kind: os.path.join(folder, kind) for kind in rows.FILTERS}
    for kind, where in rows.FILTERS.items():
        load.write_bodies(bodies[kind], data.queries, where, WANTED)
    turn = 0
    for kind in rows.FILTERS:
        for connections in options.connections:
            for subject in alternating(subjects, turn):
                subject.load(bodies, kind, connections, options.seconds)
            turn += 1


def alternating(subjects, turn):
    """Whoever comes first in one turn comes last in the next."""
    return subjects if turn % 2 == 0 else subjects[::-1]


def measure_sample(options, recorder):
    for start in starters(options):
        process = start()
        try:
            sample_memory(process, options.sample, options.batch, recorder.of(process.name))
        finally:
            process.stop()


def faults(options, run):
    """Why the run counts as failed."""
    if options.smoke:
        for name in run.servers:
            for kind in rows.FILTERS:
                recall = run.value(name, "request", "recall", kind=kind)
                if recall < SMOKE_RECALL_MIN:
                    yield f"{name}: recall of {kind} is {recall:.3f}, below {SMOKE_RECALL_MIN}"
    if options.check:
        for goal in report.goals(run):
            if not goal.reached:
                yield f"not reached: {goal.text}: {goal.found}"


def main(options):
    if not options.server_command and not options.chroma:
        raise SystemExit("nothing to measure: give --server-command, --chroma or both")
    if options.connections:
        load.require_wrk()
    if options.smoke:
        options.rows, options.batch, options.queries, options.rounds = 5000, 500, 20, 2
        options.connections, options.seconds = [4], 1
    data = rows.load(options)
    recorder = results.Recorder(
        options.output, note=options.note, dataset=data.name, n=len(data.ids), dimension=data.dimension, metric=data.space, k=WANTED)
    measure(options, data, recorder)
    if options.sample:
        measure_sample(options, recorder)
    run = results.Run(recorder.lines)
    if options.report:
        report.write([run], options.report)
    print("\n".join(report.section(run)))
    failed = list(faults(options, run))
    for fault in failed:
        print(fault, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(OPTIONS))
