"""Seconds an epoch of implicit's BPR.

Usage: bpr.py PAIRS.csv FACTORS THREADS EPOCHS                             prints one JSON line

implicit draws a negative by popularity, draws another one where the user has it, learns a bias for
each item, and lets its threads write without locks.
"""

import json
import os
import sys

path, factors, threads, epochs = sys.argv[1], *map(int, sys.argv[2:5])
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(threads)

import implicit  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import scipy.sparse as sp  # noqa: E402
from implicit.cpu.bpr import BayesianPersonalizedRanking  # noqa: E402

table = pd.read_csv(path)
users, items = table.iloc[:, 0].factorize()[0], table.iloc[:, 1].factorize()[0]
seen = sp.csr_matrix((np.ones(len(table), np.float32), (users, items)))
model = BayesianPersonalizedRanking(factors, iterations=epochs, num_threads=threads, random_state=1)
seconds = []
model.fit(seen, show_progress=False, callback=lambda epoch, elapsed, *_: seconds.append(elapsed))
print(
    json.dumps(
        {
            "peer": f"implicit {implicit.__version__}",
            "factors": factors,
            "threads": threads,
            "pairs": seen.nnz,
            "least_seconds": min(seconds[1:]),
        }
    )
)
