"""The notebook's first method as it stands there, in torch: full-batch Adam on the dense product
W H.

Usage: notebook_adam.py RATINGS.csv

Prints one JSON line: losses of the last epoch, seconds of training.
"""

import json
import sys
import time

import pandas as pd
import torch
from sklearn.model_selection import train_test_split

EPOCHS = 250
FACTORS = 2
REGULARIZATION = 1e-5

torch.manual_seed(1)
ratings = pd.read_csv(sys.argv[1])
users = ratings.userId.factorize()[0]
movies = ratings.movieId.factorize()[0]
table = torch.full((users.max() + 1, movies.max() + 1), float("nan"))
for user, movie, rating in zip(users, movies, ratings.rating):
    table[user, movie] = rating

rows, columns = table.nan_to_num(0.0).to_sparse().indices()
train, test = train_test_split(range(len(rows)), test_size=0.2, random_state=1)

W = torch.nn.Parameter(torch.rand(table.shape[0], FACTORS) / FACTORS)
H = torch.nn.Parameter(torch.rand(FACTORS, table.shape[1]) / FACTORS)
mean_squared_error = torch.nn.MSELoss()
optimizer = torch.optim.Adam([W, H], lr=1e-2)

started = time.perf_counter()
curve = []
for _ in range(EPOCHS):
    product = W @ H
    u, i = rows[train], columns[train]
    loss = mean_squared_error(product[u, i], table[u, i])
    penalized = loss + REGULARIZATION * W.norm(p=2) + REGULARIZATION * H.norm(p=2)
    optimizer.zero_grad()
    penalized.backward()
    optimizer.step()
    with torch.no_grad():
        product = W @ H
        u, i = rows[test], columns[test]
        test_loss = mean_squared_error(product[u, i], table[u, i])
    curve.append((loss.item(), test_loss.item()))
print(
    json.dumps(
        {
            "peer": "notebook-adam, torch",
            "torch": torch.__version__,
            "train_loss": curve[-1][0],
            "test_loss": curve[-1][1],
            "training_seconds": time.perf_counter() - started,
        }
    )
)
