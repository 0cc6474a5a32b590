"""scalable-vs: the Vamana graph over float32 rows and over 4x8-bit LVQ codes."""

import svs

from .base import Engine, ef_sweep


class Vamana(Engine):
    library = "scalable-vs"
    index = "vamana"
    parameters = {"degree": 64, "efConstruction": 200}

    @property
    def sweep(self):
        return ef_sweep(self.k)

    def build(self, base):
        distance = svs.DistanceType.MIP if self.inner_product else svs.DistanceType.L2
        settings = svs.VamanaBuildParameters(alpha=0.95 if self.inner_product else 1.2,
                                             graph_max_degree=self.parameters["degree"],
                                             window_size=self.parameters["efConstruction"])
        self.made = svs.Vamana.build(settings, self.source(base), distance, num_threads=1)
        self.made.num_threads = 1

    def prepare(self, efSearch):
        self.made.search_window_size = efSearch

    def search_all(self, queries):
        return self.made.search(queries, self.k)[0].astype("int64")

    def save(self, path):
        path.mkdir()
        folders = [path / part for part in ("configuration", "graph", "rows")]
        self.made.save(*map(str, folders))
        return True


class VamanaFloat(Vamana):
    name = "svs-vamana64"

    def source(self, base):
        return base


ENGINES = (VamanaFloat,)
