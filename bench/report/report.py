#!/usr/bin/env python3
"""Writes a Markdown report, and a plot for each data set, from files of result lines of the peers and of ours."""

import argparse
import sys
from pathlib import Path

import plot
from results import LEVELS, BadResults, fastest, read

HNSWLIB = "hnswlib"


def amount(value):
    return "–" if value is None else f"{value:,.0f}"


def megabytes(value):
    return "–" if value is None else f"{value / 1e6:,.1f}"


def seconds(value):
    return "–" if value is None else f"{value:,.1f}"


def ratio(ours, theirs):
    """Ours over theirs; empty where either is missing."""
    return "–" if ours is None or not theirs else f"{ours / theirs:.2f}×"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows), ""]


def heads(levels=LEVELS):
    return [f"q/s @ {level:g}" for level in levels]


def bold(text, wanted):
    return f"**{text}**" if wanted else text


def approximate(data_set):
    """Every graph and IVF configuration, fastest at 0.95 first."""
    shown = [each for each in data_set.configurations if each.family != "flat"]
    if not shown:
        return []

    def order(each):
        best = [each.best(level) for level in (0.95, 0.90)]
        return [-(point.qps if point else 0) for point in best]

    rows = []
    for each in sorted(shown, key=order):
        point = each.best(0.95)
        latency = f"{point.p50_us:,.0f} / {point.p99_us:,.0f}" if point else "–"
        found = [each.best(level) for level in LEVELS]
        rows.append([bold(each.label, each.ours), seconds(each.build_seconds), megabytes(each.index_bytes),
                     megabytes(each.resident_bytes), megabytes(each.disk_bytes),
                     *(amount(best.qps if best else None) for best in found), latency])
    return table(["engine", "build s", "index MB", "resident MB", "disk MB", *heads(), "p50 / p99 µs @ 0.95"], rows)


def comparisons(data_set):
    """(title, ours, theirs) for which ratios are told: configurations, ours and the peers'."""
    for family, title in (("graph", "graphs"), ("ivf", "IVF")):
        ours = [each for each in data_set.of(family) if each.ours]
        peers = [each for each in data_set.of(family) if not each.ours]
        if ours and peers:
            yield f"ours / best peer, {title}", ours, peers
    ours = [each for each in data_set.configurations if each.ours and each.family != "flat"]
    peers = [each for each in data_set.configurations if not each.ours and each.family != "flat"]
    if ours and peers:
        yield "ours / best peer, any index", ours, peers
    hnswlib = [each for each in peers if each.engine.startswith(HNSWLIB)]
    if ours and hnswlib:
        yield "ours / hnswlib", ours, hnswlib


def ratios(data_set):
    rows = []
    for title, ours, peers in comparisons(data_set):
        cells = []
        for level in LEVELS:
            best, other = fastest(ours, level), fastest(peers, level)
            if best and other:
                cells.append(f"{ratio(best[1].qps, other[1].qps)} ({other[0].label})")
            else:
                cells.append("not reached by " + ("both" if not best and not other else "ours" if not best else "peers"))
        rows.append([title, *cells])
    return table(["queries per second", *heads()], rows) if rows else []


def costs(data_set):
    """Build time and index memory of our fastest configuration at 0.95 against those of the fastest peer."""
    rows = []
    for title, ours, peers in comparisons(data_set):
        best, other = fastest(ours, 0.95), fastest(peers, 0.95)
        if best and other:
            best, other = best[0], other[0]
            rows.append([title, other.label, *(
                ratio(getattr(best, name), getattr(other, name))
                for name in ("build_seconds", "index_bytes", "resident_bytes", "disk_bytes"))])
    return table(["costs of the fastest at 0.95", "peer", "build", "index memory", "resident", "disk"], rows) if rows else []


def flat(data_set):
    """Exact search: each engine's rate for batches and for single queries."""
    rows = []
    points = [(each, point) for each in data_set.of("flat") for point in each.points]
    for each, point in sorted(points, key=lambda pair: (-int(pair[1].search.get("batch", 1)), -pair[1].qps)):
        batch = int(point.search.get("batch", 1))
        peers = [other.qps for peer, other in points if not peer.ours and int(other.search.get("batch", 1)) == batch]
        rows.append([bold(each.label, each.ours), amount(batch), f"{point.recall:.4f}", amount(point.qps),
                     f"{point.p50_us:,.0f} / {point.p99_us:,.0f}",
                     ratio(point.qps, max(peers)) if each.ours and peers else ""])
    return table(["exact search", "queries a call", "recall", "q/s", "p50 / p99 µs of one", "ours / best peer"],
                 rows) if rows else []


def verdicts(data_sets):
    """Every comparison at every recall as a sentence: (ratio or None, text), losses and wins alike."""
    for data_set in data_sets:
        for title, ours, peers in comparisons(data_set):
            for level in LEVELS:
                best, other = fastest(ours, level), fastest(peers, level)
                place = f"{data_set.name} at {level:g}, {title}"
                if best and other:
                    value = best[1].qps / other[1].qps
                    yield value, f"{place}: {value:.2f}× {other[0].label}"
                elif other:
                    yield 0.0, f"{place}: ours does not reach it, {other[0].label} does"


def summary(data_sets):
    found = sorted(verdicts(data_sets))
    if not found:
        return []
    losses = [text for value, text in found if value < 1]
    wins = [text for value, text in reversed(found) if value >= 1]
    lines = ["## Wins and losses", "", f"Of {len(found)} comparisons ours is ahead in {len(wins)} and behind in {len(losses)}.", ""]
    for title, texts in (("Behind", losses), ("Ahead", wins)):
        if texts:
            lines += [f"{title}:", "", *(f"- {text}" for text in texts), ""]
    return lines


def document(data_sets, plots):
    """The report; `plots` gives the name of each data set's plot."""
    machines = sorted({machine for data_set in data_sets for machine in data_set.machines})
    lines = ["# Approximate nearest neighbours: ours and the libraries", "",
             "Made by `bench/report/report.py`. Queries per second are those of the fastest setting of the search "
             "parameter that reaches the recall; repeated measurements count by their median. Index MB is memory beyond the "
             "float32 vectors. Absolute figures belong to the machine; the ratios are what to compare.", "",
             "Machine: " + "; ".join(machines) + ".", ""]
    if len(machines) > 1:
        lines += ["**These results come from more than one machine: do not compare across them.**", ""]
    lines += summary(data_sets)
    for data_set in data_sets:
        lines += [f"## {data_set.name}", "",
                  f"{data_set.n:,} rows of {data_set.dimension:,} dimensions, {data_set.metric}, {data_set.queries:,} queries, "
                  f"k = {data_set.k}, {data_set.threads} thread{'s' if data_set.threads > 1 else ''}.", "",
                  f"![recall against queries per second]({plots[id(data_set)]})", ""]
        lines += ratios(data_set) + costs(data_set) + approximate(data_set) + flat(data_set)
    return "\n".join(lines).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="+", type=Path, help="files of JSON lines; engine `lyrica` is ours")
    parser.add_argument("--out", type=Path, required=True, help="the Markdown file; plots are written beside it")
    arguments = parser.parse_args()
    try:
        data_sets = read(arguments.results)
    except (BadResults, OSError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 1
    if not data_sets:
        print("report: the files hold no results", file=sys.stderr)
        return 1
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    plots = {}
    for number, data_set in enumerate(data_sets):
        taken = [other.name for other in data_sets[:number]].count(data_set.name)
        plots[id(data_set)] = f"{arguments.out.stem}-{data_set.name}{f'-{taken + 1}' if taken else ''}.svg"
        (arguments.out.parent / plots[id(data_set)]).write_text(plot.chart(data_set), encoding="utf-8")
    arguments.out.write_text(document(data_sets, plots), encoding="utf-8")
    print(arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
