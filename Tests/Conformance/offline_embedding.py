"""pytest plugin: gives Chroma's default embedding function without its 80 MB download.

Texts become hashed bags of words: 384 dimensions, unit length, equal texts equal vectors, shared words a smaller
distance. What the tests check of the server does not depend on the model; with the download they would need a network.
"""

import re
import zlib

import numpy
import pytest
from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

DIMENSION = 384


def embed(texts):
    vectors = []
    for text in texts:
        vector = numpy.zeros(DIMENSION, dtype=numpy.float32)
        for word in re.findall(r"\w+", text.lower()) or [text]:
            code = zlib.crc32(word.encode("utf-8", "surrogatepass"))
            vector[code % DIMENSION] += 1.0
            vector[(code >> 16) % DIMENSION] += 0.5
        vectors.append(vector / numpy.linalg.norm(vector))
    return vectors


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    ONNXMiniLM_L6_V2.__call__ = lambda self, input: embed(input)
