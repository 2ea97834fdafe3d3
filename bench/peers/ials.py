"""Seconds an iteration (users and items) of the peers' factorization of implicit feedback, and what
is left of the loss that Palate's ials minimizes.

Usage: ials.py PAIRS.csv irspack|implicit cg|subspace FACTORS ITERATIONS
               UNOBSERVED REGULARIZATION EXPONENT                             prints one JSON line

One thread. Conjugate gradient takes three steps. irspack has the same objective and is given the
same options; implicit has a plain regularization, so that its loss says nothing here.
"""

import json
import os
import sys
import time

path, peer, solver, factors, iterations = *sys.argv[1:4], *map(int, sys.argv[4:6])
unobserved, regularization, exponent = map(float, sys.argv[6:9])
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import scipy.sparse as sp  # noqa: E402

table = pd.read_csv(path)
users, items = table.iloc[:, 0].factorize()[0], table.iloc[:, 1].factorize()[0]
seen = sp.csr_matrix((np.ones(len(table), np.float32), (users, items)))
c = unobserved * seen.nnz / (seen.shape[0] * seen.shape[1])


def loss(x, y):
    """Palate's, for each of what was seen."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    observed = ((1 - np.einsum("tf,tf->t", x[users], y[items])) ** 2).sum()
    unobserved_part = c * ((x.T @ x) * (y.T @ y)).sum()
    weights = [
        (np.bincount(rows) + c * others) ** exponent
        for rows, others in ((users, len(y)), (items, len(x)))
    ]
    pulls = weights[0] @ (x * x).sum(1) + weights[1] @ (y * y).sum(1)
    return (observed + unobserved_part + regularization * pulls) / seen.nnz


if peer == "irspack":
    import irspack
    from irspack.recommenders._ials_core import (
        IALSModelConfigBuilder,
        IALSSolverConfigBuilder,
        IALSTrainer,
        SolverType,
    )

    kind = {"cg": SolverType.CG, "subspace": SolverType.IALSPP}[solver]
    builder = IALSModelConfigBuilder().set_K(factors).set_alpha0(c)
    model = builder.set_reg(regularization).set_nu(exponent).build()
    config = IALSSolverConfigBuilder().set_n_threads(1).set_solver_type(kind).set_max_cg_steps(3)
    config = config.build()
    trainer = IALSTrainer(model, seen)
    version, step = irspack.__version__, lambda: trainer.step(config)

    def loss_left():
        return loss(trainer.user, trainer.item)

else:
    import implicit
    from implicit.cpu.als import AlternatingLeastSquares

    als = AlternatingLeastSquares(factors, use_cg=True, num_threads=1, iterations=1)
    als.fit(seen, show_progress=False)
    by_item = seen.T.tocsr()

    def step():
        als.solver(seen, als.user_factors, als.item_factors, 0.1, num_threads=1, cg_steps=3)
        als.solver(by_item, als.item_factors, als.user_factors, 0.1, num_threads=1, cg_steps=3)

    def loss_left():
        return None

    version = implicit.__version__

seconds = []
for _ in range(iterations):
    began = time.perf_counter()
    step()
    seconds.append(time.perf_counter() - began)
print(
    json.dumps(
        {
            "peer": f"{peer} {version}",
            "solver": solver,
            "factors": factors,
            "pairs": seen.nnz,
            "least_seconds": min(seconds[1:]),
            "train_loss": loss_left(),
        }
    )
)
