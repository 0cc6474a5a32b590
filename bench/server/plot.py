"""Queries per second against connections as SVG, with nothing but the standard library."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, LEGEND = 560, 360, 70, 40, 50, 230
COLOURS = {"lyrica": "#ee3311", "chroma": "#4477aa"}
DASHES = {"query": "", "query_1": "2 3", "query_50": "8 4"}
FILTERS = {"query": "no filter", "query_1": "filter keeps 1 %", "query_50": "filter keeps 50 %"}


def chart(run):
    """An SVG document: a line for each server and filter, both axes logarithmic."""
    lines = {}
    for server in run.servers:
        for kind in FILTERS:
            points = [(count, run.value(server, "load", "qps", kind=kind, connections=count)) for count in run.connections(kind)]
            lines[server, kind] = [point for point in points if point[1] is not None]
    lines = {key: points for key, points in lines.items() if points}
    rates = [rate for points in lines.values() for _, rate in points]
    counts = sorted({count for points in lines.values() for count, _ in points})
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)) + 1e-9)

    def across(count):
        span = math.log2(counts[-1] / counts[0]) or 1
        return LEFT + WIDTH * math.log2(count / counts[0]) / span

    def down(rate):
        return TOP + HEIGHT * (high - math.log10(rate)) / (high - low)

    full_width, full_height = LEFT + WIDTH + LEGEND, TOP + HEIGHT + BOTTOM
    about = run.about
    title = f"{about['dataset']}: {about['n']:,} × {about['dimension']:,}, {about['metric']}, through HTTP"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{full_width}" height="{full_height}" '
             f'viewBox="0 0 {full_width} {full_height}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>', f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
             f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 38}" text-anchor="middle">connections</text>',
             f'<text transform="translate(14 {TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">queries per second</text>']
    for count in counts:
        x = across(count)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + HEIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{count}</text>')
    for power in range(low, high + 1):
        for step in (1, 2, 5) if power < high else (1,):
            y = down(step * 10 ** power)
            parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#dddddd"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{step * 10 ** power:,}</text>')
    for number, ((server, kind), points) in enumerate(lines.items()):
        style = f'fill="none" stroke="{COLOURS[server]}" stroke-width="2" stroke-dasharray="{DASHES[kind]}"'
        path = " ".join(f"{across(count):.1f},{down(rate):.1f}" for count, rate in points)
        parts.append(f'<polyline points="{path}" {style}/>')
        parts += [f'<circle cx="{across(count):.1f}" cy="{down(rate):.1f}" r="3" fill="{COLOURS[server]}"/>' for count, rate in points]
        y = TOP + 14 + 20 * number
        parts.append(f'<line x1="{LEFT + WIDTH + 14}" y1="{y - 4}" x2="{LEFT + WIDTH + 44}" y2="{y - 4}" {style}/>')
        parts.append(f'<text x="{LEFT + WIDTH + 50}" y="{y}">{server}, {FILTERS[kind]}</text>')
    return "\n".join([*parts, "</svg>", ""])
