"""The notebook's second method as it stands there, in torch: every user of a batch against every
item of it.

Usage: notebook_sgd.py RATINGS.csv

Prints one JSON line: losses of the last epoch, seconds of training.
"""

import json
import sys
import time

import pandas as pd
import torch
from sklearn.model_selection import train_test_split

EPOCHS = 50
BATCH = 1000
FACTORS = 2
LEARNING_RATE = 0.01
REGULARIZATION = 0.2

torch.manual_seed(1)
ratings = pd.read_csv(sys.argv[1])
rows = ratings.userId.factorize()[0]
columns = ratings.movieId.factorize()[0]
table = torch.zeros(rows.max() + 1, columns.max() + 1)
for user, movie, rating in zip(rows, columns, ratings.rating):
    table[user, movie] = rating
train, test = train_test_split(range(len(rows)), test_size=0.2, random_state=1)

x = torch.rand(FACTORS, table.shape[0]) / FACTORS
y = torch.rand(FACTORS, table.shape[1]) / FACTORS
mean = ratings.rating.mean()
user_bias = torch.from_numpy(ratings.groupby("userId").rating.mean().values)
item_bias = torch.from_numpy(ratings.groupby("movieId").rating.mean().values)


def batch(part, first):
    chosen = part[first : first + BATCH]
    return torch.from_numpy(rows[chosen]), torch.from_numpy(columns[chosen])


def errors(u, i):  # users x items of the batch
    return table[u, i] - (mean + user_bias[u] + item_bias[i] + (x[:, u].T @ y[:, i])).float()


started = time.perf_counter()
for _ in range(EPOCHS):
    losses = []
    for first in range(0, len(train), BATCH):
        u, i = batch(train, first)
        e = errors(u, i)
        user_bias[u] = user_bias[u] + LEARNING_RATE * (
            e - REGULARIZATION * user_bias[u, None]
        ).mean(1)
        item_bias[i] = item_bias[i] + LEARNING_RATE * (
            e - REGULARIZATION * item_bias[None, i]
        ).mean(0)
        x[:, u] = x[:, u] + LEARNING_RATE * (
            e[None] * y[:, None, i] - REGULARIZATION * x[:, u, None]
        ).mean(2)
        y[:, i] = y[:, i] + LEARNING_RATE * (
            e[None] * x[:, u, None] - REGULARIZATION * y[:, None, i]
        ).mean(1)
        losses.append(e.square().mean())
    train_loss = sum(losses).item() / len(losses)
    losses = [errors(*batch(test, first)).square().mean() for first in range(0, len(test), BATCH)]
    test_loss = sum(losses).item() / len(losses)
print(
    json.dumps(
        {
            "peer": "notebook-sgd, torch",
            "torch": torch.__version__,
            "train_loss": train_loss,
            "test_loss": test_loss,
            "training_seconds": time.perf_counter() - started,
        }
    )
)
