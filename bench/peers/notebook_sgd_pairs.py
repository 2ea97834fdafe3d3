"""The notebook's second method as it is meant (docs/architecture.md), in torch: each batch's own
pairs.

Usage: notebook_sgd_pairs.py RATINGS.csv

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
ratings["user"] = ratings.userId.factorize()[0]
ratings["movie"] = ratings.movieId.factorize()[0]
num_users, num_movies = ratings.user.max() + 1, ratings.movie.max() + 1
ratings = ratings.sort_values(["user", "movie"])
train, test = train_test_split(range(len(ratings)), test_size=0.2, random_state=1)
users = torch.from_numpy(ratings.user.values.copy())
movies = torch.from_numpy(ratings.movie.values.copy())
values = torch.from_numpy(ratings.rating.values.astype("float32"))

x = (torch.rand(FACTORS, num_users) / FACTORS).T.contiguous()
y = (torch.rand(FACTORS, num_movies) / FACTORS).T.contiguous()
mean = values[train].mean()
user_bias = torch.zeros(num_users)
item_bias = torch.zeros(num_movies)


def errors(u, i, r):
    return r - (mean + user_bias[u] + item_bias[i] + (x[u] * y[i]).sum(1))


started = time.perf_counter()
train_ratings = users[train], movies[train], values[train]
test_ratings = users[test], movies[test], values[test]
for _ in range(EPOCHS):
    squares = 0.0
    for u, i, r in zip(*(column.split(BATCH) for column in train_ratings)):
        e = errors(u, i, r)
        squares += e.square().sum().item()
        x_u, y_i = x[u], y[i]
        step_x = LEARNING_RATE * (e[:, None] * y_i - REGULARIZATION * x_u)
        step_y = LEARNING_RATE * (e[:, None] * x_u - REGULARIZATION * y_i)
        step_user = LEARNING_RATE * (e - REGULARIZATION * user_bias[u])
        step_item = LEARNING_RATE * (e - REGULARIZATION * item_bias[i])
        x.index_add_(0, u, step_x)
        y.index_add_(0, i, step_y)
        user_bias.index_add_(0, u, step_user)
        item_bias.index_add_(0, i, step_item)
    test_loss = errors(*test_ratings).square().mean().item()
print(
    json.dumps(
        {
            "peer": "notebook-sgd pair by pair, torch",
            "torch": torch.__version__,
            "train_loss": squares / len(train),
            "test_loss": test_loss,
            "training_seconds": time.perf_counter() - started,
        }
    )
)
