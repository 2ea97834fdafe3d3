"""How well algorithms of lists rank, on two files of pairs.

Usage: scripts/bench ranking [--train A --test B] [--factors 64] [--json]
                             [--algorithms ials,sampled,popular] [--trials 12] [--threads 2]
                             [--palate build/release/palate]

Without files, on 1.03 million check-ins in 41,000 places, which bench/checkins.py plants. The files
may have a header or none, and spaces, tabs, commas or semicolons between the columns; the first two
columns are user and item, others are passed over.

All items are ranked, a user's train items are left out, and users without a test pair are not
measured. Options are searched on a tenth of the train pairs, which the trials do not see: the test
file is read once for each algorithm, at the end. `seconds` and `peak_mb` are those of the process
that trains with the options found, makes the lists of all users and measures them;
`search_seconds` are those of the trials before it. Where an algorithm refuses the table, as `ease`
does one of more than 10,000 items, its line says so.
"""

import argparse
import csv
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# Users, places and visits of what is planted where no files are given.
CHECKINS = ("30000", "41000", "1030000")
# What a trial draws from, by algorithm: a list of choices, or (low, high) on a logarithmic scale.
SPACES = {
    "ials": {
        "unobserved": (2.0, 60.0),
        "regularization": (0.1, 1.0),
    },
    "item-knn": {
        "neighbours": [50, 100, 200, 400],
        "shrinkage": (1.0, 100.0),
        "asymmetry": [0.4, 0.5, 0.6, 0.7],
    },
    "ease": {
        "regularization": (40.0, 600.0),
    },
    "popular": {},
    "sampled": {
        "temperature": (0.08, 0.25),
        "negative_exponent": (1.0, 1.4),
        "learning_rate": (0.3, 1.0),
    },
    "bpr": {
        "learning_rate": (0.1, 0.6),
        "user_regularization": (0.003, 0.1),
        "item_regularization": (0.001, 0.03),
    },
}
HAVE_FACTORS = {"ials", "sampled", "bpr"}
FIXED = {"sampled": {"negatives": 1024}}
# A million pairs are to be ranked in 20 minutes on two cores, so that the search of an algorithm
# that takes long has fewer trials, and fewer epochs in each of them than training then has.
MOST_TRIALS = {"sampled": 5, "bpr": 6, "ease": 6}
EPOCHS_OF_A_TRIAL = {"sampled": 8}
INVALID_ARGUMENT = 2
METRICS = ("recall@20", "ndcg@20")
NAMES_OF_USERS = re.compile(r"(user|u|uid|src|source|from|customer|visitor)([_ -]?id)?(:\w+)?")


def pairs_of(path):
    """(user, item) of each row of the file, as text."""
    with open(path, encoding="utf-8-sig") as file:
        rows = [re.split(r"[\s,;]+", line.strip(), maxsplit=2)[:2] for line in file if line.strip()]
    for number, row in enumerate(rows):
        if len(row) < 2:
            raise SystemExit(f"{path}: row {number + 1} has one column; user and item are two")
    if rows and NAMES_OF_USERS.fullmatch(rows[0][0].strip('"').lower()):
        del rows[0]
    if not rows:
        raise SystemExit(f"{path}: no pairs")
    return rows


def write_pairs(path, pairs):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["user", "item"])
        out.writerows(pairs)


def draws(space, count, seed):
    """`count` times values for the options of the space; the first time none, for the defaults."""
    rng = random.Random(seed)
    trials = [{}]
    while space and len(trials) < count:
        trials.append(
            {
                name: rng.choice(choices)
                if isinstance(choices, list)
                else float(f"{choices[0] * (choices[1] / choices[0]) ** rng.random():.3g}")
                for name, choices in space.items()
            }
        )
    return trials


def in_words(algorithm, options):
    return ":".join([algorithm, *(f"{name}={value}" for name, value in options.items())])


class Refused(Exception):
    """What the program says of options and tables that it does not take."""


def measured(command):
    """What the process printed as JSON, its seconds and its peak memory in megabytes."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=printed, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode != 0:
            said.seek(0)
            message = said.read().strip()
            if process.returncode == INVALID_ARGUMENT:
                raise Refused(message)
            raise SystemExit(f"{message}\nstatus {process.returncode} of: {' '.join(command)}")
        printed.seek(0)
        return json.load(printed), seconds, usage.ru_maxrss / 1024


def best_options(palate, train, algorithm, trials, flags):
    """The options of the best trial on a tenth of the train pairs. The defaults are a trial."""
    if len(trials) == 1:
        return trials[0]
    hasty = EPOCHS_OF_A_TRIAL.get(algorithm)
    haste = {"epochs": hasty} if hasty else {}
    names = [in_words(algorithm, options | haste) for options in trials]
    command = [palate, "compare", train, "--algorithms", ",".join(names), "--test-share", "0.1"]
    models = measured([*command, *flags])[0]["lists"]["models"]
    by_name = {model["name"]: model["metrics"]["ndcg@20"]["value"] for model in models}
    return max(zip(trials, names), key=lambda trial: by_name[trial[1]])[0]


def ranked(arguments, train, test, algorithm):
    """The figures of the algorithm and the options that the search has found for it."""
    flags = ["--task", "lists", "--seed", str(arguments.seed), "--threads", str(arguments.threads)]
    flags += ["--json", "--quiet"]
    fixed = {"factors": arguments.factors} if algorithm in HAVE_FACTORS else {}
    fixed |= FIXED.get(algorithm, {})
    count = min(arguments.trials, MOST_TRIALS.get(algorithm, arguments.trials))
    trials = [{**fixed, **options} for options in draws(SPACES[algorithm], count, arguments.seed)]
    began = time.perf_counter()
    options = best_options(arguments.palate, train, algorithm, trials, flags)
    search_seconds = time.perf_counter() - began
    command = [arguments.palate, "compare", train, "--test", test]
    command += ["--algorithms", in_words(algorithm, options)]
    result, seconds, peak = measured([*command, *flags])
    metrics = result["lists"]["models"][0]["metrics"]
    return {
        "algorithm": algorithm,
        **{name: metrics[name]["value"] for name in METRICS},
        "seconds": round(seconds, 3),
        "peak_mb": round(peak, 1),
        "search_seconds": round(search_seconds, 3),
        "options": options,
    }


def in_columns(line):
    if "refused" in line:
        return f"{line['algorithm']:10}  {line['refused']}"
    return (
        f"{line['algorithm']:10}  {line['recall@20']:9.4f}  {line['ndcg@20']:7.4f}"
        f"  {line['seconds']:7.2f}  {line['peak_mb']:7.0f}  {line['search_seconds']:8.1f}"
        f"  {in_words(line['algorithm'], line['options'])}"
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train")
    parser.add_argument("--test")
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--json", action="store_true", help="print a line for each algorithm")
    parser.add_argument("--algorithms", default=",".join(SPACES))
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--palate", default="build/release/palate")
    arguments = parser.parse_args()
    if (arguments.train is None) != (arguments.test is None):
        parser.error("--train and --test are given together, or neither of them")

    if not arguments.json:
        print(f"{'algorithm':10}  recall@20  ndcg@20  seconds  peak MB  search s  options")
    with tempfile.TemporaryDirectory() as folder:
        train, test = (os.path.join(folder, name) for name in ("train.csv", "test.csv"))
        if arguments.train is None:
            plant = [sys.executable, HERE / "checkins.py", *CHECKINS, train, test]
            subprocess.run(plant, check=True)
        else:
            write_pairs(train, pairs_of(arguments.train))
            write_pairs(test, pairs_of(arguments.test))
        for algorithm in arguments.algorithms.split(","):
            try:
                line = ranked(arguments, train, test, algorithm)
            except Refused as refused:
                line = {"algorithm": algorithm, "refused": str(refused)}
            print(json.dumps(line) if arguments.json else in_columns(line), flush=True)


if __name__ == "__main__":
    main()
