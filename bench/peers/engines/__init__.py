"""The peers by name. Each is built and searched through the same few methods; see `base.Engine`.

A library is imported only when one of its engines is asked for, so that a process holds one library's threads and
memory, and a library that fails to load fails alone.
"""

import importlib

MODULES = {
    "faiss_engines": ("faiss-flat", "faiss-hnsw32-sq8", "faiss-hnsw16", "faiss-ivf-flat", "faiss-ivf-fastscan"),
    "hnswlib_engine": ("hnswlib-16", "hnswlib-32"),
    "rabitq_engines": ("rabitqlib-symphonyqg32-8bit", "rabitqlib-symphonyqg32-float", "rabitqlib-symphonyqg64-8bit",
                       "rabitqlib-symphonyqg64-float", "rabitqlib-hnsw16-8bit", "rabitqlib-ivf-7bit"),
    "scann_engine": ("scann-core",),
    "svs_engine": ("svs-vamana64",),
    "usearch_engine": ("usearch-bf16", "usearch-f32"),
    "zvec_engine": ("zvec-hnsw16",),
}
NAMES = tuple(name for names in MODULES.values() for name in names)


def load(name):
    """The engine's class."""
    for module, names in MODULES.items():
        if name in names:
            engines = importlib.import_module(f"{__name__}.{module}").ENGINES
            return next(engine for engine in engines if engine.name == name)
    raise ValueError(f"unknown engine: {name}")
