#!/usr/bin/env python3
"""Reading a plain ratings.csv, next to pandas.

Usage: scripts/bench reading [--rows 1000000 20000000] [--threads 2] [--repeats 5] [--folder DIR]
                             [--reader build/release/bench/reading/bench_reading]
                             [--peers build/peers]

Whole processes alternate. The files have MovieLens' columns, shape and skew: `sorted` by user, as
MovieLens' own are, and `shuffled`; they are kept in DIR. Palate reads, maps the ids and builds CSR
and CSC; pandas reads and factorizes. Best of the repeats; peak memory is the process's, against
interactions + CSR + CSC.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

GENERATE = """
import sys, numpy as np, pandas as pd
rows, users, items = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
order, out = sys.argv[4], sys.argv[5]
rng = np.random.default_rng(7)
user_weight = (np.arange(1, users + 1) + 30.0) ** -0.65
item_weight = (np.arange(1, items + 1) + 20.0) ** -0.95
def draw(weight, n):
    drawn = np.searchsorted(np.cumsum(weight / weight.sum()), rng.random(n))
    return np.minimum(drawn, len(weight) - 1)
pairs = np.empty(0, np.int64)
while len(pairs) < rows:
    n = int((rows - len(pairs)) * 1.25) + 1000
    pairs = np.unique(np.concatenate([pairs, draw(user_weight, n) * items + draw(item_weight, n)]))
pairs = rng.permutation(pairs)[:rows]
user = rng.permutation(users)[pairs // items] + 1
ids = np.sort(rng.choice(10 * items, items, replace=False))[rng.permutation(items)]
movie = ids[pairs % items] + 1
if order == 'sorted':
    by_user = np.lexsort((movie, user))
    user, movie = user[by_user], movie[by_user]
table = pd.DataFrame({'userId': user, 'movieId': movie, 'rating': rng.integers(1, 11, rows) / 2,
                      'timestamp': rng.integers(789652009, 1537799250, rows)})
table.to_csv(out, index=False)
"""

PANDAS = """
import sys, pandas
table = pandas.read_csv(sys.argv[1])
users, user_ids = pandas.factorize(table['userId'])
items, item_ids = pandas.factorize(table['movieId'])
print(len(user_ids), len(item_ids), len(table))
"""

SHAPES = {1_000_000: (6_040, 3_706), 20_000_000: (138_493, 26_744)}


def run(command):
    """Seconds, peak bytes and output of a whole process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024, output.split()


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", default="build/peers")
    parser.add_argument("--reader", default=root / "build/release/bench/reading/bench_reading")
    parser.add_argument("--rows", type=int, nargs="+", default=sorted(SHAPES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--folder",
        type=pathlib.Path,
        default=tempfile.gettempdir(),
        help="where the files are made and kept",
    )
    options = parser.parse_args()
    python = f"{options.peers}/bin/python"
    options.folder.mkdir(parents=True, exist_ok=True)

    print(
        f"{'rows':>9} {'order':9} {'MB':>5} {'palate s':>9} {'MB/s':>6} {'pandas s':>9} "
        f"{'times faster':>12} {'peak MB':>8} {'of finished':>11}"
    )
    for rows in options.rows:
        users, items = SHAPES.get(rows, (int(6 * rows**0.5), int(3.5 * rows**0.5)))
        for order in ("sorted", "shuffled"):
            file = options.folder / f"palate_ratings_{rows}_{order}.csv"
            if not file.exists():
                part = file.with_suffix(".part")
                subprocess.run(
                    [python, "-c", GENERATE, str(rows), str(users), str(items), order, part],
                    check=True,
                )
                part.rename(file)
            ours, theirs = [], []
            for _ in range(options.repeats):
                ours.append(run([str(options.reader), str(file), str(options.threads)]))
                theirs.append(run([python, "-c", PANDAS, str(file)]))
            if ours[0][2][:3] != theirs[0][2]:
                sys.exit(
                    f"{file}: users, items and rows are {ours[0][2][:3]} here, "
                    f"{theirs[0][2]} in pandas"
                )
            seconds, peer = min(ours)[0], min(theirs)[0]
            peak, finished, megabytes = (
                min(o[1] for o in ours),
                int(ours[0][2][3]),
                file.stat().st_size / 1e6,
            )
            print(
                f"{rows:9} {order:9} {megabytes:5.0f} {seconds:9.3f} {megabytes / seconds:6.0f} "
                f"{peer:9.3f} {peer / seconds:12.1f} "
                f"{peak / 1e6:8.0f} {peak / finished:11.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
