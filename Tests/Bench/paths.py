"""Puts the benchmarks' Python on the path of the tests."""

import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent.parent / "bench"
for part in ("datasets", "peers", "report"):
    sys.path.insert(0, str(BENCH / part))
