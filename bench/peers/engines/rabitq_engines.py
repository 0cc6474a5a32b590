"""rabitqlib: SymphonyQG (four variants), HNSW over 8-bit codes, IVF over 7-bit codes."""

import numpy as np
import rabitqlib

from .base import NPROBE, Engine, ef_sweep, list_count


# The library's rotation and k-means know no fewer; zeros change no distance.
DIMENSION_MIN = 64


def widened(rows):
    """The rows with zeros up to DIMENSION_MIN."""
    missing = DIMENSION_MIN - rows.shape[1]
    return rows if missing <= 0 else np.ascontiguousarray(np.pad(rows, ((0, 0), (0, missing))))


class RabitqEngine(Engine):
    library = "rabitqlib"

    @property
    def rabitq_metric(self):
        """Unit rows are in the same order by l2 as by cosine, and the graphs are made for l2."""
        return "ip" if self.metric == "ip" else "l2"

    def build(self, base):
        self.build_wide(widened(base))

    def search_all(self, queries):
        return np.asarray(self.search_wide(widened(queries))[0]).astype(np.int64)

    def save(self, path):
        self.made.save(str(path))
        return True


class SymphonyQG(RabitqEngine):
    """`search` takes all queries, one after the other; `search_batch` walks several at once, and measured slower."""

    index = "symphonyqg"

    @property
    def sweep(self):
        return ef_sweep(self.k)

    def build_wide(self, base):
        self.made = rabitqlib.SymqgIndex(base.shape[1], self.parameters["degree"], metric=self.rabitq_metric,
                                         quantization_bits=self.parameters["bits"])
        self.made.build(base, ef_construction=self.parameters["efConstruction"], num_threads=1)

    def prepare(self, efSearch):
        self.width = efSearch

    def search_wide(self, queries):
        return self.made.search(queries, self.k, self.width, num_threads=1)


def symphonyqg(degree, bits):
    rows = f"{bits}bit" if bits else "float"
    return type(f"SymphonyQG{degree}{rows}", (SymphonyQG,), {
        "name": f"rabitqlib-symphonyqg{degree}-{rows}",
        "parameters": {"degree": degree, "efConstruction": 200, "bits": bits},
        "stores_vectors": bits == 0,
    })


def clustering(base, count):
    """Centroids and assignments by the library's own k-means, on one thread."""
    means = rabitqlib.RaBitQKMeans(base.shape[1], count, num_threads=1)
    means.train(base)
    return means.centroids, means.assignments


class HNSWCodes(RabitqEngine):
    name = "rabitqlib-hnsw16-8bit"
    index = "hnsw"
    parameters = {"M": 16, "efConstruction": 200, "bits": 8, "centroids": 16}
    stores_vectors = False

    @property
    def sweep(self):
        return ef_sweep(self.k)

    def build_wide(self, base):
        centroids, assignments = clustering(base, self.parameters["centroids"])
        self.made = rabitqlib.HnswIndex(base.shape[1], len(base), M=self.parameters["M"],
                                        ef_construction=self.parameters["efConstruction"],
                                        nbits=self.parameters["bits"], metric=self.rabitq_metric)
        self.made.build(base, centroids, assignments, num_threads=1)

    def prepare(self, efSearch):
        self.width = efSearch

    def search_wide(self, queries):
        return self.made.search(queries, self.k, ef=self.width, num_threads=1)


class IVF(RabitqEngine):
    index = "ivf"
    sweep = [{"nprobe": nprobe} for nprobe in NPROBE]

    def build_wide(self, base):
        self.parameters = {**self.parameters, "nlist": list_count(len(base))}
        centroids, assignments = clustering(base, self.parameters["nlist"])
        self.made = rabitqlib.IvfIndex(base.shape[1], len(base), self.parameters["nlist"], self.parameters["bits"],
                                       metric=self.rabitq_metric)
        self.made.build(base, centroids, assignments, num_threads=1)

    def prepare(self, nprobe):
        self.nprobe = min(nprobe, self.parameters["nlist"])

    def search_wide(self, queries):
        return self.made.search(queries, self.k, self.nprobe, num_threads=1)


class IVF7(IVF):
    name = "rabitqlib-ivf-7bit"
    parameters = {"bits": 7}
    stores_vectors = False


ENGINES = (symphonyqg(32, 8), symphonyqg(32, 0), symphonyqg(64, 8), symphonyqg(64, 0), HNSWCodes, IVF7)
