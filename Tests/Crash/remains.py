"""What a killed server left in its data directory: tells what the kill met."""

import os

FLUSH_OR_MERGE = "kills in a flush or merge"
SEGMENTS = "segments of one collection"
TRIMMED = "log records trimmed"
COUNTED = [FLUSH_OR_MERGE, SEGMENTS, TRIMMED]


def count(directory, tally):
    """Adds to a tally what the kill met, and how far the server had got with segments and log by then."""
    collections, log = files(os.path.join(directory, "collections")), files(os.path.join(directory, "log"))
    # Half of a segment or of a manifest.
    tally[FLUSH_OR_MERGE] += any(name.endswith(".tmp") for name in collections)
    # Segments are numbered, and log files are called after their first record.
    tally[SEGMENTS] = max([tally[SEGMENTS]] + numbers(collections, ".segment"))
    tally[TRIMMED] = max(tally[TRIMMED], min(numbers(log, ".wal"), default=1) - 1)


def files(directory):
    return [name for _, _, names in os.walk(directory) for name in names]


def numbers(names, suffix):
    stems = [name.removesuffix(suffix) for name in names if name.endswith(suffix)]
    return [int(stem) for stem in stems if stem.isdigit()]
