"""What is compared under filters: libraries that take a set of rows, and embedded databases that take a condition.

An engine is built once over rows of unit length, with each row's rank in every kind of order beside it. `restrict` names a filter: the rows whose
rank of that kind is below a count. `search` then returns the row numbers found for one query. All use one thread.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np

EF = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
NPROBE = (1, 2, 4, 8, 16, 32, 64, 128, 256)
BATCH = 1000


class Faiss:
    """Sets of rows are bitmaps (IDSelectorBitmap)."""

    sweep = ({},)

    def build(self, base, ranks, folder):
        import faiss
        self.faiss = faiss
        faiss.omp_set_num_threads(1)
        self.ranks = ranks
        self.made = faiss.index_factory(base.shape[1], self.factory, faiss.METRIC_INNER_PRODUCT)
        if not self.made.is_trained:
            self.made.train(base)
        self.made.add(base)

    def restrict(self, kind, count):
        bits = np.packbits(self.ranks[kind] < count, bitorder="little")
        self.bits = bits
        self.selector = self.faiss.IDSelectorBitmap(len(bits), self.faiss.swig_ptr(bits))

    def search(self, query, k):
        return self.made.search(query[None, :], k, params=self.parameters)[1][0]


class FaissFlat(Faiss):
    name, index, factory = "faiss", "flat", "Flat"

    def prepare(self):
        self.parameters = self.faiss.SearchParameters(sel=self.selector)


class FaissHNSW(Faiss):
    name, index, factory = "faiss", "hnsw", "HNSW16"
    sweep = tuple({"efSearch": ef} for ef in EF)

    def prepare(self, efSearch):
        self.parameters = self.faiss.SearchParametersHNSW(sel=self.selector, efSearch=efSearch)


class FaissIVF(Faiss):
    name, index, factory = "faiss", "ivf", "IVF1024,Flat"
    sweep = tuple({"nprobe": nprobe} for nprobe in NPROBE)

    def prepare(self, nprobe):
        self.parameters = self.faiss.SearchParametersIVF(sel=self.selector, nprobe=nprobe)


class ZVec:
    """Ranks are fields with an inverted index."""

    name, index = "zvec", "hnsw"
    sweep = tuple({"efSearch": ef} for ef in EF)

    def build(self, base, ranks, folder):
        import zvec
        self.zvec = zvec
        zvec.init(query_threads=1, optimize_threads=1, log_level=zvec.LogLevel.ERROR)
        vector = zvec.VectorSchema("row", zvec.DataType.VECTOR_FP32, base.shape[1], index_param=zvec.HnswIndexParam(
            metric_type=zvec.MetricType.IP, m=16, ef_construction=200))
        fields = [zvec.FieldSchema(kind, zvec.DataType.INT32, nullable=False, index_param=zvec.InvertIndexParam(enable_range_optimization=True))
                  for kind in ranks]
        self.made = zvec.create_and_open(str(folder / "zvec"), zvec.CollectionSchema(name="bench", fields=fields, vectors=vector))
        for start in range(0, len(base), BATCH):
            self.made.insert([zvec.Doc(id=str(row), vectors={"row": base[row].tolist()},
                                       fields={kind: int(rank[row]) for kind, rank in ranks.items()})
                              for row in range(start, min(start + BATCH, len(base)))])
        self.made.flush()
        self.made.optimize(option=zvec.OptimizeOption(concurrency=1))

    def restrict(self, kind, count):
        self.filter = f"{kind} < {count}"

    def prepare(self, efSearch):
        self.parameters = self.zvec.HnswQueryParam(ef=efSearch)

    def search(self, query, k):
        found = self.made.query(self.zvec.VectorQuery("row", vector=query.tolist(), param=self.parameters), topk=k,
                                filter=self.filter, output_fields=[])
        return [int(document.id) for document in found]


class QdrantEdge:
    """Ranks are payload fields with an integer index."""

    name, index = "qdrant-edge", "hnsw"
    sweep = tuple({"efSearch": ef} for ef in EF)

    def build(self, base, ranks, folder):
        import qdrant_edge as edge
        self.edge = edge
        path = folder / "qdrant"
        path.mkdir()
        self.made = edge.EdgeShard.create(str(path), edge.EdgeConfig(vectors=edge.EdgeVectorParams(
            size=base.shape[1], distance=edge.Distance.Dot, hnsw_config=edge.HnswIndexConfig(
                m=16, ef_construct=100, full_scan_threshold=10_000, max_indexing_threads=1))))
        for kind in ranks:
            self.made.update(edge.UpdateOperation.create_field_index(kind, edge.PayloadSchemaType.Integer))
        for start in range(0, len(base), BATCH):
            self.made.update(edge.UpdateOperation.upsert_points([
                edge.Point(row, base[row].tolist(), {kind: int(rank[row]) for kind, rank in ranks.items()})
                for row in range(start, min(start + BATCH, len(base)))]))
        self.made.optimize()

    def restrict(self, kind, count):
        edge = self.edge
        self.filter = edge.Filter(must=[edge.FieldCondition(key=kind, range=edge.RangeFloat(lt=float(count)))])

    def prepare(self, efSearch):
        self.parameters = self.edge.SearchParams(hnsw_ef=efSearch)

    def search(self, query, k):
        edge = self.edge
        return [point.id for point in self.made.query(edge.QueryRequest(
            query=edge.Query.Nearest(query.tolist()), filter=self.filter, params=self.parameters, limit=k, with_payload=False, with_vector=False))]


class LanceDB:
    """Ranks are columns with B-tree indexes; filtered before the search."""

    name, index = "lancedb", "ivf-pq"
    # With a factor of 5 the recall is seldom reached, and all other settings are tried in vain.
    sweep = tuple({"nprobe": nprobe, "refine": refine} for refine in (20, 5) for nprobe in NPROBE)

    def build(self, base, ranks, folder):
        import lancedb
        import pyarrow as pa
        rows = pa.FixedSizeListArray.from_arrays(pa.array(base.ravel()), base.shape[1])
        columns = {"number": pa.array(np.arange(len(base))), "row": rows, **{kind: pa.array(rank) for kind, rank in ranks.items()}}
        self.made = lancedb.connect(str(folder / "lance")).create_table("bench", pa.table(columns))
        self.made.create_index(metric="dot", vector_column_name="row", index_type="IVF_PQ")
        for kind in ranks:
            self.made.create_scalar_index(kind)

    def restrict(self, kind, count):
        self.filter = f"{kind} < {count}"

    def prepare(self, nprobe, refine):
        self.nprobe, self.refine = nprobe, refine

    def search(self, query, k):
        found = (self.made.search(query, vector_column_name="row").distance_type("dot").where(self.filter, prefilter=True)
                 .nprobes(self.nprobe).refine_factor(self.refine).limit(k).select(["number", "_distance"]).to_arrow())
        return found["number"].to_pylist()


class MilvusLite:
    """Ranks are scalar fields."""

    name, index = "milvus-lite", "ivf-flat"
    sweep = tuple({"nprobe": nprobe} for nprobe in NPROBE)

    def build(self, base, ranks, folder):
        from pymilvus import DataType, MilvusClient
        self.made = MilvusClient(str(folder / "milvus.db"))
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("number", DataType.INT64, is_primary=True)
        schema.add_field("row", DataType.FLOAT_VECTOR, dim=base.shape[1])
        for kind in ranks:
            schema.add_field(kind, DataType.INT64)
        parameters = self.made.prepare_index_params()
        parameters.add_index("row", index_type="IVF_FLAT", metric_type="IP", params={"nlist": 1024})
        self.made.create_collection("bench", schema=schema, index_params=parameters)
        for start in range(0, len(base), BATCH):
            self.made.insert("bench", [{"number": row, "row": base[row], **{kind: int(rank[row]) for kind, rank in ranks.items()}}
                                       for row in range(start, min(start + BATCH, len(base)))])
        self.made.flush("bench")
        self.made.load_collection("bench")

    def restrict(self, kind, count):
        self.filter = f"{kind} < {count}"

    def prepare(self, nprobe):
        self.nprobe = nprobe

    def search(self, query, k):
        found = self.made.search("bench", [query], anns_field="row", filter=self.filter, limit=k,
                                 search_params={"metric_type": "IP", "params": {"nprobe": self.nprobe}})
        return [hit["number"] for hit in found[0]]


ENGINES = {
    "faiss-flat": FaissFlat, "faiss-hnsw": FaissHNSW, "faiss-ivf": FaissIVF, "zvec": ZVec, "qdrant-edge": QdrantEdge, "lancedb": LanceDB,
    "milvus-lite": MilvusLite,
}


class Workplace:
    """A folder for what engines write, which goes when they are done."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="filters-"))
        return self.folder

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
