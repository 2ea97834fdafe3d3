#!/usr/bin/env python3
"""Prints recorded_splits.h: what the programs that Palate follows bit for bit give.

To record anew:

    pip install numpy scikit-learn scikit-surprise torch
    python tests/data/record_splits.py > tests/data/recorded_splits.h
"""

import hashlib
from types import SimpleNamespace

import numpy as np
import sklearn
import surprise
import torch
from sklearn.model_selection import train_test_split
from surprise.model_selection import KFold

HEAD = 6  # numbers of a list that are written out, as in struct List below


def recorded(rows):
    """A list of row numbers in C++: its length, its first numbers, and the SHA-256 of all as 32-bit
    little-endian words.
    """
    rows = np.asarray(rows, dtype="<u4")
    head = ", ".join(str(row) for row in rows[:HEAD])
    return f'{{{len(rows)}, {{{head}}}, "{hashlib.sha256(rows.tobytes()).hexdigest()}"}}'


def shuffles():
    for n in (0, 1, 2, 3, 17, 256, 257, 100_836):
        for seed in (0, 1, 2**32 - 1):
            rows = np.arange(n)
            np.random.RandomState(seed).shuffle(rows)
            yield f"{{{seed}U, {recorded(rows)}}}"


def random_splits():
    for n in (2, 5, 17, 100, 1003, 100_836):
        for share in (0.2, 0.5, 0.07):
            for seed in (0, 1, 2**32 - 1):
                train, test = train_test_split(range(n), test_size=share, random_state=seed)
                yield f"{{{n}, {share!r}, {seed}U, {recorded(train)}, {recorded(test)}}}"


def kfolds():
    for n in (2, 5, 17, 1003, 100_836):
        for folds in (2, 5, 10):
            if folds > n:
                continue
            for seed in (0, 1):
                ratings = [(row, row, 0.0, None) for row in range(n)]
                data = SimpleNamespace(
                    raw_ratings=ratings,
                    construct_trainset=lambda rows: [row for row, *_ in rows],
                    construct_testset=lambda rows: [row for row, *_ in rows],
                )
                for fold, (train, test) in enumerate(KFold(folds, random_state=seed).split(data)):
                    yield f"{{{n}, {folds}, {seed}U, {fold}, {recorded(train)}, {recorded(test)}}}"


def torch_uniforms():
    """24-bit words w: torch's values are w 2^-24. 700 of them reach past the generator's 624 words
    of state.
    """
    for seed in (0, 1, 42, 2**32 - 1):
        torch.manual_seed(seed)
        words = (torch.rand(700).double() * 2**24).numpy()
        assert (words == np.floor(words)).all()
        yield f"{{{seed}U, {recorded(words)}}}"


def print_table(name, struct, rows):
    print(f"\ninline constexpr {struct} {name}[] = {{")
    for row in rows:
        print(f"    {row},")
    print("};")


print("// What the programs that Palate follows bit for bit give. Written by record_splits.py with")
print(
    f"// NumPy {np.__version__}, scikit-learn {sklearn.__version__}, "
    f"Surprise {surprise.__version__}, torch {torch.__version__.split('+')[0]}."
)
print("// clang-format off")
print("""#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "palate/base/index.h"

namespace palate::recorded {

// A list of numbers: how many, the first six (or all and zeros), \
and the SHA-256 of all as 32-bit little-endian words.
struct List {
  std::size_t size;
  std::array<Index, 6> head;
  std::string_view sha256;
};

struct Seeded {
  std::uint32_t seed;
  List list;
};

struct RandomSplit {
  Index n;
  double test_share;
  std::uint32_t seed;
  List train;
  List test;
};

struct Fold {
  Index n;
  Index folds;
  std::uint32_t seed;
  Index fold;
  List train;
  List test;
};""")
print("\n// numpy.random.RandomState(seed).shuffle(numpy.arange(n))", end="")
print_table("kShuffles", "Seeded", shuffles())
print("\n// torch.manual_seed(seed), then torch.rand(700) x 2^24", end="")
print_table("kTorchUniforms", "Seeded", torch_uniforms())
print("\n// train_test_split(range(n), test_size=test_share, random_state=seed)", end="")
print_table("kRandomSplits", "RandomSplit", random_splits())
print("\n// KFold(folds, random_state=seed)", end="")
print_table("kFolds", "Fold", kfolds())
print("\n}  // namespace palate::recorded")
