"""Records to write over HTTP at a rate that the server, not Python, limits: vectors come ready from a pool."""

import base64
import random
import struct

POOL = 2_048
WORDS = ("alignment archive beacon canyon compass crystal delta ember engine falcon garden glacier harbor horizon island "
         "journey kernel lantern ledger meadow mirror needle ocean orchard pattern quarry river saddle signal timber").split()


class Dataset:
    """The content of a record follows from its id, its version and the seed."""

    def __init__(self, dimension, seed):
        chance = random.Random(seed)
        self.vectors = [[struct.unpack("<f", struct.pack("<f", chance.uniform(-1, 1)))[0] for _ in range(dimension)]
                        for _ in range(POOL)]
        self.encoded = [base64.b64encode(struct.pack(f"<{dimension}f", *vector)).decode() for vector in self.vectors]
        self.texts = [" ".join(chance.choice(WORDS) for _ in range(28)) for _ in range(POOL)]

    def place(self, number, version):
        return (number * 31 + version * 977) % POOL

    def vector(self, number, version):
        return self.vectors[self.place(number, version)]

    def document(self, number, version):
        return f"{number} {version} {self.texts[self.place(number, version)]}"

    def metadata(self, number, version):
        return {"version": version, "page": number % 300, "source": f"file-{number % 100}"}

    def body(self, numbers, version):
        """A request that writes these records in this version."""
        return {
            "ids": [f"row-{number}" for number in numbers],
            "embeddings": [self.encoded[self.place(number, version)] for number in numbers],
            "documents": [self.document(number, version) for number in numbers],
            "metadatas": [self.metadata(number, version) for number in numbers]}
