"""scann-core: IVF with anisotropic 4-bit product codes and re-ranking by float rows."""

import numpy as np
from scann.scann_ops.py import scann_ops_pybind

from .base import NPROBE, Engine, list_count


class ScaNN(Engine):
    name = "scann-core"
    library = "scann-core"
    index = "ivf"
    sweep = [{"nprobe": nprobe, "reorder": reorder} for reorder in (30, 50, 100) for nprobe in NPROBE]

    def build(self, base):
        leaves = list_count(len(base))
        self.parameters = {"nlist": leaves, "codes": "4-bit, 2 dimensions each", "anisotropic": 0.2}
        distance = "dot_product" if self.inner_product else "squared_l2"
        builder = scann_ops_pybind.builder(base, self.k, distance).set_n_training_threads(1)
        builder = builder.tree(leaves, leaves // 16, training_sample_size=len(base), spherical=self.metric == "cosine")
        threshold = {"anisotropic_quantization_threshold": 0.2} if self.inner_product else {}
        self.made = builder.score_ah(2, **threshold).reorder(100).build()
        self.made.set_num_threads(1)

    def prepare(self, nprobe, reorder):
        self.search = {"final_num_neighbors": self.k, "pre_reorder_num_neighbors": reorder, "leaves_to_search": nprobe}

    def search_all(self, queries):
        return self._checked(*self.made.search_batched(queries, **self.search))

    def search_one(self, query):
        ids = np.full(self.k, -1, np.int64)
        found = self._checked(*self.made.search(query, **self.search))
        ids[:len(found)] = found
        return ids

    @staticmethod
    def _checked(ids, distances):
        """A place that no row filled has a NaN distance."""
        return np.where(np.isnan(distances), -1, np.asarray(ids).astype(np.int64))

    def save(self, path):
        path.mkdir()
        self.made.serialize(str(path))
        return True


ENGINES = (ScaNN,)
