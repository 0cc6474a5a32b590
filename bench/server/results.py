"""Result lines of the server benchmark: writing them while it runs, and finding a figure in them.

Each line has the run (when it began), the machine, a note or null, the data ("dataset", "n", "dimension", "metric", "k"), the "server", and
what was measured:

    ingest    adding all rows in batches by the stock client: seconds, rows_per_second
    settle    from the last addition until all rows are in their index and a query is answered: seconds; rows_per_second counts both
    request   the stock client's requests one after another, by kind: p50_ms, p99_ms, and the recall of queries
    load      wrk, by kind and connections: qps, p50_us, p90_us, p99_us, max_us, answer_bytes
    memory    when empty, settled, in the end: bytes resident, proportional, anonymous (the rest belongs to files), and at the peak
    disk      when settled: bytes
"""

import json
import os
import time
from pathlib import Path


class BadResults(Exception):
    """A file is no file of result lines; the message says where."""


class Recorder:
    """Keeps the lines of a run, and appends them to a file if one is named."""

    def __init__(self, path, **about):
        self.path, self.lines = path, []
        self.about = {"run": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine(), **about}

    def of(self, server):
        def emit(measure, **values):
            values = {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
            self.lines.append({**self.about, "server": server, "measure": measure, **values})
            if self.path:
                with open(self.path, "a", encoding="utf-8") as file:
                    file.write(json.dumps(self.lines[-1]) + "\n")
        return emit


class Run:
    """The lines of one run."""

    def __init__(self, lines):
        self.lines = lines
        self.about = lines[0]
        self.servers = list(dict.fromkeys(line["server"] for line in lines))

    def value(self, server, measure, name, **place):
        """One figure, or None when it was not measured."""
        for line in self.lines:
            if line["server"] == server and line["measure"] == measure and all(line.get(key) == place[key] for key in place):
                return line.get(name)
        return None

    def connections(self, kind):
        return sorted({line["connections"] for line in self.lines if line["measure"] == "load" and line["kind"] == kind})

    def whens(self, measure):
        return list(dict.fromkeys(line["when"] for line in self.lines if line["measure"] == measure))


def read(paths):
    """The runs of some files, the oldest first."""
    runs = {}
    for path in paths:
        for number, text in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
            try:
                line = json.loads(text)
                runs.setdefault((line["run"], line["dataset"], line["n"]), []).append(line)
                line["server"], line["measure"], line["machine"]
            except (ValueError, KeyError, TypeError) as error:
                raise BadResults(f"{path}:{number}: not a result line ({error!r})") from error
    return [Run(runs[key]) for key in sorted(runs)]


def machine():
    """The processor's name, its widest vector instructions, the number of cores, memory."""
    fields = {}
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    flags = fields.get("flags", fields.get("Features", "")).split()
    widest = next((name for name in ("avx512_vnni", "avx512f", "avx2", "asimd") if name in flags), "no SIMD known")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{fields.get('model name', 'unknown processor')}, {os.cpu_count()} cores, {widest}, {memory:.0f} GiB"
