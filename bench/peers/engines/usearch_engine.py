"""usearch: HNSW over float32 and over bfloat16 rows."""

import numpy as np
from usearch.index import Index

from .base import Engine, ef_sweep


class USearch(Engine):
    library = "usearch"
    index = "hnsw"

    @property
    def sweep(self):
        return ef_sweep(self.k)

    def build(self, base):
        self.made = Index(ndim=base.shape[1], metric="ip" if self.inner_product else "l2sq",
                          dtype=self.parameters["element"], connectivity=self.parameters["M"],
                          expansion_add=self.parameters["efConstruction"])
        self.made.add(np.arange(len(base)), base, threads=1)

    def prepare(self, efSearch):
        self.made.expansion_search = efSearch

    def search_all(self, queries):
        return self.made.search(queries, self.k, threads=1).keys.astype(np.int64)

    def search_one(self, query):
        return self.made.search(query, self.k, threads=1).keys.astype(np.int64)

    def save(self, path):
        self.made.save(str(path))
        return True


class USearchBF16(USearch):
    name = "usearch-bf16"
    parameters = {"M": 16, "efConstruction": 128, "element": "bf16"}
    stores_vectors = False


class USearchF32(USearch):
    name = "usearch-f32"
    parameters = {"M": 16, "efConstruction": 128, "element": "f32"}


ENGINES = (USearchBF16, USearchF32)
