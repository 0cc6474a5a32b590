"""Draws the time of a query against the share of rows that match, a panel for each kind of filter, and prints the same as a table.

Of each engine and filter the fastest setting that reaches the recall counts; of several of our indexes the one that the planner would take.
"""

import argparse
import json
import math
import sys
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).parent.parent / "report"))
from plot import COLOURS, OURS_COLOUR  # noqa: E402

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 460, 360, 70, 50, 50, 60


def fastest(lines, recall, time):
    """{kind: {engine: {share: µs}}}: our indexes together, since the server chooses between them; of a peer each index for itself."""
    best = {}
    for line in lines:
        if line["recall"] < recall:
            continue
        kind = line["search"]["filter"].partition("-")[0]
        ours = line["engine"] == "lyrica"
        engine = "lyrica" if ours else f"{line['engine']} {line['index']}"
        share = float(f"{line['search']['share']:.2g}")
        times = best.setdefault(kind, {}).setdefault(engine, {})
        times[share] = min(times.get(share, math.inf), line["p50_us"] if time == "median" else 1e6 / line["qps"])
    return best


def panel(kind, engines, order, left, scale, shares):
    """One kind of filter: both axes are logarithmic, the shares fall from left to right."""
    low, high = scale

    def across(share):
        return left + WIDTH * (math.log10(max(shares)) - math.log10(share)) / max(math.log10(max(shares)) - math.log10(min(shares)), 1e-9)

    def down(time):
        return TOP + HEIGHT * (high - math.log10(time)) / (high - low)

    parts = [f'<text x="{left}" y="{TOP - 12}" font-size="14">{escape(kind)}</text>']
    for share in shares:
        parts.append(f'<line x1="{across(share):.1f}" y1="{TOP}" x2="{across(share):.1f}" y2="{TOP + HEIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{across(share):.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle" font-size="10">{share:g}</text>')
    for power in range(low, high + 1):
        y = down(10 ** power)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + WIDTH}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{10 ** power:,}</text>')
    for name, times in engines.items():
        colour = OURS_COLOUR if name == "lyrica" else COLOURS[order.index(name) % len(COLOURS)]
        points = " ".join(f"{across(share):.1f},{down(times[share]):.1f}" for share in sorted(times, reverse=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{3 if name == "lyrica" else 1.4}"/>')
    return parts


def chart(best, recall):
    order = sorted({name for engines in best.values() for name in engines})
    every = [time for engines in best.values() for times in engines.values() for time in times.values()]
    shares = sorted({share for engines in best.values() for times in engines.values() for share in times}, reverse=True)
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)) + 1e-9)
    scale = (low, max(high, low + 1))
    width = LEFT + len(best) * (WIDTH + GAP) + 160
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{TOP + HEIGHT + BOTTOM}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{LEFT}" y="20" font-size="15">microseconds per query at recall {recall:g} by the share of rows that match</text>']
    for number, (kind, engines) in enumerate(best.items()):
        parts += panel(kind, engines, order, LEFT + number * (WIDTH + GAP), scale, shares)
    for number, name in enumerate(order):
        colour = OURS_COLOUR if name == "lyrica" else COLOURS[number % len(COLOURS)]
        x, y = LEFT + len(best) * (WIDTH + GAP) - GAP + 16, TOP + 14 + 20 * number
        parts.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 24}" y2="{y - 4}" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 30}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def table(best):
    for kind, engines in best.items():
        shares = sorted({share for times in engines.values() for share in times}, reverse=True)
        print(f"\n| {kind}, µs | " + " | ".join(f"{share:g}" for share in shares) + " |")
        print("|---|" + "---:|" * len(shares))
        for name, times in engines.items():
            print(f"| {name} | " + " | ".join(f"{times[share]:,.0f}" if share in times else "–" for share in shares) + " |")
        ours = engines.get("lyrica", {})
        steps = [max(ours[a], ours[b]) / min(ours[a], ours[b]) for a, b in zip(sorted(ours), sorted(ours)[1:])]
        if steps:
            print(f"\nlargest step between neighbouring shares of ours: {max(steps):.1f}×")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--recall", type=float, default=0.95)
    parser.add_argument("--time", choices=("mean", "median"), default="mean",
                        help="of a query: the mean of the fastest pass, or the median, which other programs on the machine disturb less")
    parser.add_argument("--out", type=Path, help="an SVG")
    options = parser.parse_args()
    lines = [json.loads(line) for path in options.results for line in path.read_text().splitlines() if line.strip()]
    best = fastest(lines, options.recall, options.time)
    if not best:
        sys.exit(f"no result reaches a recall of {options.recall:g}")
    table(best)
    if options.out:
        options.out.write_text(chart(best, options.recall))


if __name__ == "__main__":
    main()
