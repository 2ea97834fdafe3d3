"""What is shown on a terminal: nothing wider than it, and colors unless they are unwanted."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import termios
import threading
import time
import unittest

from cli_test import PALATE, InFolder

STYLE = re.compile(r"\033\[[\d;]*m")


def on_terminal(*words, cwd, columns=80, program=PALATE, stdin=None, **environment):
    """What the program, the binary unless told, shows on a terminal of so many columns."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(cwd)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        if stdin is not None:
            os.dup2(stdin, 0)
        settings = {"TERM": "xterm", **environment}
        kept = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        os.execvpe(program, [program, *words], kept | settings)
    said = b""
    with contextlib.suppress(OSError):  # the end
        while part := os.read(terminal, 65536):
            said += part
    os.close(terminal)
    os.waitpid(process, 0)
    return said.decode()


def lines_of(said):
    """As they stand in the end: without styles, and without what was written over."""
    return [line.split("\033[K")[-1] for line in STYLE.sub("", said).replace("\r", "").split("\n")]


class Terminal(InFolder):
    def setUp(self):
        super().setUp()
        self.palate("train", "ratings.csv", "-o", "model.safetensors", "-q")

    def shown(self, *words, columns=80, **environment):
        return on_terminal(*words, cwd=self.folder, columns=columns, **environment)

    def test_everything_fits(self):
        for columns in (80, 100, 60):
            for words in (
                ["--help"],
                ["train", "--help"],
                ["train", "--algorithm", "ials", "--help"],
                ["train", "ratings.csv", "-o", "other.safetensors"],
                ["compare", "ratings.csv", "--seeds", "2", "-q"],
                ["evaluate", "model.safetensors", "ratings.csv"],
                ["recommend", "model.safetensors", "--user", "1"],
                ["similar", "model.safetensors", "--item", "2"],
            ):
                wide = [
                    line
                    for line in lines_of(self.shown(*words, columns=columns))
                    if len(line) > columns and " " in line.strip()
                ]
                # A flag's left side may be long, and a command is not broken.
                wide = [line for line in wide if not line.startswith(("  palate ", "      --"))]
                self.assertEqual(wide, [], f"{words} at {columns} columns")

    def test_a_narrow_table_keeps_what_matters_most(self):
        full = self.palate("compare", "ratings.csv", "-q").stdout
        self.assertRegex(full, r"model +RMSE \[95 % interval\] +MAE \[95 % interval\] .*seconds\n")
        narrow = "\n".join(lines_of(self.shown("compare", "ratings.csv", "-q", columns=60)))
        self.assertRegex(narrow, r"model +RMSE ± 95 % +to the best +p *\n")
        best = re.search(r"\nals +(\d\.\d{4}) \[(\S+), (\S+)\]", full)
        value, low, high = map(float, best.groups())
        margin = re.search(r"\nals +(\d\.\d{4}) ± (\S+)", narrow)
        self.assertEqual(float(margin[1]), value)
        self.assertAlmostEqual(float(margin[2]), max(value - low, high - value), delta=2e-4)

    def test_long_titles_are_cut(self):
        self.write(
            "movies.csv",
            "movieId,title\n" + "".join(f"{n},{'A long title ' * 9}{n}\n" for n in range(1, 41)),
        )
        self.palate("train", "ratings.csv", "-o", "long.safetensors", "-q")
        lines = lines_of(self.shown("recommend", "long.safetensors", "--user", "1", columns=70))
        self.assertEqual(max(map(len, lines)), 70)
        self.assertTrue(lines[2].endswith("…"), lines)
        self.assertIn(
            "A long title " * 9, self.palate("recommend", "long.safetensors", "--user", "1").stdout
        )

    def test_a_mark_stands_below_what_is_wrong(self):
        expression = "title has film or titel has the"
        words = ["recommend", "model.safetensors", "--user", "1", "--where", expression]
        lines = lines_of(self.shown(*words))
        self.assertEqual(lines[:2], ["  " + expression, " " * 20 + "^"])
        self.assertTrue(lines[2].startswith("palate: --where, character 19: there is no column"))
        words[-1] = "title has film and " * 9 + expression
        lines = lines_of(self.shown(*words, columns=50))
        self.assertLessEqual(max(map(len, lines)), 50)
        self.assertTrue(lines[0][lines[1].index("^") :].startswith("titel"), lines[:2])

    def test_progress_says_of_how_many_epochs(self):
        said = self.shown("train", "ratings.csv", "--algorithm", "sgd", "--epochs", "300")
        self.assertRegex(said, r"sgd: epoch \d+ of 300, train loss [\d.]+, validation loss [\d.]+")
        self.assertRegex(said, r"sgd on all rows: epoch \d+ of \d+, train loss")

    def test_reading_that_takes_a_while_is_shown(self):
        received, sent = os.pipe()

        def send_slowly():
            row = b"1,1,5\n"
            with os.fdopen(sent, "wb", buffering=0) as pipe:
                pipe.write(b"user,item,rating\n")
                for _ in range(4):
                    pipe.write(row * 100_000)
                    time.sleep(0.2)

        sender = threading.Thread(target=send_slowly, daemon=True)
        sender.start()
        said = self.shown("inspect", "-", stdin=received)
        sender.join()
        os.close(received)
        self.assertRegex(said, r"reading standard input: \d+\.\d MB")

    def test_colors(self):
        words = ["compare", "ratings.csv", "-q"]
        self.assertRegex(self.shown(*words), r"\033\[1;32mals[^\n]* best [^\n]*\033\[0m")
        self.assertIn("\033[31mpalate: ", self.shown("train", "none.csv"))
        for said in (
            self.shown(*words, NO_COLOR="1"),
            self.shown(*words, TERM="dumb"),
            self.palate(*words).stdout,
        ):
            self.assertNotIn("\033[", said.replace("\033[K", ""))


if __name__ == "__main__":
    unittest.main()
