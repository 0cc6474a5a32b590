"""zvec: an embedded database; its HNSW over float32 rows, one query a call (it has no call for many)."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import zvec

from .base import Engine, ef_sweep


class ZVec(Engine):
    name = "zvec-hnsw16"
    library = "zvec"
    index = "hnsw"
    parameters = {"M": 16, "efConstruction": 200}

    @property
    def sweep(self):
        return ef_sweep(self.k)

    def build(self, base):
        zvec.init(query_threads=1, optimize_threads=1, log_level=zvec.LogLevel.ERROR)
        metric = zvec.MetricType.IP if self.inner_product else zvec.MetricType.L2
        index = zvec.HnswIndexParam(metric_type=metric, m=self.parameters["M"],
                                    ef_construction=self.parameters["efConstruction"])
        schema = zvec.CollectionSchema(name="bench", vectors=zvec.VectorSchema(
            "row", zvec.DataType.VECTOR_FP32, base.shape[1], index_param=index))
        self.folder = Path(tempfile.mkdtemp(prefix="zvec-")) / "collection"
        self.made = zvec.create_and_open(str(self.folder), schema)
        for start in range(0, len(base), 1000):
            self.made.insert([zvec.Doc(id=str(row), vectors={"row": base[row].tolist()})
                              for row in range(start, min(start + 1000, len(base)))])
        self.made.flush()
        self.made.optimize(option=zvec.OptimizeOption(concurrency=1))

    def prepare(self, efSearch):
        self.search = zvec.HnswQueryParam(ef=efSearch)

    def search_all(self, queries):
        return np.array([self.search_one(query) for query in queries])

    def search_one(self, query):
        found = self.made.query(zvec.VectorQuery("row", vector=query.tolist(), param=self.search), topk=self.k,
                                output_fields=[])
        ids = np.full(self.k, -1, np.int64)
        ids[:len(found)] = [int(document.id) for document in found]
        return ids

    def save(self, path):
        """The collection is its own file already, rows and index together."""
        shutil.copytree(self.folder, path)
        return True


ENGINES = (ZVec,)
