"""Makes the HDF5 files beside this script, with h5py from PyPI. They were made once; the tests say what is in them."""

from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).parent
ROWS = np.array([[i, (i * 7) % 5, -i / 4] for i in range(20)], "<f4")
QUERIES = np.array([[3.1, 1, -0.7], [15.2, 0, -3.9]], "<f4")


def opened(name):
    return h5py.File(FOLDER / name, "w", libver=("earliest", "v108"))


# As ann-benchmarks writes them: compressed in chunks, a text of variable length, 32-bit numbers.
with opened("euclidean.hdf5") as file:
    squares = ((QUERIES[:, None, :] - ROWS[None]) ** 2).sum(-1)
    nearest = np.argsort(squares, axis=1, kind="stable")[:, :5]
    file.attrs["distance"] = "euclidean"
    file.attrs["type"] = "dense"
    file.create_dataset("train", data=ROWS, compression="gzip", chunks=(8, 3))
    file.create_dataset("test", data=QUERIES)
    file.create_dataset("neighbors", data=nearest.astype("<i4"))
    file.create_dataset("distances", data=np.sqrt(np.take_along_axis(squares, nearest, 1)).astype("<f4"))

# Other widths of numbers, a text of fixed length, and no truth.
with opened("angular.hdf5") as file:
    file.attrs["distance"] = np.bytes_("angular")
    file.create_dataset("train", data=ROWS.astype("<f2"))
    file.create_dataset("test", data=QUERIES.astype("<f8"))

# Neither a distance of ours nor matrices of numbers.
with opened("refused.hdf5") as file:
    file.attrs["distance"] = "hamming"
    file.create_dataset("train", data=np.zeros((2, 3, 4), "<f4"))
    file.create_dataset("test", data=np.array(["a"], dtype="S4"))
