"""Exact nearest neighbours: float32 matrix products find candidates, float64 orders them.

A distance is smaller when closer: l2 is the squared distance, cosine is 1 - cos, ip is 1 - dot product.
"""

import numpy as np

METRICS = ("l2", "cosine", "ip")

# Rows of the base that one matrix product takes, and candidates kept beyond k for the float64 pass.
BLOCK_ROWS = 16_384
MARGIN = 64


def normalised(rows):
    """The rows as float32 with length 1; rows of zeros stay zeros."""
    rows = np.asarray(rows, np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))[:, None]
    return rows / np.where(lengths == 0, 1, lengths).astype(np.float32)


def prepared(rows, metric):
    """What the metric compares: unit rows for cosine, the rows as float32 for l2 and ip."""
    if metric not in METRICS:
        raise ValueError(f"unknown metric: {metric}")
    return normalised(rows) if metric == "cosine" else np.ascontiguousarray(rows, np.float32)


def distances(base, query, ids, metric):
    """Distances in float64 from one prepared query to the prepared base rows `ids`."""
    rows = base[ids].astype(np.float64)
    query = query.astype(np.float64)
    if metric == "l2":
        return np.square(rows - query).sum(axis=1)
    return 1 - rows @ query


def nearest(base, queries, metric, k, progress=lambda done, total: None):
    """The ids (int32) and distances (float64) of the k nearest rows of each query, nearest first, ties by id.

    `base` and `queries` must be prepared. Where the float32 error bound cannot exclude a row outside the
    candidates, that query is done again wholly in float64, so the answer is exact whatever the data.
    """
    k = min(k, len(base))
    kept = min(k + MARGIN, len(base))
    candidates, cut = _candidates(base, queries, metric, kept, progress)
    ids = np.empty((len(queries), k), np.int32)
    found = np.empty((len(queries), k), np.float64)
    error = _error_bound(base, queries, metric)
    for row, query in enumerate(queries):
        order, values = _ordered(base, query, candidates[row], metric, k)
        if kept < len(base) and values[-1] >= cut[row] + _offset(query, metric) - error[row]:
            order, values = _ordered_over_all(base, query, metric, k)
        ids[row], found[row] = order, values
    return ids, found


def _offset(query, metric):
    """What the float32 score of a candidate lacks to be its distance."""
    return float(query.astype(np.float64) @ query) if metric == "l2" else 1.0


def _error_bound(base, queries, metric):
    """How far a float32 score can be from the exact one: gamma(d) of a dot product, for every query."""
    unit = (base.shape[1] + 8) * 2.0 ** -24
    longest = np.sqrt(max(float(np.einsum("ij,ij->i", block, block, dtype=np.float64).max()) for block in _blocks(base)))
    lengths = np.sqrt(np.einsum("ij,ij->i", queries, queries, dtype=np.float64))
    return unit * (2 * lengths * longest + 2 * longest ** 2 if metric == "l2" else lengths * longest)


def _blocks(base):
    return (base[start:start + BLOCK_ROWS] for start in range(0, len(base), BLOCK_ROWS))


def _candidates(base, queries, metric, kept, progress):
    ids = np.empty((len(queries), 0), np.int64)
    scores = np.empty((len(queries), 0), np.float32)
    start = 0
    for block in _blocks(base):
        block_scores = queries @ block.T
        block_scores *= -2 if metric == "l2" else -1
        if metric == "l2":
            block_scores += np.einsum("ij,ij->i", block, block)[None, :]
        block_ids = _smallest(block_scores, kept)
        scores = np.hstack([scores, np.take_along_axis(block_scores, block_ids, axis=1)])
        ids = np.hstack([ids, block_ids + start])
        best = _smallest(scores, kept)
        scores, ids = np.take_along_axis(scores, best, axis=1), np.take_along_axis(ids, best, axis=1)
        start += len(block)
        progress(start, len(base))
    return ids, scores.max(axis=1).astype(np.float64)


def _smallest(scores, count):
    if count >= scores.shape[1]:
        return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    return np.argpartition(scores, count - 1, axis=1)[:, :count]


def _ordered(base, query, ids, metric, k):
    values = distances(base, query, ids, metric)
    order = np.lexsort((ids, values))[:k]
    return ids[order], values[order]


def _ordered_over_all(base, query, metric, k):
    values = np.concatenate([distances(block, query, slice(None), metric) for block in _blocks(base)])
    order = np.lexsort((np.arange(len(values)), values))[:k]
    return order, values[order]
