"""The README walked from top to bottom as somebody new would, on terminals of 80 and 100 columns:
every command runs, no line is wider than the terminal, no word is a riddle, and every figure has
its command.
"""

import functools
import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))
from cli_test import write_ratings
from terminal_test import lines_of, on_terminal

BINARY = pathlib.Path(os.environ["PALATE_BINARY"]).resolve()
README = (ROOT / "README.md").read_text()
FIGURES = "docs/accuracy_and_benchmarks.md"
REAL_DATA = pathlib.Path(os.environ.get("PALATE_DATA", "/"), "ml-latest-small")

# What readers have stumbled over.
RIDDLES = re.compile(
    r"\b(flatter\w*|dress(es)?|by lot|newcomers?|kin|whoever|nofile\w*|factor \d+ of|"
    r"how often equals|1 (epochs|users|items|ratings|rows|models|trainings)|one word too many)\b",
    re.IGNORECASE,
)


def section(title):
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def commands():
    """The lines of the README's shell blocks, but for those that build Palate itself."""
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if not line.startswith("scripts/"):
                yield re.split(r"  +#", line)[0].strip()


def rows_of(text):
    """The rows of its tables, as lists of cells."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def plant_data(folder):
    """A table that is known as ml-latest-small, with the titles that the README names."""
    (folder / "ml-latest-small").mkdir()
    table = folder / "ml-latest-small" / "ratings.csv"
    write_ratings(table)
    header, *rows = table.read_text().splitlines()
    begin, years = 946684800, 20 * 31556952  # from 2000 on
    for k, row in enumerate(rows):
        time = begin + k * 7919 % len(rows) * (years // len(rows))
        rows[k] = f"{row.rsplit(',', 1)[0]},{time}"
    table.write_text("\n".join([header, *rows]) + "\n")
    titles = ["Toy Story (1995)", "Heat (1995)", '"Matrix, The (1999)"']
    titles.append('"Lord of the Rings: The Fellowship of the Ring, The (2001)"')
    titles += [f"Film {n} ({1970 + n})" for n in range(len(titles) + 1, 61)]
    (folder / "ml-latest-small" / "movies.csv").write_text(
        "movieId,title,genres\n"
        + "".join(f"{n},{title},Comedy|Drama\n" for n, title in enumerate(titles, 1))
    )


class Walk:
    """What the commands show in one shell on a terminal."""

    def __init__(self, lines, columns):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "build").mkdir()
            (folder / "build" / "release").symlink_to(BINARY.parent)
            data = REAL_DATA.parent
            if not (REAL_DATA / "ratings.csv").exists():
                data = folder
                plant_data(folder)
            script = folder / "walk.sh"
            script.write_text(
                "".join(
                    f"echo '@@ {n}'\n{line}\necho \"@@ = $?\"\n" for n, line in enumerate(lines)
                )
            )
            said = on_terminal(
                str(script),
                cwd=folder,
                columns=columns,
                program="bash",
                PALATE_DATA=str(data),
            )
        self.shown = []
        self.statuses = []
        for part in re.split(r"@@ \d+\r?\n", said)[1:]:
            shown, status = part.rsplit("@@ = ", 1)
            self.shown.append(shown)
            self.statuses.append(int(status.split()[0]))


@functools.cache
def walk(columns):
    return Walk(list(commands()), columns)


class Readme(unittest.TestCase):
    def test_every_command_runs(self):
        self.assertGreater(len(list(commands())), 15)
        for columns in (80, 100):
            walked = walk(columns)
            self.assertEqual(len(walked.statuses), len(list(commands())))
            for command, shown, status in zip(
                commands(), walked.shown, walked.statuses, strict=True
            ):
                self.assertEqual(status, 0, f"{command}\n{shown}")

    def test_no_line_is_wider_than_the_terminal(self):
        for columns in (80, 100):
            for command, shown in zip(commands(), walk(columns).shown, strict=True):
                wide = [line for line in lines_of(shown) if len(line) > columns]
                self.assertEqual(wide, [], f"{command} on {columns} columns")

    def test_the_palate_that_it_begins_with_is_on_the_path(self):
        self.assertIn("export PATH=$PWD/build/release:$PATH", list(commands()))

    @unittest.skipUnless(
        (REAL_DATA / "ratings.csv").exists(), "$PALATE_DATA/ml-latest-small is missing"
    )
    def test_the_figures_of_the_notebook_are_those_that_its_command_prints(self):
        (shown,) = [
            shown
            for command, shown in zip(commands(), walk(100).shown, strict=True)
            if "notebook-adam" in command
        ]
        figures = [
            (re.search(r"`([\w-]+)`", name)[1], float(figure))
            for name, figure in (
                row for row in rows_of(section("The notebook that it began as")) if len(row) == 2
            )
            if re.fullmatch(r"[\d.]+", figure)
        ]
        self.assertEqual(len(figures), 5)
        for name, figure in figures:
            printed = re.search(rf"^(?:\033\[[\d;]*m)?{name} +([\d.]+)", shown, re.MULTILINE)
            self.assertIsNotNone(printed, f"{name} in\n{shown}")
            self.assertAlmostEqual(float(printed[1]), figure, delta=0.0006)


class Figures(unittest.TestCase):
    def test_each_has_its_command(self):
        rows = list(rows_of(section("Figures")))[1:]
        self.assertGreater(len(rows), 4)
        for *cells, command in rows:
            name = re.fullmatch(r"`scripts/bench (\w+)( [^`]*)?`", command)
            self.assertIsNotNone(name, f"{cells} has no command")
            is_there = [ROOT / "bench" / f"{name[1]}.py", ROOT / "bench" / name[1] / "run.py"]
            self.assertTrue(any(file.exists() for file in is_there), command)

    def test_each_is_in_the_documents_with_the_same_command(self):
        page = list(rows_of((ROOT / FIGURES).read_text()))
        for _, ours, others, command in list(rows_of(section("Figures")))[1:]:
            measured = " ".join(" ".join(row) for row in page if command in row)
            for number in re.findall(r"(?<![\w.])\d*\.?\d+x?(?![\w-])", f"{ours} {others}"):
                self.assertRegex(measured, rf"(?<![\d.]){re.escape(number)}(?!\d)", command)


class Words(unittest.TestCase):
    def assert_plain(self, text, where):
        for line in text.splitlines():
            self.assertNotRegex(line, RIDDLES, where)

    def test_no_riddle_is_in_the_documents(self):
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
            if page.name != "architecture.md":  # for developers
                self.assert_plain(page.read_text(), page.name)

    def test_no_riddle_is_on_the_terminal(self):
        for command, shown in zip(commands(), walk(80).shown, strict=True):
            self.assert_plain("\n".join(lines_of(shown)), command)

    def test_no_riddle_is_in_the_help(self):
        said = subprocess.run(
            [BINARY, "help", "--json"], capture_output=True, text=True, check=True
        ).stdout
        self.assert_plain(said, "palate help --json")


class Picture(unittest.TestCase):
    @unittest.skipUnless(
        (REAL_DATA / "ratings.csv").exists(), "$PALATE_DATA/ml-latest-small is missing"
    )
    def test_is_what_the_terminal_shows(self):
        picture = (ROOT / "docs/terminal.svg").read_text()
        drawn = [
            html.unescape(re.sub(r"<[^>]*>", "", line)).rstrip()
            for line in re.findall(r"<text[^\n]*</text>", picture)
        ]
        lines = [line.removeprefix("$ ") for line in drawn if line.startswith("$ ")]
        shown = Walk(["export PATH=$PWD/build/release:$PATH", *lines], 80).shown[1:]

        def without_seconds(text):
            return re.sub(r"\d+\.\d{3}$", "", text, flags=re.MULTILINE).strip("\n")

        drawn = [part.split("\n", 1)[1] for part in "\n".join(drawn).split("$ ")[1:]]
        self.assertEqual(
            [without_seconds(part) for part in drawn],
            [
                without_seconds("\n".join(line.rstrip() for line in lines_of(part)))
                for part in shown
            ],
        )


if __name__ == "__main__":
    unittest.main()
