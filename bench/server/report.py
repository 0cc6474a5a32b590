"""The measurements of a run as a table with ratios, and as a chart."""

import math

# (key, title, unit, whether more is better)
LINES = [
    ("ingest", "ingest", "rows/s", True),
    ("query", "query, no filter: p50", "ms", False), ("query_p99", "query, no filter: p99", "ms", False),
    ("query_1", "query, filter keeps 1 %: p50", "ms", False), ("query_1_p99", "query, filter keeps 1 %: p99", "ms", False),
    ("query_50", "query, filter keeps 50 %: p50", "ms", False),
    ("query_50_p99", "query, filter keeps 50 %: p99", "ms", False),
    ("get", "get of 10 ids: p50", "ms", False), ("get_p99", "get of 10 ids: p99", "ms", False),
    ("count", "count: p50", "ms", False), ("heartbeat", "heartbeat: p50", "ms", False),
    ("recall", "recall@10, no filter", "", True), ("recall_1", "recall@10, 1 %", "", True),
    ("recall_50", "recall@10, 50 %", "", True),
    ("memory", "resident memory after ingest", "MiB", False),
    ("memory_end", "resident memory in the end", "MiB", False), ("disk", "disk", "MiB", False),
    ("sample_memory", "resident memory with the sample", "MiB", False),
]


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def ratio(ours, chroma, more_is_better):
    """How many times better ours is."""
    if not ours or not chroma:
        return None
    return ours / chroma if more_is_better else chroma / ours


def table(results):
    ours, chroma = results.get("lyrica", {}), results.get("chroma", {})
    lines = [f"{'':38} {'lyrica':>12} {'chroma':>12} {'better by':>10}"]
    for key, title, unit, more_is_better in LINES:
        if key not in ours and key not in chroma:
            continue
        factor = ratio(ours.get(key), chroma.get(key), more_is_better)
        label = f"{title} ({unit})" if unit else title
        lines.append(f"{label:38} {number(ours.get(key)):>12} {number(chroma.get(key)):>12} "
                     f"{'-' if factor is None else f'{factor:.2f}x':>10}")
    return "\n".join(lines)


def chart(results, path, subtitle):
    """Bars of the ratios on a logarithmic scale, as an SVG file."""
    ours, chroma = results.get("lyrica", {}), results.get("chroma", {})
    bars = []
    for key, title, _, more_is_better in LINES:
        factor = ratio(ours.get(key), chroma.get(key), more_is_better)
        if factor is not None and not key.startswith("recall"):
            bars.append((title, factor))
    if not bars:
        return
    row, left, width = 26, 270, 460
    reach = max(1.0, max(abs(math.log10(factor)) for _, factor in bars))
    middle = left + width / 2
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 90}" height="{row * len(bars) + 70}" '
             'font-family="sans-serif" font-size="13">',
             '<text x="10" y="22" font-size="16">lyrica-vectord against Chroma 1.5.9: how many times better</text>',
             f'<text x="10" y="42" fill="#666">{subtitle}</text>',
             f'<line x1="{middle}" y1="52" x2="{middle}" y2="{row * len(bars) + 60}" stroke="#999"/>']
    for index, (title, factor) in enumerate(bars):
        top = 58 + index * row
        length = math.log10(factor) / reach * width / 2
        parts.append(f'<text x="{left - 8}" y="{top + 14}" text-anchor="end">{title}</text>')
        parts.append(f'<rect x="{min(middle, middle + length):.1f}" y="{top}" width="{abs(length):.1f}" height="18" '
                     f'fill="{"#2a7f62" if factor >= 1 else "#b5482f"}"/>')
        place = middle + length + (6 if factor >= 1 else -6)
        parts.append(f'<text x="{place:.1f}" y="{top + 14}" text-anchor="{"start" if factor >= 1 else "end"}">'
                     f'{factor:.1f}x</text>')
    parts.append("</svg>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts) + "\n")
