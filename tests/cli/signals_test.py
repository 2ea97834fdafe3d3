"""What signals do: a verb ends at once where it looks for none, a training stops and is kept, and
no temporary file is left. Reading lasts as long as the pipe that is read is open.
"""

import csv
import json
import fcntl
import os
import signal
import subprocess
import time
import unittest

from cli_test import PALATE
from situations import Situation, lines, ratings

HEADER = ("user", "item", "rating")
ENDING = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGXCPU,
    signal.SIGUSR1,
)
# The binary would go on ignoring what these tests were started to ignore, in the background, say.
for number in ENDING:
    signal.signal(number, signal.default_int_handler)


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it does not come to pass")
        time.sleep(0.01)


class Signals(Situation):
    def setUp(self):
        super().setUp()
        self.write("ratings.csv", lines(ratings(), HEADER))

    def start(self, *words, ignoring=()):
        """The binary, without those signals."""
        ignore = "".join(f"trap '' {number.name.removeprefix('SIG')}; " for number in ignoring)
        process = subprocess.Popen(
            ["sh", "-c", f'ulimit -c 0; {ignore} exec "$@"', "sh", PALATE, *words],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        return process

    def parts(self):
        return [name for name in os.listdir(self.folder) if name.endswith(".part")]

    def is_locked(self, name):
        """Whether its writer has got as far as to hold its lock."""
        with open(self.path(name)) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def reading(self, *words, **kwargs):
        """The binary while it reads standard input, with a temporary file for the rejected rows."""
        process = self.start(*words, "--rejects", "rejects.csv", **kwargs)
        wait_for(self.parts)
        return process

    def assert_ends_by(self, process, *signals):
        self.assertIn(process.wait(timeout=60), [-number for number in signals])

    def test_the_first_signal_ends_reading_and_leaves_nothing(self):
        for number in ENDING:
            for verb in ("inspect", "train", "compare", "report"):
                with self.subTest(signal=number, verb=verb):
                    self.write("rejects.csv", "the old ones\n")
                    process = self.reading(verb, "-")
                    process.send_signal(number)
                    self.assert_ends_by(process, number)
                    self.assertEqual(self.parts(), [])
                    with open(self.path("rejects.csv")) as rejects:
                        self.assertEqual(rejects.read(), "the old ones\n")

    def test_one_that_was_ignored_at_the_start_stays_ignored(self):
        for number in (signal.SIGHUP, signal.SIGINT):
            with self.subTest(signal=number):
                process = self.reading("inspect", "-", "--json", ignoring=[number])
                process.send_signal(number)
                process.communicate(lines(ratings(), HEADER), timeout=60)
                self.assertEqual(process.returncode, 0)

    def test_what_a_killed_run_left_the_next_one_of_the_output_removes(self):
        process = self.reading("inspect", "-")
        process.kill()
        process.wait()
        self.assertEqual(len(self.parts()), 1)
        living = self.start("inspect", "-", "--rejects", "rejects.csv")
        wait_for(lambda: any(str(living.pid) in name for name in self.parts()))
        wait_for(lambda: len(self.parts()) == 1 and self.is_locked(self.parts()[0]))
        # What a living process writes is not touched.
        self.palate("inspect", "ratings.csv", "--rejects", "rejects.csv")
        self.assertEqual(len(self.parts()), 1)
        living.communicate(lines(ratings(), HEADER), timeout=60)
        self.assertEqual((living.returncode, self.parts()), (0, []))

    def training(self, verb, *words):
        """The binary in the midst of a training without end."""
        process = self.start(
            verb, "ratings.csv", "--epochs", "100000000", "--validation", "0", *words
        )
        for line in process.stderr:
            if "ratings of" in line:
                break
        time.sleep(1)
        return process

    def test_the_first_one_stops_a_training_and_its_model_is_kept(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                process = self.training("train", "-o", "model.safetensors")
                process.send_signal(number)
                process.communicate(timeout=60)
                self.assertEqual(process.returncode, 130)
                self.assertGreater(self.json("inspect", "model.safetensors")["seen"], 0)
                os.remove(self.path("model.safetensors"))

    def test_an_interrupted_model_replaces_none(self):
        self.palate("train", "ratings.csv", "--algorithm", "bias", "-o", "model.safetensors", "-q")
        with open(self.path("model.safetensors"), "rb") as file:
            before = file.read()
        process = self.training("train", "-o", "model.safetensors")
        process.send_signal(signal.SIGTERM)
        said, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertIn("interrupted: model.interrupted.safetensors keeps what was trained", told)
        with open(self.path("model.safetensors"), "rb") as file:
            self.assertEqual(file.read(), before)
        self.assertIn("model.interrupted.safetensors has the", said)
        self.assertGreater(self.json("inspect", "model.interrupted.safetensors")["seen"], 0)

    def test_the_second_one_ends_a_training_too(self):
        process = self.training("train", "-o", "model.safetensors")
        process.send_signal(signal.SIGSTOP)
        # Both are there before it can look for the first.
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        self.assert_ends_by(process, signal.SIGTERM, signal.SIGINT)
        self.assertEqual(os.listdir(self.folder), ["ratings.csv"])

    def test_an_interrupted_comparison_tells_what_it_has(self):
        process = self.training("compare", "--algorithms", "gradient,mean")
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 130)
        self.assertIn("gradient", told)

    def test_the_first_one_stops_what_is_measured_after_a_training(self):
        users = range(100_000)
        self.write("train.csv", lines([(u, u % 50, u % 5 + 1) for u in users], HEADER))
        self.write("test.csv", lines([(u, (u + 7) % 50, u % 3 + 1) for u in users], HEADER))
        words = ("train.csv", "--test", "test.csv", "-t", "1")
        for verb in (
            ("train", *words, "--algorithm", "bias", "-o", "model.safetensors"),
            ("compare", *words, "--algorithms", "bias,mean"),
        ):
            with self.subTest(verb=verb):
                process = self.start(*verb)
                for line in process.stderr:
                    if line.startswith("mean:"):  # the last of its models
                        break
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
                start = time.monotonic()
                told = process.communicate(timeout=60)[0]
                # far more on a machine with much to do
                self.assertLess(time.monotonic() - start, 10)
                self.assertEqual(process.returncode, 130)
                self.assertIn("interrupted: a figure without an interval was measured", told)
                self.assertIn("not compared", told)
        self.assertGreater(self.json("inspect", "model.safetensors")["seen"], 0)

    def searching(self, *words):
        """The binary in the midst of a search for options, with some trials behind it."""
        bounds = ("--factors", "4", "--time", "1h", "--log", "trials.csv")
        process = self.start("tune", "ratings.csv", *bounds, *words)
        for line in process.stderr:
            if line.startswith("trial 5"):
                break
        return process

    def trials(self):
        with open(self.path("trials.csv"), encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_the_first_one_ends_a_search_and_its_best_is_kept(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process = self.searching("--json", "-o", "tuned.safetensors")
                process.send_signal(number)
                told = process.communicate(timeout=60)[0]
                self.assertEqual(process.returncode, 130)
                document = json.loads(told)
                trials = self.trials()
                self.assertEqual(len(trials), document["tune"]["trainings"])
                self.assertGreater(len(trials), 5)
                best = max(trials, key=lambda row: float(row["ndcg@10"]))
                self.assertEqual(document["tune"]["best_trial"], int(best["trial"]))
                held = self.json("inspect", "tuned.safetensors")["lists"]
                self.assertEqual(held["options"]["unobserved"], float(best["unobserved"]))
                self.assertEqual(held["epochs"], int(best["epochs_kept"]))
                self.assertTrue(held["measured"]["refitted"])
                os.remove(self.path("tuned.safetensors"))

    def test_an_interrupted_search_replaces_no_model(self):
        self.write("tuned.safetensors", "the old one\n")
        process = self.searching("-o", "tuned.safetensors")
        process.send_signal(signal.SIGINT)
        self.assertIn(
            "interrupted: tuned.interrupted.safetensors keeps the best so far\n",
            process.communicate(timeout=60)[1],
        )
        self.assertEqual(process.returncode, 130)
        with open(self.path("tuned.safetensors")) as old:
            self.assertEqual(old.read(), "the old one\n")
        self.json("inspect", "tuned.interrupted.safetensors")

    def test_the_second_one_ends_a_search_too(self):
        process = self.searching()
        process.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        self.assert_ends_by(process, signal.SIGTERM, signal.SIGINT)
        self.assertEqual(sorted(os.listdir(self.folder)), ["ratings.csv", "trials.csv"])
        self.assertGreater(len(self.trials()), 5)

    def test_one_that_comes_while_the_best_is_measured_keeps_it(self):
        # What the search began with is trained without end.
        words = ("--algorithm", "als", "--factors", "4", "--trials", "1", "--epochs", "100000000")
        process = self.start("tune", "ratings.csv", *words, "-o", "tuned.safetensors")
        for line in process.stderr:
            if line.startswith("als:tuned: "):
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 130)
        self.assertIn("tuned.safetensors is the tuned model, as measured\n", told)
        self.assertFalse(
            self.json("inspect", "tuned.safetensors")["ratings"]["measured"]["refitted"]
        )

    def test_an_interrupted_report_keeps_the_old_page(self):
        self.write("report.html", "the old page\n")
        process = self.training("report", "--algorithms", "gradient,mean")
        process.send_signal(signal.SIGINT)
        self.assert_ends_by(process, signal.SIGINT)
        with open(self.path("report.html")) as page:
            self.assertEqual(page.read(), "the old page\n")
        self.assertEqual(sorted(os.listdir(self.folder)), ["ratings.csv", "report.html"])

    def test_a_file_that_may_not_grow_further_is_an_error(self):
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 1; "$@"', "sh", PALATE, "train", "ratings.csv", "-q"],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot write model.safetensors: File too large", done.stderr)
        self.assertEqual(os.listdir(self.folder), ["ratings.csv"])


if __name__ == "__main__":
    unittest.main()
