"""Seconds for the lists of all users of a Palate model by implicit.

Usage: lists.py MODEL THREADS COUNT      prints one JSON line

Its recommend() is given the model's factors, with the items' biases as one factor more where there
are any, and the history to leave out. Mean and users' biases, which do not change a list, are added
to the scores.
"""

import json
import os
import sys
import time

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # implicit wants it so: the BLAS must not start threads of its own

import implicit  # noqa: E402
import numpy as np  # noqa: E402
import scipy.sparse as sp  # noqa: E402
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402

path, threads, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def read_tensors(path):
    """The arrays of a model file: docs/model_format.md."""
    file = open(path, "rb").read()
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    header.pop("__metadata__")
    dtypes = {"U8": "u1", "U32": "<u4", "I64": "<i8", "F32": "<f4"}
    return {
        name: np.frombuffer(
            file[start:][slice(*entry["data_offsets"])], dtypes[entry["dtype"]]
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if not name.startswith("palate.")
    }


tensors = read_tensors(path)
users, items = tensors["ratings.user_factors"], tensors["ratings.item_factors"]
if tensors["ratings.item_bias"].any():
    users = np.column_stack([users, np.ones(len(users), np.float32)])
    items = np.column_stack([items, tensors["ratings.item_bias"]])
history = sp.csr_matrix(
    (
        tensors["seen.values"],
        tensors["seen.indices"].astype(np.int32),
        tensors["seen.indptr"],
    ),
    shape=(len(users), len(items)),
)
model = AlternatingLeastSquares(users.shape[1], num_threads=threads)
model.user_factors, model.item_factors = np.ascontiguousarray(users), np.ascontiguousarray(items)
model.recommend(np.arange(64), history[:64], N=count)  # warm
began = time.perf_counter()
_, scores = model.recommend(
    np.arange(len(users)), history, N=count, filter_already_liked_items=True
)
seconds = time.perf_counter() - began
mean = float(
    scores.mean(dtype=np.float64)
    + tensors["ratings.global_mean"][0]
    + tensors["ratings.user_bias"].mean(dtype=np.float64)
)
print(
    json.dumps(
        {
            "peer": f"implicit {implicit.__version__}",
            "users": len(users),
            "seconds": round(seconds, 4),
            "mean_score": round(mean, 6),
        }
    )
)
