"""scripts/bench in a copy of the project that has stubs for what it installs and builds: no peers
and no network.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Says how it was called, in the file that the test reads.
STUB = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'
PLANTED_DATA = {"checkins", "synthetic"}
BY_ANOTHER_NAME = {"reading/run": "reading", "reading/rejects": "rejects"}


def names_of_scripts():
    names = {path.stem for path in (ROOT / "bench").glob("*.py")}
    nested = {f"reading/{path.stem}" for path in (ROOT / "bench/reading").glob("*.py")}
    return names | {BY_ANOTHER_NAME[name] for name in nested}


class Bench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "palate"
        self.calls = Path(folder.name) / "calls"
        shutil.copytree(ROOT / "bench", self.root / "bench")
        (self.root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts/bench", self.root / "scripts")
        self.stub("scripts/setup")
        # What scripts/test_data does, without a network: links in build/data.
        self.stub(
            "scripts/test_data",
            "#!/bin/sh\nmkdir -p build/data\nfind build/data -type l -delete\n"
            'for set in "${PALATE_DATA:-.}"/ml-* "$HOME"/.cache/palate/*; do\n'
            '  [ ! -d "$set" ] || ln -sfn "$set" build/data/\n'
            "done\n"
            'echo "$PWD/build/data"\n',
        )
        self.stub("bin/cmake")
        self.stub("build/peers/bin/pip")
        (self.root / "build/peers/bin/python3").symlink_to(sys.executable)
        self.environment = {
            "PALATE_DATA": "",
            "PATH": f"{self.root}/bin{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.root / "home"),
            "CALLS": str(self.calls),
        }

    def stub(self, name, text=STUB):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def add_ratings(self, file):
        path = self.root / file
        path.parent.mkdir(parents=True)
        path.write_text("userId,movieId,rating\n1,2,3\n")
        return str(path.parent.parent)

    def measure_nothing_but_print_where_data_are(self):
        (self.root / "bench/list_accuracy.py").write_text(
            '"""Takes --sets."""\nimport os, pathlib, sys\n'
            "for link in sorted(pathlib.Path(os.environ['PALATE_DATA']).iterdir()):\n"
            "    print(link.resolve().relative_to(os.getcwd()))\n"
            "sys.exit(7)\n"
        )

    def bench(self, *arguments, **environment):
        done = subprocess.run(
            [self.root / "scripts/bench", *arguments],
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )
        self.assertNotIn("Traceback", done.stderr)
        return done

    def called(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def test_it_lists_every_script_with_its_first_line(self):
        done = self.bench()
        self.assertEqual(done.returncode, 0)
        listed = dict(re.findall(r"^  (\w+) +(\S.*)$", done.stdout, re.MULTILINE))
        self.assertEqual(set(listed), names_of_scripts())
        for name, line in listed.items():
            self.assertRegex(line, r"^\S.*\.$", name)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80)
        self.assertEqual(self.called(), [])

    def test_the_docstrings_show_the_command(self):
        for path in [*(ROOT / "bench").glob("*.py"), *(ROOT / "bench/reading").glob("*.py")]:
            name = path.relative_to(ROOT / "bench").with_suffix("").as_posix()
            name = BY_ANOTHER_NAME.get(name, name)
            help_text = self.bench(name, "--help").stdout
            self.assertIn(f"Usage: scripts/bench {name} ", help_text)
            self.assertEqual(ast.get_docstring(ast.parse(path.read_text())), help_text.rstrip("\n"))
        self.assertEqual(self.called(), [])

    def test_a_misspelt_name_gets_the_nearest(self):
        done = self.bench("als_sped")
        self.assertEqual(done.returncode, 64)
        self.assertIn("did you mean als_speed?", done.stderr)
        self.assertIn("lists them", self.bench("zebra").stderr)

    def test_missing_data_are_said_before_anything_is_installed(self):
        folder = self.add_ratings("data/ml-latest-small/ratings.csv")
        done = self.bench("accuracy", PALATE_DATA=folder)
        self.assertEqual(done.returncode, 3)
        self.assertIn("accuracy needs the data set ml-100k", done.stderr)
        for way in (
            "palate fetch ml-100k",
            "PALATE_DATA=FOLDER",
            "--sets ml-latest-small",
        ):
            self.assertIn(way, done.stderr)
        self.assertIn("scripts/demo", self.bench("notebook_speed").stderr)
        self.assertEqual(self.called(), [])

    def test_it_installs_and_builds_what_the_benchmark_needs(self):
        (self.root / "bench/als_speed.py").write_text("import sys\nprint(sys.argv[1:])\n")
        done = self.bench("als_speed", "--rounds", "1")
        self.assertEqual(done.stdout, "['--rounds', '1']\n")
        pip, setup, configure, build = self.called()
        self.assertRegex(
            pip, "^pip install .*--constraint bench/peers/requirements.txt implicit irspack pandas$"
        )
        self.assertEqual(setup, "setup build")
        self.assertEqual(configure, "cmake --preset release -DPALATE_BENCH=ON")
        self.assertEqual(build, "cmake --build --preset release --target bench_epochs bench_cores")

    def test_torch_comes_from_the_distribution(self):
        self.add_ratings("build/data/ml-latest-small/ratings.csv")
        (self.root / "bench/notebook_speed.py").write_text("")
        self.assertEqual(self.bench("notebook_speed").returncode, 0)
        self.assertEqual(self.called()[0], "setup torch")
        self.assertNotIn("pip", " ".join(self.called()))

    def test_data_are_found_where_each_way_puts_them(self):
        self.measure_nothing_but_print_where_data_are()
        own = self.add_ratings("own/ml-100k/u.data")
        self.add_ratings("home/.cache/palate/ml-latest-small-2016/ratings.csv")
        done = self.bench("list_accuracy", PALATE_DATA=own)
        self.assertEqual(done.returncode, 7)  # the script's own status
        self.assertIn("release of 2016", done.stderr)
        self.assertEqual(
            done.stdout.split(), ["own/ml-100k", "home/.cache/palate/ml-latest-small-2016"]
        )

    def test_sets_that_are_not_asked_for_are_not_missed(self):
        self.measure_nothing_but_print_where_data_are()
        self.add_ratings("build/data/ml-100k/ml-100k.inter")
        done = self.bench("list_accuracy", "--sets", "ml-100k")
        self.assertEqual(done.stdout.split(), ["build/data/ml-100k"])
        self.assertEqual(self.bench("list_accuracy", "--sets=ml-latest-small").returncode, 3)

    def test_a_step_that_fails_shows_what_it_said(self):
        self.stub("bin/cmake", "#!/bin/sh\necho no compiler here\nexit 1\n")
        done = self.bench("rejects")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no compiler here", done.stderr)
        self.assertIn("failed: cmake", done.stderr)

    def test_peers_have_a_version(self):
        text = (ROOT / "scripts/bench").read_text()
        pinned = re.findall(
            r"^([\w-]+)==", (ROOT / "bench/peers/requirements.txt").read_text(), re.MULTILINE
        )
        for names in re.findall(
            r'"((?:cornac |implicit |irspack |libmf |numpy |pandas ?)+)"', text
        ):
            for name in names.split():
                self.assertIn(name, pinned)


class Figures(unittest.TestCase):
    def test_every_row_names_a_command_that_there_is(self):
        for page in ("README.md", "docs/accuracy_and_benchmarks.md"):
            text = (ROOT / page).read_text()
            table = re.search(
                r"^\| what \|.*?\| command \|\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE
            )
            rows = table[1].splitlines()[1:]
            self.assertGreater(len(rows), 5)
            for row in rows:
                command = re.search(r"`scripts/bench (\w+)([^`]*)` \|$", row)
                self.assertTrue(command, row)
                self.assertIn(command[1], names_of_scripts() - PLANTED_DATA, row)
            for name in re.findall(r"`scripts/bench (\w+)", text):
                self.assertIn(name, names_of_scripts() | {"NAME"})
            self.assertNotRegex(text, r"`bench/\w+(/\w+)?\.py")


if __name__ == "__main__":
    unittest.main()
