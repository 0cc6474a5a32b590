"""Recall against queries per second as SVG, with nothing but the standard library."""

import math
from xml.sax.saxutils import escape

from results import frontier

WIDTH, HEIGHT = 640, 440
LEFT, TOP, BOTTOM, LEGEND = 70, 40, 50, 330
RECALLS = (0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
RECALL_MIN, RECALL_MAX = 0.7, 0.9995
COLOURS = ("#4477aa", "#228833", "#aa3377", "#66ccee", "#ccbb44", "#994455", "#997700", "#6699cc", "#004488", "#bbbbbb",
           "#117733", "#882255", "#44aa99", "#999933", "#332288", "#cc6677")
OURS_COLOUR = "#ee3311"


def _across(recall):
    """Recall to the x axis, which is logarithmic in what is missed."""
    def scaled(value):
        return -math.log10(1 - min(max(value, RECALL_MIN), RECALL_MAX))
    return LEFT + WIDTH * (scaled(recall) - scaled(RECALL_MIN)) / (scaled(RECALL_MAX) - scaled(RECALL_MIN))


def chart(data_set):
    """An SVG document: a line for each graph and IVF configuration, ours the thick ones."""
    lines = [(each, [point for point in frontier(each.points) if point.recall >= RECALL_MIN])
             for each in data_set.configurations if each.family != "flat"]
    lines = sorted(((each, points) for each, points in lines if points), key=lambda line: -line[1][0].qps)
    rates = [point.qps for _, points in lines for point in points] or [1, 10]
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)) + 1e-9)
    high = max(high, low + 1)

    def down(rate):
        return TOP + HEIGHT * (high - math.log10(rate)) / (high - low)

    full_width, full_height = LEFT + WIDTH + LEGEND, max(TOP + HEIGHT + BOTTOM, TOP + 20 * len(lines) + 20)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{full_width}" height="{full_height}" '
        f'viewBox="0 0 {full_width} {full_height}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(_title(data_set))}</text>',
    ]
    for recall in RECALLS:
        x = _across(recall)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + HEIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{recall:g}</text>')
    for power in range(low, high + 1):
        for step in (1, 2, 5) if power < high else (1,):
            y = down(step * 10 ** power)
            parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#dddddd"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{step * 10 ** power:,}</text>')
    parts.append(f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 38}" text-anchor="middle">'
                 f'recall@{data_set.k}</text>')
    parts.append(f'<text transform="translate(14 {TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
                 'queries per second</text>')
    for number, (each, points) in enumerate(lines):
        colour = OURS_COLOUR if each.ours else COLOURS[number % len(COLOURS)]
        style = f'fill="none" stroke="{colour}" stroke-width="{3 if each.ours else 1.3}"'
        if each.family == "ivf":
            style += ' stroke-dasharray="6 3"'
        path = " ".join(f"{_across(point.recall):.1f},{down(point.qps):.1f}" for point in points)
        parts.append(f'<polyline points="{path}" {style}/>')
        y = TOP + 14 + 20 * number
        parts.append(f'<line x1="{LEFT + WIDTH + 14}" y1="{y - 4}" x2="{LEFT + WIDTH + 40}" y2="{y - 4}" {style}/>')
        parts.append(f'<text x="{LEFT + WIDTH + 46}" y="{y}">{escape(each.label)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _title(data_set):
    return (f"{data_set.name}: {data_set.n:,} × {data_set.dimension:,}, {data_set.metric}, "
            f"{data_set.threads} thread{'s' if data_set.threads > 1 else ''}; dashed: IVF")
