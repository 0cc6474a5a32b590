#!/usr/bin/env python3
"""Makes a Markdown report, with a plot for each run, of the result lines of bench.py: report.py RESULTS.jsonl... --out REPORT.md"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import plot
import results

OURS, PEER = "lyrica", "chroma"
MIB = 1 << 20
KINDS = {**plot.FILTERS, "get": "get of 10 ids", "count": "count", "heartbeat": "heartbeat"}


@dataclass
class Figure:
    """One measurement of both servers."""

    title: str
    unit: str
    ours: float | None
    peer: float | None
    more_is_better: bool

    @property
    def factor(self):
        """How many times better ours is, or None."""
        if not self.ours or not self.peer:
            return None
        return self.ours / self.peer if self.more_is_better else self.peer / self.ours

    @property
    def row(self):
        title = f"{self.title}, {self.unit}" if self.unit else self.title
        factor = self.factor
        return [title, number(self.ours), number(self.peer), times(factor)]


@dataclass
class Goal:
    """What a run shall reach, and what it reached."""

    text: str
    found: str
    reached: bool


def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def times(factor):
    if factor is None:
        return "–"
    if factor < 0.01:
        return "below 0.01×"
    # Two figures would make a small loss look like none.
    return f"{factor:.3f}×" if 0.995 <= factor < 1 else f"{factor:.2f}×"


def table(head, lines):
    return ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|", *("| " + " | ".join(line) + " |" for line in lines), ""]


def figure(run, title, unit, more_is_better, measure, name, scale=1, **place):
    values = [run.value(server, measure, name, **place) for server in (OURS, PEER)]
    return Figure(title, unit, *(None if value is None else value / scale for value in values), more_is_better)


def costs(run):
    """Ingest, memory and disk."""
    found = [figure(run, "ingest", "rows/s", True, "ingest", "rows_per_second"),
             figure(run, "settling after it", "s", False, "settle", "seconds"),
             figure(run, "ingest and settling", "rows/s", True, "settle", "rows_per_second")]
    titles = {"empty": "empty", "settled": "after settling", "end": "in the end"}
    for when in run.whens("memory"):
        title = titles.get(when, when)
        found += [figure(run, f"resident memory, {title}", "MiB", False, "memory", "resident", MIB, when=when),
                  figure(run, f"anonymous memory, {title}", "MiB", False, "memory", "anonymous", MIB, when=when),
                  figure(run, f"proportional memory (PSS), {title}", "MiB", False, "memory", "proportional", MIB, when=when)]
    found += [figure(run, "resident memory, at the peak", "MiB", False, "memory", "peak", MIB, when="end"),
              figure(run, "disk, after settling", "MiB", False, "disk", "bytes", MIB, when="settled")]
    return found


def requests(run):
    """The stock client, one request after another."""
    found = []
    for kind, title in KINDS.items():
        found += [figure(run, f"{'query, ' if kind in plot.FILTERS else ''}{title}: {name}", "ms", False, "request", f"{name}_ms", kind=kind)
                  for name in ("p50", "p99")]
    return found


def recalls(run):
    return [figure(run, f"recall@{run.about['k']}, {title}", "", True, "request", "recall", kind=kind)
            for kind, title in plot.FILTERS.items()]


def load(run, kind):
    """wrk: for each number of connections the rate, p50 and p99."""
    lines = []
    for count in run.connections(kind):
        rate = figure(run, str(count), "", True, "load", "qps", kind=kind, connections=count)
        p50 = figure(run, "", "", False, "load", "p50_us", 1000, kind=kind, connections=count)
        p99 = figure(run, "", "", False, "load", "p99_us", 1000, kind=kind, connections=count)
        cells = [cell for one in (rate, p50, p99) for cell in one.row[1:]]
        lines.append([rate.title, *cells])
    head = ["connections", "ours, q/s", "Chroma, q/s", "better by", "ours, p50 ms", "Chroma, p50 ms", "better by",
            "ours, p99 ms", "Chroma, p99 ms", "better by"]
    return table(head, lines)


def comparisons(run):
    """Every figure by which one server can be ahead of the other."""
    found = costs(run) + requests(run) + recalls(run)
    for kind, title in plot.FILTERS.items():
        for count in run.connections(kind):
            place = f"{title}, {count} connection{'s' if count > 1 else ''}"
            found += [figure(run, f"{place}: queries per second", "", True, "load", "qps", kind=kind, connections=count),
                      figure(run, f"{place}: p99 under load", "", False, "load", "p99_us", kind=kind, connections=count)]
    return [one for one in found if one.factor is not None]


def goals(run):
    """What this benchmark shall show, as far as the run measures it."""
    def goal(text, one, factor):
        if one.factor is not None:
            yield Goal(text, times(one.factor), one.factor >= factor)

    place = {"kind": "query", "connections": 8}
    found = [*goal("8 connections, no filter: 8 times Chroma's queries per second",
                   figure(run, "", "", True, "load", "qps", **place), 8),
             *goal("8 connections, no filter: p99 below a third of Chroma's", figure(run, "", "", False, "load", "p99_us", **place), 3),
             *goal("ingest including settling 4 times Chroma's", figure(run, "", "", True, "settle", "rows_per_second"), 4),
             *goal("1 % filter 10 times faster for the stock client",
                   figure(run, "", "", False, "request", "p50_ms", kind="query_1"), 10)]
    single = run.value(OURS, "request", "p50_ms", kind="query")
    if single is not None:
        found.append(Goal("the stock client's query at most 1.5 ms (p50)", f"{single:.2f} ms", single <= 1.5))
    if run.about["n"] >= 100_000:
        found += goal("100,000 rows: resident memory after settling below Chroma's",
                      figure(run, "", "", False, "memory", "resident", when="settled"), 1)
    for when in run.whens("memory"):
        sample = run.value(OURS, "memory", "resident", when=when)
        if when.startswith("sample ") and sample is not None:
            found.append(Goal(f"{when}: resident memory below 180 MB", f"{sample / 1e6:.0f} MB", sample < 180e6))
    return found


def section(run, plot_name=None):
    """The lines of Markdown that tell of one run."""
    about = run.about
    lines = [f"## {about['dataset']}: {about['n']:,} rows of {about['dimension']:,} dimensions, {about['metric']}", "",
             f"Begun {about['run']}. {about['machine']}.", ""]
    if about.get("note"):
        lines += [f"**{about['note']}**", ""]
    if PEER in run.servers:
        lines += goal_lines(run) + summary(run)
    head = ["", "ours", "Chroma", "better by"]
    lines += ["### Filling, memory, disk", "", *table(head, [one.row for one in costs(run)])]
    lines += ["### The stock client, one request at a time", "", *table(head, [one.row for one in requests(run)])]
    lines += ["### Recall", "", *table(head, [one.row for one in recalls(run)])]
    loaded = [kind for kind in plot.FILTERS if run.connections(kind)]
    if loaded:
        lines += ["### Load", ""]
        lines += [f"![queries per second against connections]({plot_name})", ""] if plot_name else []
        for kind in loaded:
            lines += [f"{plot.FILTERS[kind].capitalize()}:", "", *load(run, kind)]
    return lines


def goal_lines(run):
    return table(["goal", "found", "reached"], [[goal.text, goal.found, "yes" if goal.reached else "**no**"] for goal in goals(run)])


def summary(run):
    found = comparisons(run)
    losses = sorted((one for one in found if one.factor < 1), key=lambda one: one.factor)
    ahead = sum(one.factor > 1 for one in found)
    lines = [f"Of {len(found)} figures ours is ahead in {ahead}, behind in {len(losses)}.", ""]
    if losses:
        lines += ["Behind:", "", *(f"- {one.title}: {times(one.factor)}" for one in losses), ""]
    return lines


def write(runs, path):
    """The report of some runs as `path`, and beside it a plot for each run that had load."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    machines = {run.about["machine"] for run in runs}
    lines = ["# Through HTTP: ours and Chroma 1.5.9", "",
             "Made by `bench/server/report.py`. Both servers run at once and are asked in turn, one idle while the other works. wrk runs in one "
             "thread **on the same cores as the server**, which takes more from the faster server; the stock client is a Python process on them, "
             "too. Every answer has ids, distances, documents and metadata of 10 rows. Both search with their defaults: see recall beside speed. "
             "“Better by” is above 1 where ours is better. Chroma has indexed a row when it acknowledges it; ours indexes in the background, and "
             "settling is waiting for that. Anonymous memory belongs to no file; the rest of what is resident is mapped files, which the system can "
             "take back. Chroma's process includes the Python that starts it.", ""]
    if len(machines) > 1:
        lines += ["**These results come from more than one machine: do not compare across them.**", ""]
    taken = []
    for run in runs:
        plot_name = None
        if any(run.connections(kind) for kind in plot.FILTERS):
            stem = f"{path.stem}-{run.about['dataset']}-{run.about['n']}"
            taken.append(stem)
            plot_name = f"{stem}{f'-{taken.count(stem)}' if taken.count(stem) > 1 else ''}.svg"
            (path.parent / plot_name).write_text(plot.chart(run), encoding="utf-8")
        lines += section(run, plot_name)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="+", type=Path, help="files of JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="the Markdown file; plots are written beside it")
    arguments = parser.parse_args()
    try:
        runs = results.read(arguments.results)
    except (results.BadResults, OSError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 1
    if not runs:
        print("report: the files hold no results", file=sys.stderr)
        return 1
    write(runs, arguments.out)
    print(arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
