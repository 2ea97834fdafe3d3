"""Seconds an iteration (users and items) of the peers' alternating least squares with an exact
Cholesky solver.

Usage: als.py RATINGS.csv irspack|implicit FACTORS THREADS ITERATIONS      prints one JSON line

Both factorize implicit feedback, which adds a Gram matrix of all rows, once a half-step, to the
work of an explicit one; neither has biases.
"""

import json
import os
import sys
import time

path, peer, factors, threads, iterations = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # implicit wants it so: the BLAS must not start threads of its own

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import scipy.sparse as sp  # noqa: E402

table = pd.read_csv(path)
users, items = table.iloc[:, 0].factorize()[0], table.iloc[:, 1].factorize()[0]
ratings = sp.csr_matrix((table.iloc[:, 2].to_numpy(np.float32), (users, items)))

if peer == "irspack":
    import irspack
    from irspack.recommenders._ials_core import (
        IALSModelConfigBuilder,
        IALSSolverConfigBuilder,
        IALSTrainer,
        SolverType,
    )

    model = IALSModelConfigBuilder().set_K(factors).set_alpha0(0.1).set_reg(0.01).build()
    solver = (
        IALSSolverConfigBuilder()
        .set_n_threads(threads)
        .set_solver_type(SolverType.CHOLESKY)
        .build()
    )
    trainer = IALSTrainer(model, ratings)
    version, step = irspack.__version__, lambda: trainer.step(solver)
else:
    import implicit
    from implicit.cpu.als import AlternatingLeastSquares

    als = AlternatingLeastSquares(factors, use_cg=False, num_threads=threads, iterations=1)
    als.fit(ratings, show_progress=False)
    by_item = ratings.T.tocsr()

    def step():
        als.solver(ratings, als.user_factors, als.item_factors, 0.1, num_threads=threads)
        als.solver(by_item, als.item_factors, als.user_factors, 0.1, num_threads=threads)

    version = implicit.__version__

seconds = []
for _ in range(iterations + 1):
    began = time.perf_counter()
    step()
    seconds.append(time.perf_counter() - began)
seconds = sorted(seconds[1:])
print(
    json.dumps(
        {
            "peer": f"{peer} {version}",
            "factors": factors,
            "threads": threads,
            "ratings": ratings.nnz,
            "least_seconds": seconds[0],
            "median_seconds": seconds[len(seconds) // 2],
        }
    )
)
