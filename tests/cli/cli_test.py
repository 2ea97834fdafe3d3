"""The command line as a person uses it: outputs, messages, exit statuses. $PALATE_BINARY is the
binary.
"""

import csv
import json
import os
import random
import re
import shlex
import signal
import subprocess
import tempfile
import time
import unittest

PALATE = os.environ.get("PALATE_BINARY", "palate")
# The binary would go on ignoring what the tests were started to ignore, in the background, say.
signal.signal(signal.SIGINT, signal.default_int_handler)
VERBS = (
    "demo fetch inspect train compare evaluate predict recommend similar explain report export"
).split()


def palate(*words, status=0, **kwargs):
    """Runs the binary; checks its exit status and that a failure is told in one line."""
    done = subprocess.run([PALATE, *words], capture_output=True, text=True, timeout=120, **kwargs)
    if done.returncode != status:
        raise AssertionError(
            f"{words}: exit status {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}"
        )
    if status not in (0, 130):
        lines = [line for line in done.stderr.splitlines() if line.startswith("palate: ")]
        if len(lines) != 1:
            raise AssertionError(f"{words}: not one line of error: {done.stderr!r}")
    return done


def algorithm_names():
    """All that the binary has, presets too."""
    (text,) = (flag["text"] for flag in flags_of("train") if "--algorithm" in flag["names"])
    return re.search(r" with a comma, of ((?:[\w-]+, )+[\w-]+)", text)[1].split(", ")


def flags_of(verb):
    """What the help says of each flag."""
    verbs = json.loads(palate("help", "--json").stdout)
    return next(told["flags"] for told in verbs if told["name"] == verb)


def write_ratings(path, users=60, items=40, seed=1):
    """Ratings with a taste: users like the items of their own parity. At least six ratings of every
    item.
    """
    rng = random.Random(seed)
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["userId", "movieId", "rating", "timestamp"])
        for user in range(1, users + 1):
            for item in range(1, items + 1):
                if rng.random() < 0.4:
                    rating = (4 if user % 2 == item % 2 else 2) + rng.choice([-0.5, 0, 0.5, 1])
                    rows.writerow([user, item, rating, 1000000000 + user * 1000 + item])


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        write_ratings(self.path("ratings.csv"))
        with open(self.path("movies.csv"), "w") as file:
            file.write("movieId,title,genres\n")
            file.writelines(f'{item},"Film, The {item}",Drama\n' for item in range(1, 41))

    def path(self, name):
        return os.path.join(self.folder, name)

    def text(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def palate(self, *words, **kwargs):
        return palate(*words, cwd=self.folder, **kwargs)

    def json(self, *words, **kwargs):
        return json.loads(self.palate(*words, "--json", "--quiet", **kwargs).stdout)


class Help(unittest.TestCase):
    def test_every_verb_has_help(self):
        overview = palate("--help").stdout
        for verb in VERBS:
            self.assertIn(verb, overview)
            self.assertIn("--quiet", palate(verb, "--help").stdout)

    def test_of_the_program_and_of_a_verb_can_be_asked_for_in_several_ways(self):
        self.assertEqual(len({palate(*words).stdout for words in ([], ["help"], ["--help"])}), 1)
        self.assertEqual(palate("help", "train").stdout, palate("train", "-h").stdout)

    def test_version(self):
        self.assertRegex(palate("--version").stdout, r"^\d+\.\d+\.\d+\n$")
        for word in ("-V", "version"):
            self.assertEqual(palate(word).stdout, palate("--version").stdout)

    def test_what_is_misspelt_names_what_was_meant(self):
        for words, meant in (
            (["trian", "ratings.csv"], 'there is no verb "trian"; did you mean "train"?'),
            (["train", "x.csv", "--factros=8"], 'no flag --factros; did you mean "--factors"?'),
            (["train", "x.csv", "--learing-rate", "1"], 'did you mean "--learning-rate"?'),
            (["help", "recomend"], 'did you mean "recommend"?'),
            (["export", "m", "n"], 'there is one word too many: "n"'),
        ):
            self.assertIn(meant, palate(*words, status=64).stderr)

    def test_what_stands_twice_is_refused_but_where_it_may(self):
        with tempfile.TemporaryDirectory() as folder:
            write_ratings(os.path.join(folder, "ratings.csv"))
            words = ["compare", "ratings.csv", "-q"]
            for more in (["--seed", "1", "--seed=2"], ["-t", "1", "--threads", "2"]):
                said = palate(*words, *more, status=64, cwd=folder).stderr
                self.assertIn(f"{more[2].split('=')[0]} is given twice", said)
            self.assertIn(
                "it has factors twice",
                palate(
                    *words, "--algorithms", "als:factors=8:factors=9", status=2, cwd=folder
                ).stderr,
            )
            with open(os.path.join(folder, "flags.json"), "w") as file:
                file.write('{"seed": 1, "algorithms": "mean"}')
            palate(*words, "--options", "flags.json", "--seed", "2", cwd=folder)
            palate(*words, "--missing", "0", "--missing", "9", "--algorithms", "mean", cwd=folder)

    def test_names_of_other_things_have_suggestions_too(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ratings.csv")
            write_ratings(path)
            for words, meant in (
                (["train", path, "--algorithm", "alz"], 'did you mean "als"?'),
                (["train", path, "--algorithm", "als:factros=8"], 'did you mean "factors"?'),
                (["train", path, "--user", "usrId"], 'did you mean "userId"?'),
                (["fetch", "ml-lattest-small"], 'did you mean "ml-latest-small"?'),
            ):
                self.assertIn(meant, palate(*words, status=2, cwd=folder).stderr)
            said = palate("train", "ml-10m", status=3, cwd=folder).stderr
            self.assertIn("ml-10m is not here yet: palate fetch ml-10m downloads it", said)
            said = palate("train", "ml10m", status=3, cwd=folder).stderr
            self.assertIn('no data set ml10m; did you mean "ml-10m"?', said)

    def test_has_lines_that_fit_and_no_scaffolding(self):
        for verb in VERBS:
            said = palate(verb, "--help").stdout
            self.assertNotIn("Option Group", said)
            self.assertNotIn("UINT", said)
            self.assertNotIn("TEXT ...", said)
            self.assertEqual([line for line in said.splitlines() if len(line) > 100], [])
            self.assertEqual(said.split("examples\n")[1].count("  palate " + verb), 3, verb)

    def test_of_an_algorithm_has_its_options_alone(self):
        said = palate("train", "--algorithm", "ials", "--help").stdout
        self.assertIn("--unobserved >0", said)
        self.assertIn("--solver automatic|exact|cg|subspace", said)
        self.assertNotIn("--neighbours", said)
        self.assertNotIn("weight_exponent", said)
        self.assertRegex(said, r"--factors 1\.\.4096\n? +length of a factor vector;")
        self.assertNotIn("--unobserved >0", palate("train", "--help").stdout)

    def test_a_command_line_that_cannot_be_parsed_is_64(self):
        for words in (
            ["trian"],
            ["help", "trian"],
            ["train"],
            ["train", "x.csv", "--no-such-flag"],
            ["compare", "x.csv", "--folds", "many"],
        ):
            palate(*words, status=64)

    def test_an_unknown_word_is_told_of_before_what_is_missing(self):
        self.assertIn(
            "train has no flag --no-such-flag", palate("train", "--no-such-flag", status=64).stderr
        )
        self.assertIn("no flag --seeed", palate("train", "--seeed", "--taks", status=64).stderr)
        self.assertIn("required", palate("train", status=64).stderr)

    def test_threads_seed_and_quiet_are_where_they_matter(self):
        for verb in ("train", "compare", "report"):
            text = palate(verb, "--help").stdout
            for flag in (
                "--threads",
                "--seed",
                "--split-seed",
                "--quiet",
                "--json",
                "--factors",
                "--learning-rate",
                "--options",
            ):
                self.assertIn(flag, text)


class OptionsAreFlags(InFolder):
    """The library names options in backquotes; what a person reads are flags."""

    def assert_advises(self, advice, *words, status=2):
        done = self.palate(*words, status=status)
        self.assertIn(advice, done.stdout + done.stderr)
        self.assertNotIn("`", done.stdout + done.stderr)

    def test_in_errors(self):
        self.write("repeated.csv", "user,item,rating\n1,1,3\n1,1,4\n")
        self.write("few.csv", "user,item,rating,time\n1,1,3,5\n2,2,4,6\n")
        self.write("days.csv", "user,item,rating,time\n1,1,3,5\n2,2,4,Monday\n")
        self.write("columns.csv", "a,b\n1,2\n")
        self.write("untimed.csv", "userId,movieId,rating\n1,2,3\n")
        os.mkdir(self.path("titles"))
        self.write("titles/ratings.csv", "userId,movieId,rating\n1,2,3\n")
        self.write("titles/movies.csv", "movieId,title\n2\n")
        os.makedirs(self.path("sets/ml-1m/not-empty"))
        self.palate("train", "ratings.csv", "--epochs", "1", "--no-history", "-o", "m.safetensors")
        self.palate(
            *("train", "ratings.csv", "--algorithm", "gradient", "--epochs", "1"),
            *("--biases", "false", "-o", "gradient.safetensors"),
        )
        for advice, *words in (
            (
                ": --duplicates last|first|mean|sum keeps one",
                *("inspect", "repeated.csv", "--duplicates", "error"),
            ),
            ("(--time none leaves times out)", "inspect", "days.csv"),
            (
                "for the item: tell it with --item\n",
                *("inspect", "columns.csv", "--user", "a", "--value", "b"),
            ),
            (
                "--time tells it, --time none leaves it out",
                *("inspect", "ratings.csv", "untimed.csv"),
            ),
            ("(found beside the ratings: --items FILE tells", "inspect", "titles/ratings.csv"),
            (", --items none does without)", "inspect", "titles/ratings.csv"),
            (
                "--split time needs a time column, and the ratings have none: name one with "
                "--time, or use --split random",
                *("compare", "ratings.csv", "--time", "none", "--split", "time"),
            ),
            ("use a larger share or --split random", "compare", "few.csv", "--split", "per-user"),
            (": use --split random", "compare", "few.csv", "--split", "leave-last-out"),
            ("choose another with --to\n", "fetch", "ml-1m", "--to", "sets"),
            (
                ": train without --no-history\n",
                *("explain", "m.safetensors", "--user", "1", "--item", "1"),
            ),
            (
                "use --biases false\n",
                *("train", "ratings.csv", "--algorithm", "gradient"),
                *("--init", "gradient.safetensors"),
            ),
        ):
            self.assert_advises(advice, *words)

    def test_in_warnings_about_the_data(self):
        header = "user,item,rating,time\n"
        sound = header + "1,1,4,5\n1,2,2,6\n2,1,5,7\n2,2,4,8\n"
        for advice, text in (
            ("(--duplicates last|first|mean|sum|error)", sound + "2,2,2,9\n"),
            ("(--regularization X, higher than the default)", sound + "3,1,2,9\n"),
            ("(--min-support N leaves them out of lists)", sound + "2,3,2,9\n"),
            (
                "(--event 3 --weights buy=1,view=1)",
                "user,item,type\n1,1,view\n1,2,buy\n2,1,view\n2,2,buy\n",
            ),
            ("(--time COLUMN, or --time none)", sound.replace(",8\n", ",99999999999\n")),
        ):
            self.assert_advises(advice, "inspect", self.write("table.csv", text), status=0)
        self.write("table.csv", sound)
        swapped = ["--user", "item", "--item", "user"]
        self.assert_advises("(--user 1 --item 2)", "inspect", "table.csv", *swapped, status=0)

    def test_in_the_reasons_of_rejected_rows(self):
        self.write("days.csv", "user,item,rating,time\n1,1,3,5\n2,2,4,Monday\n")
        self.assert_advises(
            "1 row set aside: is not a time, in seconds or as in 2026-11-24T16:30:00Z (--time none "
            "leaves times out)",
            *("inspect", "days.csv", "--rejects", "rejects.csv"),
            status=0,
        )

    def test_what_a_file_has_in_backquotes_stays(self):
        self.write("odd.csv", "user,item,rating,time\n1,1,`no_such`,5\n")
        self.assertIn('"`no_such`" is not', self.palate("inspect", "odd.csv", status=2).stderr)
        self.write("odd.csv", "user,item,rating,time\n1,1,4,`a\n")
        self.assertIn(
            '"`a" is not a time, in seconds or as in 2026-11-24T16:30:00Z (--time none leaves',
            self.palate("inspect", "odd.csv", status=2).stderr,
        )


class BadInput(InFolder):
    def assert_says(self, done, *parts):
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_a_bad_row_is_named(self):
        self.write("bad.csv", 'userId,movieId,rating\n1,2,3.5\n1,3,"4,5"\n')
        done = self.palate("train", "bad.csv", status=2)
        self.assert_says(done, "bad.csv:3:", "column 3 'rating'", '"4,5" is not a number')

    def test_files_that_are_none(self):
        self.palate("train", "missing.csv", status=3)
        self.palate("train", ".", status=3)
        self.palate("train", self.write("empty.csv", ""), status=2)
        self.palate("train", self.write("header.csv", "userId,movieId,rating\n"), status=2)

    def test_option_values_are_checked_with_their_range(self):
        done = self.palate("train", "ratings.csv", "--factors", "0", status=2)
        self.assert_says(done, "factors 0 is out of range: between 1 and 4096")
        done = self.palate("train", "ratings.csv", "--algorithm", "svd", status=2)
        self.assert_says(done, '"svd"', "als, sgd, gradient")
        done = self.palate("compare", "ratings.csv", "--split", "odd", status=2)
        self.assert_says(done, "random, kfold, time, per-user, leave-last-out, notebook")
        self.assert_says(
            self.palate(
                "compare", "ratings.csv", "--split", "leave-last-out", "--leave-last", "0", status=2
            ),
            "leave_last 0 is out of range",
        )
        done = self.palate(
            "compare", "ratings.csv", "--algorithms", "mean", "--factors", "3", status=2
        )
        self.assert_says(done, "no chosen algorithm has the option factors")
        done = self.palate("compare", "ratings.csv", "--algorithms", "als:factors", status=2)
        self.assert_says(done, "is not OPTION=VALUE")
        self.palate("compare", "ratings.csv", "--test-share", "1.5", status=2)
        self.palate("compare", "ratings.csv", "--validation", "-0.5", status=2)
        self.palate("inspect", "ratings.csv", "--duplicates", "maybe", status=2)

    def test_ratings_without_values_cannot_be_predicted(self):
        path = self.write("clicks.csv", "userId,movieId\n1,2\n1,3\n2,2\n")
        self.assert_says(self.palate("train", path, "--task", "ratings", status=2), "implicit")

    def test_a_divergence_is_named_with_what_to_try(self):
        done = self.palate(
            "train",
            "ratings.csv",
            "--algorithm",
            "gradient",
            "--optimizer",
            "sgd",
            "--learning-rate",
            "1e6",
            status=2,
        )
        self.assert_says(done, "diverged", "try")

    def test_a_file_that_is_no_model(self):
        path = self.write("no.safetensors", "not a model")
        for words in (
            ["inspect", path],
            ["predict", path, "--user", "1", "--item", "1"],
            ["recommend", path, "--user", "1"],
            ["evaluate", path, "ratings.csv"],
            ["export", path],
        ):
            self.palate(*words, status=4)
        self.palate("recommend", "missing.safetensors", "--user", "1", status=3)


class FilesOfAnotherKind(InFolder):
    def test_are_recognised_and_say_what_was_meant(self):
        self.palate("train", "ratings.csv", "-o", "model.safetensors", "-q")
        self.palate("report", "ratings.csv", "--algorithms", "mean", "-o", "page.html", "-q")
        for words, status, says in (
            ("recommend ratings.csv --user 1", 4, "palate train ratings.csv makes one of it"),
            ("evaluate ratings.csv model.safetensors", 4, "the model comes first, then the table"),
            ("predict ratings.csv model.safetensors", 4, "the model comes first, then the table"),
            ("train model.safetensors", 2, "palate inspect model.safetensors tells what it holds"),
            ("train ratings.csv --init ratings.csv", 4, "a model is expected"),
            ("compare page.html", 2, "page.html is a page, which a browser shows"),
            ("recommend page.html --user 1", 4, "page.html is a page"),
        ):
            self.assertIn(says, self.palate(*words.split(), status=status).stderr)
        self.palate("inspect", "model.safetensors")
        self.palate("inspect", "ratings.csv")


class Fetch(InFolder):
    NAMES = "ml-latest-small ml-100k ml-1m ml-10m ml-20m ml-25m ml-32m".split()

    def test_help_and_the_error_for_another_name_list_the_sets(self):
        text = " ".join(palate("fetch", "--help").stdout.split())
        self.assertIn(", ".join(self.NAMES), text)
        done = self.palate("fetch", "ml-3m", status=2)
        self.assertIn('"ml-3m": there are ' + ", ".join(self.NAMES), done.stderr)

    def test_an_address_that_is_not_https_is_bad_input(self):
        done = self.palate(
            "fetch", "ml-1m", "--to", ".", "--url", "http://127.0.0.1/ml-1m.zip", status=2
        )
        self.assertIn("https://", done.stderr)

    def test_a_network_that_is_not_there_is_a_matter_of_files_and_network(self):
        env = {**os.environ, "no_proxy": "*"}
        self.palate(
            "fetch",
            "ml-1m",
            "--to",
            ".",
            "--url",
            "https://127.0.0.1:1/ml-1m.zip",
            status=3,
            env=env,
        )
        self.assertEqual(sorted(os.listdir(self.folder)), ["movies.csv", "ratings.csv"])

    def test_a_folder_that_is_not_the_set_is_bad_input(self):
        os.mkdir(self.path("ml-1m"))
        self.write("ml-1m/ratings.dat", "1::2::3::978300760\n")
        self.assertIn(
            "movies.dat is missing", self.palate("fetch", "ml-1m", "--to", ".", status=2).stderr
        )

    def test_a_set_that_is_there_is_checked_and_not_downloaded(self):
        data = os.environ.get("PALATE_DATA", "")
        if not os.path.exists(os.path.join(data, "ml-latest-small", "movies.csv")):
            self.assertNotEqual(
                os.environ.get("PALATE_REQUIRE_DATA"),
                "1",
                "there is no $PALATE_DATA/ml-latest-small",
            )
            self.skipTest("there is no $PALATE_DATA/ml-latest-small")
        done = self.palate("fetch", "ml-latest-small", "--to", data)
        self.assertIn("the release of September 26, 2018 (it was there already)\n", done.stdout)
        found = self.json("fetch", "ml-latest-small", "--to", data)
        self.assertEqual(found["release"], "September 26, 2018")
        self.assertFalse(found["downloaded"])


class Inspect(InFolder):
    def test_prints_guess_counts_and_scale(self):
        text = self.palate("inspect", "ratings.csv").stdout
        for part in (
            "user 1 (userId)",
            "item 2 (movieId)",
            "value 3 (rating)",
            "time 4 (timestamp)",
            "40 items by 60 users",
            "scale",
        ):
            self.assertIn(part, text)

    def test_json_has_the_same(self):
        data = self.json("inspect", "ratings.csv")
        self.assertEqual(data["users"], 60)
        self.assertEqual(sum(count for _, count in data["histogram"]), data["ratings"])

    def test_tells_what_splits_would_leak(self):
        text = self.palate("inspect", "ratings.csv").stdout
        for part in (
            "older than own train",
            "per-user",
            "leave-last-out",
            "A random split is optimistic",
        ):
            self.assertIn(part, text)
        splits = self.json("inspect", "ratings.csv")["splits"]
        self.assertEqual(set(splits), {"random", "per-user", "leave-last-out", "time"})
        self.assertGreater(splits["random"]["before_own"], 0)
        self.assertEqual((splits["time"]["before_own"], splits["time"]["before_half"]), (0, 0))
        self.assertEqual(self.json("inspect", "ratings.csv", "--splits")["splits"], splits)
        untimed = self.json("inspect", "ratings.csv", "--time", "none")["splits"]
        self.assertNotIn("before_own", untimed["random"])
        self.assertNotIn("time", untimed)

    def test_reads_standard_input(self):
        with open(self.path("ratings.csv")) as file:
            data = self.json("inspect", "-", stdin=file)
        self.assertEqual(data["items"], 40)


class Train(InFolder):
    def test_zero_flags_are_enough(self):
        done = self.palate("train", "ratings.csv")
        for part in ("als", "bias", "mean", "RMSE", "palate recommend model.safetensors --user 1"):
            self.assertIn(part, done.stdout)
        self.assertIn("titles from", done.stderr)
        self.assertTrue(os.path.exists(self.path("model.safetensors")))

    def test_an_algorithm_may_have_options_of_its_own(self):
        self.palate(
            "train", "ratings.csv", "--algorithm", "als:factors=2:epochs=3", "-o", "own.safetensors"
        )
        model = self.json("inspect", "own.safetensors")["ratings"]
        self.assertEqual(
            (model["algorithm"], model["options"]["factors"], model["options"]["epochs"]),
            ("als", 2, 3),
        )

    def test_every_algorithm_trains(self):
        names = algorithm_names()
        self.assertGreaterEqual(
            set(names), {"als", "sgd", "bias", "mean", "notebook-sgd", "ials", "popular"}
        )
        for name in names:
            document = self.json(
                "train", "ratings.csv", "--algorithm", name, "-o", name + ".safetensors"
            )
            (task,) = {"ratings", "lists"} & set(document)
            self.assertEqual(document[task]["models"][0]["name"], name)
            held = self.json("inspect", name + ".safetensors")[task]
            self.assertEqual(held["algorithm"], name)
            self.assertTrue(held["measured"]["refitted"])

    def test_the_same_run_gives_the_same_bytes_for_any_threads(self):
        for threads in ("1", "3"):
            self.palate(
                "train", "ratings.csv", "--threads", threads, "-o", f"{threads}.safetensors"
            )
        with (
            open(self.path("1.safetensors"), "rb") as one,
            open(self.path("3.safetensors"), "rb") as three,
        ):
            self.assertEqual(one.read(), three.read())

    def test_a_run_is_continued_where_another_ended(self):
        def tensors(name):
            with open(self.path(name), "rb") as file:
                data = file.read()
            start = 8 + int.from_bytes(data[:8], "little")
            return {
                tensor: data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]]
                for tensor, entry in json.loads(data[8:start]).items()
                if tensor != "__metadata__" and not tensor.startswith("palate.")
            }

        for algorithm in ("als", "gradient"):
            words = ["train", "ratings.csv", "--algorithm", algorithm, "--validation", "0"]
            self.palate(*words, "--epochs", "10", "-o", "ten.safetensors")
            self.palate(*words, "--epochs", "5", "-o", "five.safetensors")
            done = self.palate(
                *words, "--epochs", "5", "--init", "five.safetensors", "-o", "continued.safetensors"
            )
            self.assertIn("started from five.safetensors, a model of 5 epochs", done.stderr)
            self.assertIn("the figure is too optimistic", done.stderr)
            self.assertEqual(tensors("continued.safetensors"), tensors("ten.safetensors"))
            self.assertEqual(self.json("inspect", "continued.safetensors")["ratings"]["epochs"], 10)
        self.assertIn("ratings.optimizer.steps", list(tensors("ten.safetensors")))
        document = self.json(*words, "--epochs", "5", "--init", "five.safetensors")
        self.assertEqual(document["model"]["init"]["ratings"]["epochs"], 5)
        self.assertEqual(
            document["model"]["init"]["ratings"]["seen"], document["ratings"]["split"]["test"]
        )

    def test_a_model_that_cannot_be_started_from_is_refused(self):
        self.palate("train", "ratings.csv", "--epochs", "1", "-o", "als.safetensors")
        words = ["train", "ratings.csv", "--init"]
        self.assertIn(
            "use --factors 32",
            self.palate(*words, "als.safetensors", "--factors", "8", status=2).stderr,
        )
        self.assertIn(
            "use --algorithm als",
            self.palate(*words, "als.safetensors", "--algorithm", "gradient", status=2).stderr,
        )
        self.assertIn(
            "sgd cannot start",
            self.palate(*words, "als.safetensors", "--algorithm", "sgd", status=2).stderr,
        )
        self.palate(*words, "missing.safetensors", status=3)
        self.palate(*words, "ratings.csv", status=4)

    def test_no_refit_keeps_the_measured_model(self):
        self.palate("train", "ratings.csv", "--no-refit", "-o", "measured.safetensors")
        held = self.json("inspect", "measured.safetensors")
        self.assertFalse(held["ratings"]["measured"]["refitted"])
        self.assertLess(held["seen"], self.json("inspect", "ratings.csv")["ratings"])

    def test_no_history_leaves_it_out(self):
        self.palate("train", "ratings.csv", "--no-history")
        self.assertEqual(self.json("inspect", "model.safetensors")["seen"], 0)
        done = self.palate("recommend", "model.safetensors", "--user", "1")
        self.assertIn("no history", done.stderr)

    def test_a_test_file_measures(self):
        write_ratings(self.path("test.csv"), seed=2)
        document = self.json("train", "ratings.csv", "--test", "test.csv")
        self.assertEqual(document["ratings"]["split"]["method"], "files")

    def test_a_model_is_of_the_train_file_alone(self):
        self.write(
            "test.csv",
            "userId,movieId,rating\n1,1,4\nstranger,1,4\nstranger,2,2\n1,unheard of,3\n",
        )
        done = self.palate("train", "ratings.csv", "--test", "test.csv")
        self.assertIn("2 of 4 test ratings are by users without a train rating", done.stderr)
        self.assertIn("1 of 4 test ratings are of items without a train rating", done.stderr)
        held = self.json("inspect", "model.safetensors")
        self.assertEqual((held["users"], held["items"]), (60, 40))
        self.assertEqual(held["ratings"]["measured"]["test_ratings"], 4)
        self.assertFalse(held["ratings"]["measured"]["refitted"])
        done = self.palate("predict", "model.safetensors", "--user", "stranger", "--item", "1")
        self.assertIn("user stranger is not in the model", done.stderr)

    def test_a_model_says_what_made_it_for_which_task(self):
        self.palate("train", "ratings.csv", "--algorithm", "bias")
        held = self.json("inspect", "model.safetensors")
        self.assertEqual(held["ratings"]["algorithm"], "bias")
        self.assertEqual(held["ratings"]["factors"], 0)
        self.assertEqual(held["ratings"]["range"], [1.5, 5])
        self.assertLess(held["ratings"]["measured"]["rmse"], 2)
        self.assertIsNone(held["lists"])
        self.assertEqual(held["seen"], self.json("inspect", "ratings.csv")["ratings"])

    def test_a_model_of_a_long_training_can_be_loaded(self):
        self.palate(
            *("train", "ratings.csv", "--algorithm", "gradient", "--factors", "1"),
            *("--epochs", "8000", "--validation", "0"),
        )
        self.assertEqual(self.json("inspect", "model.safetensors")["ratings"]["epochs"], 8000)

    def test_options_come_from_a_file_and_what_is_typed_wins(self):
        self.write(
            "options.json",
            '{"factors": 3, "epochs": 2, "regularization_exponent": 0, "quiet": true}',
        )
        document = self.json(
            *("train", "ratings.csv", "--algorithm", "als"),
            *("--options", "options.json", "--epochs", "4"),
        )
        options = document["ratings"]["models"][0]["options"]
        self.assertEqual(
            (options["factors"], options["epochs"], options["regularization_exponent"]), (3, 4, 0)
        )
        for text in ('{"factors": 3, "factors": 4}', '{"factors": 3}\0{"factors": 4}'):
            twice = self.write("twice.json", text)
            self.palate("train", "ratings.csv", "--options", twice, status=2)
        self.palate("train", "ratings.csv", "--since", "", status=2)
        self.palate("train", "ratings.csv", "--options", "missing.json", status=3)
        self.palate("train", "ratings.csv", "--options", self.write("bad.json", "[1]"), status=2)
        self.palate(
            "train", "ratings.csv", "--options", self.write("odd.json", '{"no_such": 1}'), status=64
        )

    def test_interrupted_it_keeps_the_best_model_so_far(self):
        process = subprocess.Popen(
            [
                PALATE,
                "train",
                "ratings.csv",
                "--algorithm",
                "gradient",
                "--epochs",
                "100000000",
                "--validation",
                "0",
            ],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, out + err)
        self.assertEqual(
            self.json("inspect", "model.safetensors")["ratings"]["algorithm"], "gradient"
        )

    def test_a_folder_that_is_not_there_is_named(self):
        done = self.palate("train", "ratings.csv", "-o", "nowhere/model.safetensors", status=3)
        self.assertIn("nowhere", done.stderr)


class Compare(InFolder):
    def test_one_table_of_all(self):
        done = self.palate(
            "compare",
            "ratings.csv",
            "--algorithms",
            "notebook-adam,notebook-sgd,sgd,als,als:factors=2,bias",
        )
        for name in (
            "notebook-adam",
            "notebook-sgd",
            "sgd",
            "als",
            "als:factors=2",
            "bias",
            "95 %",
        ):
            self.assertIn(name, done.stdout)

    def test_json_is_the_only_thing_on_standard_output(self):
        done = self.palate("compare", "ratings.csv", "--algorithms", "als,bias", "--json")
        document = json.loads(done.stdout)
        self.assertEqual(
            [model["name"] for model in document["ratings"]["models"]], ["als", "bias"]
        )
        self.assertIn("als: ", done.stderr)
        self.assertEqual(self.palate("compare", "ratings.csv", "--json", "--quiet").stderr, "")

    def test_folds_and_seeds(self):
        folds = self.json(
            "compare", "ratings.csv", "--algorithms", "bias", "--folds", "4", "--split-seed", "7"
        )
        self.assertEqual(
            (folds["ratings"]["split"]["folds"], folds["ratings"]["split"]["seed"]), (4, 7)
        )
        seeded = self.json("compare", "ratings.csv", "--algorithms", "sgd", "--seed", "5")
        self.assertEqual(
            (seeded["ratings"]["split"]["seed"], seeded["ratings"]["models"][0]["options"]["seed"]),
            (5, 5),
        )
        split = self.json("compare", "ratings.csv", "--algorithms", "sgd", "--split-seed", "5")
        self.assertEqual(
            (split["ratings"]["split"]["seed"], split["ratings"]["models"][0]["options"]["seed"]),
            (5, 1),
        )

    def test_splits_of_each_user(self):
        document = self.json(
            "compare",
            "ratings.csv",
            "--algorithms",
            "bias",
            "--split",
            "leave-last-out",
            "--leave-last",
            "2",
        )
        self.assertEqual(document["ratings"]["split"]["test"], 120)
        self.assertEqual(document["ratings"]["split"]["leak"]["before_own"], 0)
        document = self.json(
            "compare",
            "ratings.csv",
            "--algorithms",
            "bias",
            "--split",
            "per-user",
            "--test-share",
            "0.5",
        )
        self.assertAlmostEqual(
            document["ratings"]["split"]["test"] / document["data"]["ratings"], 0.5, 1
        )
        self.assertEqual(document["ratings"]["split"]["leak"]["users"]["cold"], 0)
        done = self.palate(
            "compare", "ratings.csv", "--split", "leave-last-out", "--time", "none", status=2
        )
        self.assertIn("--split leave-last-out needs a time column", done.stderr)

    def test_a_split_by_users_folds_them_in(self):
        words = ["ratings.csv", "--split", "users", "--fold-in-share", "0.5"]
        compare = ["compare", *words, "--algorithms", "als,mean,item-knn,popular"]
        document = self.json(*compare)
        for task in ("ratings", "lists"):
            split = document[task]["split"]
            self.assertEqual((split["method"], split["leak"]["users"]["cold"]), ("users", 12))
            self.assertEqual(
                split["train"] + split["fold_in"] + split["test"], document["data"]["ratings"]
            )
            self.assertAlmostEqual(split["fold_in"] / split["test"], 1, delta=0.1)
        done = self.palate(*compare, "--breakdown")
        for part in (
            "20 % of the users, 50 % of whose ratings are folded in, seed 1",
            "are older than a fold-in rating of their user",
            "new in the test part: 12 of 12 users (100.0 % of ratings)",
            f"is given {document['ratings']['split']['fold_in']:,} other ratings of these users",
            "fold-in ratings of the user",
        ):
            self.assertIn(part, done.stdout)
        self.assertNotIn("warning: no test rating", done.stderr)
        model = ["--algorithm", "als,ials:epochs=2", "-o", "users.safetensors"]
        trained = self.json("train", *words, *model)
        self.assertTrue(trained["model"]["lists"]["refitted"])
        self.assertNotIn("test_loss", trained["ratings"]["models"][0]["curve"][0])
        search = ["--algorithm", "als:epochs=2", "--trials", "1", "-o", "tuned.safetensors"]
        self.assertEqual(self.json("tune", *words, *search)["ratings"]["split"]["method"], "users")
        self.palate("report", *words, "--algorithms", "als,popular", "-o", "users.html")

    def test_a_split_by_users_needs_two_ratings_of_a_user(self):
        words = ["compare", "--algorithms", "mean", "--split", "users"]
        for share in ("0", "1", "-0.5", "nan"):
            done = self.palate(*words, "ratings.csv", f"--fold-in-share={share}", status=2)
            self.assertRegex(done.stderr, "fold-in share .* is not between 0 and 1")
        done = self.palate(*words, "ratings.csv", "--fold-in-share", "half", status=64)
        self.assertRegex(done.stderr, "--fold-in-share.*half")
        with open(self.path("once.csv"), "w", encoding="utf-8") as file:
            file.write("user,item,rating\n" + "".join(f"{u},{u % 3},{u % 5}\n" for u in range(9)))
        done = self.palate(*words, "once.csv", status=2)
        self.assertIn(
            "0 users with two ratings or more are too few for a test share of 0.2", done.stderr
        )

    def test_what_the_split_leaks_is_told(self):
        random = self.palate("compare", "ratings.csv", "--algorithms", "mean").stdout
        self.assertIn("older than a train rating of their user", random)
        self.assertIn("A random split is optimistic", random)
        by_time = self.palate(
            "compare", "ratings.csv", "--algorithms", "mean", "--split", "time"
        ).stdout
        self.assertIn("new in the test part: ", by_time)
        self.assertNotIn("optimistic", by_time)
        self.assertNotIn(
            "is optimistic",
            self.palate(
                "compare", "ratings.csv", "--algorithms", "mean", "--split", "leave-last-out"
            ).stdout,
        )

    def test_models_that_cannot_be_told_apart_are_marked(self):
        words = ["compare", "ratings.csv", "--algorithms", "bias,bias:epochs=11,mean"]
        text = self.palate(*words).stdout
        self.assertRegex(text, "bias:epochs=11 .*≈")
        self.assertIn("≈ cannot be told apart from the best", text)
        self.assertIn("Holm's correction for 2 comparisons", text)
        models = {model["name"]: model for model in self.json(*words)["ratings"]["models"]}
        self.assertTrue(models["bias"]["same_as_best"] and models["bias:epochs=11"]["same_as_best"])
        compared = [model for model in models.values() if "p_value" in model]
        self.assertEqual(len(compared), 2)
        for model in compared:
            self.assertGreaterEqual(model["p_value_holm"], model["p_value"])

    def test_few_users_are_warned_of(self):
        write_ratings(self.path("few.csv"), users=8)
        self.assertIn(
            "with 8 users in the test part",
            self.palate("compare", "few.csv", "--algorithms", "mean,bias").stdout,
        )
        self.assertNotIn(
            "surer", self.palate("compare", "ratings.csv", "--algorithms", "mean,bias").stdout
        )

    def test_seeds_show_the_noise_of_training(self):
        words = ["compare", "ratings.csv", "--algorithms", "als,bias", "--seeds", "3"]
        text = self.palate(*words).stdout
        self.assertIn("RMSE over seeds", text)
        self.assertIn("±", text)
        als, bias = self.json(*words)["ratings"]["models"]
        self.assertEqual(als["over_seeds"]["seeds"], 3)
        self.assertGreater(als["over_seeds"]["metrics"]["rmse"]["standard_deviation"], 0)
        self.assertNotIn("over_seeds", bias)
        self.assertIn(
            "(--seeds N)", self.palate("compare", "ratings.csv", "--algorithms", "als").stdout
        )
        self.palate(*words[:-1], "0", status=64)

    def test_errors_are_broken_down(self):
        words = ["compare", "ratings.csv", "--algorithms", "bias,mean", "--split", "time"]
        text = self.palate(*words, "--breakdown").stdout
        for part in (
            "train ratings of the user",
            "train ratings of the item",
            "RMSE / MAE",
            "5 to 19",
            "2001-09-",
        ):
            self.assertIn(part, text)
        self.assertNotIn("train ratings of the user", self.palate(*words).stdout)
        document = self.json(*words)
        for model in document["ratings"]["models"]:
            self.assertEqual(
                set(model["breakdown"]), {"user_ratings", "item_ratings", "value", "time"}
            )
            for groups in model["breakdown"].values():
                self.assertEqual(
                    sum(group["ratings"] for group in groups), document["ratings"]["split"]["test"]
                )
        self.assertEqual(
            document["ratings"]["models"][0]["breakdown"]["user_ratings"][0]["first"],
            0,
            "the latest users are cold",
        )

    def test_clipping_can_be_switched_off(self):
        clipped = self.json("compare", "ratings.csv", "--algorithms", "notebook-adam")
        unclipped = self.json(
            "compare", "ratings.csv", "--algorithms", "notebook-adam", "--no-clip"
        )
        self.assertTrue(clipped["ratings"]["clipped"] and not unclipped["ratings"]["clipped"])
        self.assertAlmostEqual(
            unclipped["ratings"]["models"][0]["metrics"]["mse"]["value"],
            unclipped["ratings"]["models"][0]["curve"][-1]["test_loss"],
            5,
        )

    def test_validation_stops_early(self):
        document = self.json(
            "compare",
            "ratings.csv",
            "--algorithms",
            "gradient",
            "--validation",
            "0.2",
            "--patience",
            "2",
            "--regularization",
            "0",
            "--learning-rate",
            "0.1",
            "--epochs",
            "500",
        )
        model = document["ratings"]["models"][0]
        self.assertEqual(model["ending"], "early_stopped")
        self.assertLess(model["epochs_kept"], 500)
        self.assertIn("validation_loss", model["curve"][0])


class Reading(InFolder):
    def test_several_files_and_patterns_are_one_table(self):
        lines = self.text("ratings.csv").splitlines()
        half = len(lines) // 2
        a = self.write("part-a.csv", "\n".join(lines[:half]) + "\n")
        b = self.write("part-b.csv", "\n".join(lines[:1] + lines[half:]) + "\n")
        whole = json.loads(self.palate("inspect", self.path("ratings.csv"), "--json").stdout)
        for files in ([a, b], [self.path("part-?.csv")]):
            parts = json.loads(self.palate("inspect", *files, "--json").stdout)
            self.assertEqual(parts["digest"], whole["digest"])
        self.assertIn(
            "no file matches", self.palate("inspect", self.path("part-x*.csv"), status=3).stderr
        )

    def test_bad_rows_are_set_aside(self):
        bad = self.write("bad.csv", self.text("ratings.csv") + "1,2,x,4\n1,2\n")
        rejects = self.path("rejects.csv")
        self.assertIn("is not a number", self.palate("inspect", bad, status=2).stderr)
        done = self.palate(
            "train",
            bad,
            "--algorithm",
            "bias",
            "-o",
            self.path("m.safetensors"),
            "--rejects",
            rejects,
        )
        self.assertIn("1 row set aside: is not a number", done.stderr)
        with open(rejects, newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["text"] for row in rows], ["1,2,x,4", "1,2"])
        self.assertEqual([row["column"] for row in rows], ["3", ""])
        done = self.palate("inspect", bad, "--rejects", rejects, "--max-rejects", "2")
        self.assertIn(
            "; 1 row set aside: 2 columns where the header has 4; 1 row set aside: is not a number",
            done.stderr.splitlines()[0],
        )
        self.assertEqual(self.palate("inspect", bad, "--rejects", rejects, "--quiet").stderr, "")
        done = self.palate("evaluate", self.path("m.safetensors"), bad, "--rejects", rejects)
        self.assertIn("1 row set aside: is not a number", done.stderr)
        left_out = self.palate("inspect", self.path("ratings.csv"), "--sample", "0.5").stderr
        self.assertIn("ratings left out: of users outside the sample", left_out)
        self.assertIn(
            "more than 1 bad rows",
            self.palate(
                "inspect", bad, "--rejects", rejects, "--max-rejects", "1", status=2
            ).stderr,
        )
        self.assertIn(
            "0.1 %",
            self.palate(
                "inspect", bad, "--rejects", rejects, "--max-rejects", "0.1%", status=2
            ).stderr,
        )
        self.palate("inspect", bad, "--rejects", rejects, "--max-rejects", "50%")
        for wrong in ("many", "-1", "101%", "1.5", ""):
            if wrong:
                self.palate("inspect", bad, "--rejects", rejects, "--max-rejects", wrong, status=2)
        self.assertIn(
            "--rejects FILE", self.palate("inspect", bad, "--max-rejects", "5", status=2).stderr
        )
        self.assertIn(
            "cannot write",
            self.palate("inspect", bad, "--rejects", self.path("none/r.csv"), status=3).stderr,
        )

    def test_ratings_are_selected(self):
        ratings, model = self.path("ratings.csv"), self.path("m.safetensors")
        done = self.palate(
            "train",
            ratings,
            "--algorithm",
            "bias",
            "-o",
            model,
            "--since",
            "2001-09-09T02:10:00Z",
            "--sample",
            "0.5",
            "--min-user-ratings",
            "3",
            "--min-item-ratings",
            "2",
        )
        self.assertIn("ratings left out: before 2001-09-09T02:10:00Z", done.stderr)
        self.assertIn("ratings left out: of users outside the sample", done.stderr)
        words = (
            "since 2001-09-09T02:10:00Z, 50 % of the users (seed 1), "
            "users with 3 ratings or more, items with 2 ratings or more"
        )
        self.assertIn("selected   " + words, self.palate("inspect", model).stdout)
        self.assertEqual(
            json.loads(self.palate("inspect", model, "--json").stdout)["data_selection"], words
        )
        self.palate(
            "compare",
            ratings,
            "--algorithms",
            "bias",
            "--until",
            "2002-01-01",
            "--sample",
            "0.5",
            "--sample-seed",
            "7",
        )
        for wrong in (
            ["--sample", "0"],
            ["--sample", "2"],
            ["--since", "yesterday"],
            ["--min-user-ratings", "1000"],
            ["--until", "1990-01-01"],
        ):
            self.palate("inspect", ratings, *wrong, status=2)


class Use(InFolder):
    def setUp(self):
        super().setUp()
        self.palate("train", "ratings.csv")

    def test_recommendations_have_titles_and_leave_out_what_was_seen(self):
        with open(self.path("ratings.csv")) as file:
            seen = {row["movieId"] for row in csv.DictReader(file) if row["userId"] == "1"}
        document = self.json("recommend", "model.safetensors", "--user", "1", "-k", "5")
        items = document["items"]
        self.assertEqual(len(items), 5)
        self.assertFalse(seen & {entry["item"] for entry in items})
        self.assertTrue(all(entry["title"].startswith("Film, The") for entry in items))
        self.assertEqual(
            [e["score"] for e in items], sorted((e["score"] for e in items), reverse=True)
        )
        self.assertEqual(int(items[0]["item"]) % 2, 1, "user 1 likes odd items")
        everything = self.json(
            "recommend", "model.safetensors", "--user", "1", "-k", "40", "--include-seen"
        )
        self.assertTrue(seen & {entry["item"] for entry in everything["items"]})
        self.assertIn(
            "Film, The", self.palate("recommend", "model.safetensors", "--user", "1").stdout
        )

    def test_min_support_leaves_out_rare_items(self):
        with open(self.path("ratings.csv"), "a") as file:
            file.write("1,999,5,1\n2,999,5,1\n")
        self.palate("train", "ratings.csv")
        for support, found in (("5", False), ("1", True)):
            document = self.json(
                "recommend",
                "model.safetensors",
                "--user",
                "3",
                "-k",
                "50",
                "--min-support",
                support,
            )
            self.assertEqual("999" in {entry["item"] for entry in document["items"]}, found)

    def test_unknown_ids_are_answered_and_told(self):
        done = self.palate("recommend", "model.safetensors", "--user", "nobody")
        self.assertIn("not in the model: these are the items that most users", done.stderr)
        self.assertTrue(done.stdout)
        self.assertTrue(
            self.json("recommend", "model.safetensors", "--user", "nobody")["most_chosen"]
        )
        done = self.palate("predict", "model.safetensors", "--user", "1", "--item", "none")
        self.assertIn("not in the model", done.stderr)
        float(done.stdout)

    def test_predicts_a_pair_and_a_file_of_pairs_alike(self):
        one = float(
            self.palate("predict", "model.safetensors", "--user", "2", "--item", "4").stdout
        )
        path = self.write("pairs.csv", "userId,movieId\n2,4\n2,none\nnobody,4\n")
        done = self.palate("predict", "model.safetensors", path)
        rows = list(csv.DictReader(done.stdout.splitlines()))
        self.assertEqual([row["userId"] for row in rows], ["2", "2", "nobody"])
        self.assertEqual(float(rows[0]["prediction"]), one)
        self.assertIn("2 pairs", done.stderr)
        self.palate("predict", "model.safetensors", status=2)
        self.palate("predict", "model.safetensors", "--user", "1", status=2)

    def test_evaluation_warns_of_ratings_that_were_trained_on(self):
        done = self.palate("evaluate", "model.safetensors", "ratings.csv")
        self.assertIn("too optimistic", done.stderr)
        document = self.json("evaluate", "model.safetensors", "ratings.csv")
        self.assertEqual(document["seen"], document["test_ratings"])
        self.assertTrue(document["ratings"]["optimistic"])
        self.assertIsNone(document["lists"], "nothing is left that the model has not seen")
        self.assertIn("lists are not measured", done.stderr)

    def test_exports(self):
        for format in ("npy", "csv"):
            folder = self.json("export", "model.safetensors", "--format", format)["folder"]
            for task in ("ratings", "lists"):
                self.assertIn("user_factors." + format, os.listdir(self.path(f"{folder}/{task}")))
        self.palate("export", "model.safetensors", "--format", "xls", status=2)

    def test_reports_from_ratings_and_from_a_saved_comparison(self):
        self.palate("report", "ratings.csv", "-o", "a.html", "--algorithms", "als,bias")
        self.write("comparison.json", self.palate("compare", "ratings.csv", "--json").stdout)
        self.palate("report", "comparison.json", "-o", "b.html")
        for page in ("a.html", "b.html"):
            with open(self.path(page)) as file:
                self.assertIn("palate-data", file.read())
        self.palate("report", self.write("odd.json", "{}"), status=2)

    def test_the_demo_shows_the_whole_tour(self):
        done = self.palate("demo", "ratings.csv")
        for part in (
            "$ palate compare",
            "notebook-adam",
            "report.html",
            "$ palate recommend",
            "Film, The",
        ):
            self.assertIn(part, done.stdout)
        self.assertTrue(os.path.exists(self.path("report.html")))

    def held(self):
        """What the model of the demo holds, but for what was measured at the page's cutoffs."""
        document = self.json("inspect", "model.safetensors")
        del document["version"]
        for task in ("ratings", "lists"):
            measured = document[task]["measured"]
            for name in [name for name in measured if re.search(r"@(5|50|100)$", name)]:
                del measured[name]
        lists = self.palate("recommend", "model.safetensors", "--all-users").stdout
        return document, lists

    def test_the_demo_does_what_its_commands_do(self):
        done = self.palate("demo", "ratings.csv")
        made = self.held()
        commands = [
            shlex.split(line)[2:] for line in done.stdout.splitlines() if line.startswith("   $ ")
        ]
        by_verb = {words[0]: words for words in commands}
        listed = self.palate(*by_verb["recommend"]).stdout
        self.assertIn(listed.strip(), done.stdout)
        self.assertRegex(listed, r"^item +score +rating +title\n")
        with open(self.path("report.html"), encoding="utf-8") as page:
            shown = page.read()
        self.palate(*by_verb["train"])
        self.assertEqual(self.held(), made)
        compared = self.palate(*by_verb["compare"]).stdout
        for line in compared.splitlines():
            if line.startswith(("als ", "ials ", "popular ")):  # but for the seconds
                self.assertIn(line.rsplit(None, 1)[0], done.stdout)
        self.palate(*by_verb["report"])
        with open(self.path("report.html"), encoding="utf-8") as page:
            again = page.read()

        def names(text):
            data = re.search(r'id="palate-data">(.*?)</script>', text, re.DOTALL)[1]
            return [metric["name"] for metric in json.loads(data)["lists"]["metrics"]]

        self.assertEqual(names(shown), names(again))


if __name__ == "__main__":
    unittest.main()
