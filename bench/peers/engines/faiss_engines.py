"""faiss: exact search, HNSW over floats and 8-bit codes, IVF over floats and over 4-bit product codes."""

import faiss

from .base import NPROBE, Engine, ef_sweep, list_count


class FaissEngine(Engine):
    library = "faiss-cpu"

    @property
    def faiss_metric(self):
        return faiss.METRIC_INNER_PRODUCT if self.inner_product else faiss.METRIC_L2

    def build(self, base):
        faiss.omp_set_num_threads(1)
        self.made = self.make(base)
        if not self.made.is_trained:
            self.made.train(base)
        self.made.add(base)

    def search_all(self, queries):
        return self.made.search(queries, self.k)[1]

    def save(self, path):
        faiss.write_index(self.made, str(path))
        return True


class Flat(FaissEngine):
    """All queries at once become a matrix product: the rate is that of a batch."""

    name = "faiss-flat"
    index = "flat"
    sweep = [{"batch": 1000}, {"batch": 1}]

    def make(self, base):
        return faiss.IndexFlat(base.shape[1], self.faiss_metric)

    def prepare(self, batch):
        self.batch = batch

    def search_all(self, queries):
        if self.batch > 1:
            return super().search_all(queries)
        return [self.search_one(query) for query in queries]

    def search_one(self, query):
        return self.made.search(query[None, :], self.k)[1][0]


class HNSW(FaissEngine):
    index = "hnsw"

    @property
    def sweep(self):
        return ef_sweep(self.k)

    def make(self, base):
        made = faiss.index_factory(base.shape[1], self.factory, self.faiss_metric)
        made.hnsw.efConstruction = self.parameters["efConstruction"]
        return made

    def prepare(self, efSearch):
        self.made.hnsw.efSearch = efSearch


class HNSWCodes(HNSW):
    name = "faiss-hnsw32-sq8"
    factory = "HNSW32,SQ8"
    parameters = {"M": 32, "efConstruction": 40, "codes": "SQ8"}
    stores_vectors = False


class HNSWFloat(HNSW):
    name = "faiss-hnsw16"
    factory = "HNSW16"
    parameters = {"M": 16, "efConstruction": 40}


class IVF(FaissEngine):
    index = "ivf"
    sweep = [{"nprobe": nprobe} for nprobe in NPROBE]

    def make(self, base):
        self.parameters = {**self.parameters, "nlist": list_count(len(base))}
        return faiss.index_factory(base.shape[1], self.factory(base.shape[1]), self.faiss_metric)


class IVFFlat(IVF):
    name = "faiss-ivf-flat"

    def factory(self, dimension):
        return f"IVF{self.parameters['nlist']},Flat"

    def prepare(self, nprobe):
        self.made.nprobe = nprobe


class IVFFastScan(IVF):
    """4-bit product codes of two dimensions each, scanned 32 at a time; candidates again with float16 rows."""

    name = "faiss-ivf-fastscan"
    stores_vectors = False
    sweep = [{"nprobe": nprobe, "refine": refine} for refine in (4, 10, 20) for nprobe in NPROBE]

    def factory(self, dimension):
        parts = dimension // 2 if dimension % 2 == 0 else dimension
        self.parameters = {**self.parameters, "codes": f"PQ{parts}x4", "refine": "SQfp16"}
        return f"IVF{self.parameters['nlist']},PQ{parts}x4fs,Refine(SQfp16)"

    def prepare(self, nprobe, refine):
        faiss.extract_index_ivf(self.made.base_index).nprobe = nprobe
        self.made.k_factor = refine


ENGINES = (Flat, HNSWCodes, HNSWFloat, IVFFlat, IVFFastScan)
