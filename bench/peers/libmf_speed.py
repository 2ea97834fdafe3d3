"""Seconds an epoch of LIBMF's SGD: PyPI's wheel `libmf`, or a library built from its source for
this machine's vectors.

Usage: libmf_speed.py RATINGS.csv FACTORS THREADS [LIBRARY.so]      prints one JSON line

An epoch's time is the difference between runs of 3 and of 13 epochs, the least of three each, so
that LIBMF's preparation of the data does not count.
"""

import ctypes
import json
import sys
import time

import numpy as np
import pandas as pd
from libmf import mf

path, factors, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
library = sys.argv[4] if len(sys.argv) > 4 else None
if library:
    mf.mf = ctypes.CDLL(library)
table = pd.read_csv(path)
ratings = np.column_stack(
    [table.iloc[:, 0].factorize()[0], table.iloc[:, 1].factorize()[0], table.iloc[:, 2]]
).astype(np.float32)


def least_seconds(epochs):
    times = []
    for _ in range(3):
        engine = mf.MF(
            k=factors,
            nr_threads=threads,
            nr_iters=epochs,
            nr_bins=20,
            lambda_p2=0.05,
            lambda_q2=0.05,
            eta=0.1,
            quiet=True,
        )
        began = time.perf_counter()
        engine.fit(ratings)
        times.append(time.perf_counter() - began)
    return min(times)


epoch = (least_seconds(13) - least_seconds(3)) / 10
print(
    json.dumps(
        {
            "peer": "LIBMF",
            "library": library or "PyPI",
            "factors": factors,
            "threads": threads,
            "ratings": len(ratings),
            "least_seconds": epoch,
        }
    )
)
