"""hnswlib, compiled on this machine with -march=native by `setup`."""

import hnswlib
import numpy as np

from .base import Engine, ef_sweep


class HNSWLib(Engine):
    library = "hnswlib"
    index = "hnsw"

    @property
    def sweep(self):
        return ef_sweep(self.k)

    def build(self, base):
        space = "ip" if self.inner_product else "l2"
        self.made = hnswlib.Index(space=space, dim=base.shape[1])
        self.made.init_index(max_elements=len(base), M=self.parameters["M"],
                             ef_construction=self.parameters["efConstruction"], random_seed=100)
        self.made.set_num_threads(1)
        self.made.add_items(base, num_threads=1)

    def prepare(self, efSearch):
        self.made.set_ef(efSearch)

    def search_all(self, queries):
        return self.made.knn_query(queries, k=self.k, num_threads=1)[0].astype(np.int64)

    def save(self, path):
        self.made.save_index(str(path))
        return True


class HNSWLib16(HNSWLib):
    name = "hnswlib-16"
    parameters = {"M": 16, "efConstruction": 200}


class HNSWLib32(HNSWLib):
    name = "hnswlib-32"
    parameters = {"M": 32, "efConstruction": 200}


ENGINES = (HNSWLib16, HNSWLib32)
