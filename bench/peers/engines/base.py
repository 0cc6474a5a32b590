"""What every peer offers to the measurement."""

import os

# Beam widths (efSearch) of graph searches and probed lists (nprobe) of IVF searches.
EF_SEARCH = (10, 12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 768)
NPROBE = (1, 2, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, 256)


def list_count(rows):
    """The number of IVF lists: about √(8 rows) as a power of two, so 1,024 for 100,000 rows."""
    count = 16
    while count * count < 8 * rows and count < 4096:
        count *= 2
    return count


class Engine:
    """One index of one library in one configuration, on one thread.

    The measurement makes an engine with the metric and the largest k, calls `build` once with float32 rows
    (unit length when the metric is cosine), and then, for each of `sweep`, `prepare` and the two searches.
    `prepare` gets the settings of one sweep point; a search returns the row numbers found, -1 where there are
    none. `search_all` is the library's own call for many queries, with one thread; `search_one` is for one.
    `save` writes the index to a path (a file or a folder) and returns False where the library cannot;
    `stores_vectors` says whether float32 rows are part of what is saved.
    """

    name = None        # unique, as in --engines
    library = None     # the package on PyPI
    index = None       # flat, ivf or hnsw; vamana and symphonyqg for those graphs
    parameters = {}
    sweep = ()
    metrics = ("l2", "cosine", "ip")
    stores_vectors = True

    def __init__(self, metric, k):
        self.metric = metric
        self.k = k

    @property
    def inner_product(self):
        """Whether similarity is the dot product: unit rows make cosine one."""
        return self.metric != "l2"

    def build(self, base):
        raise NotImplementedError

    def prepare(self, **search):
        raise NotImplementedError

    def search_all(self, queries):
        raise NotImplementedError

    def search_one(self, query):
        return self.search_all(query[None, :])[0]

    def save(self, path):
        return False


def ef_sweep(k, widths=EF_SEARCH):
    """Sweep points for a graph that needs efSearch >= k."""
    return [{"efSearch": width} for width in widths if width >= k]


def one_thread_environment(folder):
    """Environment variables that hold every threading runtime the peers use to one thread, with caches in `folder`."""
    return {
        **{name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "SCANN_NUM_THREADS",
                                  "NUMEXPR_NUM_THREADS", "TBB_NUM_THREADS")},
        "OMP_WAIT_POLICY": "passive",
        "TMPDIR": os.fspath(folder),
    }
