"""What a verb writes: nothing that is read or written already is overwritten, what cannot be
written is found before the work, and where nothing can be told the work is not lost.
"""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import unittest
import zipfile

from cli_test import PALATE, palate
from situations import Situation, lines, ratings

FAST = ["-t", "1", "--algorithm", "als:factors=2:epochs=2"]
FEW = ["-t", "1", "--algorithms", "als:factors=2:epochs=2,mean"]
LISTS = ["recommend", "model.csv", "--all-users", "-t", "1"]


class Outputs(Situation):
    """A folder with tables, lists, options, a comparison and a model; made once, copied for each
    test.
    """

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.made = os.path.join(folder.name, "made")
        os.mkdir(cls.made)

        def write(name, text):
            with open(os.path.join(cls.made, name), "w") as file:
                file.write(text)

        rows = ratings()
        table = lines(rows, ("user", "item", "rating"))
        for name in ("ratings.csv", "test.csv", "part-1.csv", "part-2.csv"):
            write(name, table)
        write("bad.csv", table + "1,1,x\n")
        titles = lines([(item, f"the film {item}") for item in range(1, 21)], ("item", "title"))
        for name in ("movies.csv", "titles.csv"):
            write(name, titles)
        write("ids.csv", "item\n1\n2\n")
        write("flags.json", '{"seed": 1}')
        with zipfile.ZipFile(os.path.join(cls.made, "ml.zip"), "w") as archive:
            archive.writestr("ml/ratings.csv", table)
        palate("train", "ratings.csv", *FAST, "-o", "model.csv", cwd=cls.made)
        write(
            "comparison.json", palate("compare", "ratings.csv", *FEW, "--json", cwd=cls.made).stdout
        )

    def setUp(self):
        super().setUp()
        shutil.copytree(self.made, self.folder, dirs_exist_ok=True)

    def contents(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


class WhatIsReadIsNotWritten(Outputs):
    # A command, in which {} is what is written, the flag of that, what is read, and its name.
    CASES = (
        ("train ratings.csv -o {}", "--output", "ratings.csv", "FILE"),
        ("train ratings.csv -o {}", "--output", "movies.csv", "the titles in"),
        ("train ratings.csv --items titles.csv -o {}", "--output", "titles.csv", "--items"),
        ("train ratings.csv --test test.csv -o {}", "--output", "test.csv", "--test"),
        ("train ratings.csv --options flags.json -o {}", "--output", "flags.json", "--options"),
        ("train ratings.csv --options=flags.json -o {}", "--output", "flags.json", "--options"),
        ("train part-*.csv -o {}", "--output", "part-2.csv", "FILE"),
        ("train ratings.csv test.csv -o {}", "--output", "test.csv", "FILE"),
        ("train ml.zip:ml/ratings.csv -o {}", "--output", "ml.zip", "FILE"),
        ("train ml.zip -o {}", "--output", "ml.zip", "FILE"),
        ("train ratings.csv --rejects {}", "--rejects", "ratings.csv", "FILE"),
        ("train ratings.csv --rejects {}", "--rejects", "movies.csv", "the titles in"),
        ("train ratings.csv --init model.csv --rejects {}", "--rejects", "model.csv", "--init"),
        ("compare ratings.csv --rejects {}", "--rejects", "ratings.csv", "FILE"),
        ("compare ratings.csv --test test.csv --rejects {}", "--rejects", "test.csv", "--test"),
        ("inspect ratings.csv --rejects {}", "--rejects", "ratings.csv", "FILE"),
        ("evaluate model.csv test.csv --rejects {}", "--rejects", "test.csv", "TEST"),
        ("evaluate model.csv test.csv --rejects {}", "--rejects", "model.csv", "MODEL"),
        ("evaluate model.csv test.csv --rejects {}", "--rejects", "movies.csv", "the titles in"),
        ("report ratings.csv -o {}", "--output", "ratings.csv", "FILE"),
        ("report ratings.csv --test test.csv -o {}", "--output", "test.csv", "--test"),
        ("report comparison.json -o {}", "--output", "comparison.json", "FILE"),
        ("recommend model.csv --all-users -o {}", "--output", "model.csv", "MODEL"),
        ("recommend model.csv --all-users --items ids.csv -o {}", "--output", "ids.csv", "--items"),
        ("recommend model.csv --all-users --deny ids.csv -o {}", "--output", "ids.csv", "--deny"),
    )

    def names_of(self, name):
        """The same file by its name, by other paths, and by links."""
        os.mkdir(self.path("below"))
        os.symlink(name, self.path("link.csv"))
        os.symlink("link.csv", self.path("link-to-link.csv"))
        os.link(self.path(name), self.path("hard.csv"))
        return (
            name,
            "./" + name,
            "below/../" + name,
            self.path(name),
            "link.csv",
            "link-to-link.csv",
            "hard.csv",
        )

    def forget_names(self):
        for name in ("link.csv", "link-to-link.csv", "hard.csv"):
            os.unlink(self.path(name))
        os.rmdir(self.path("below"))

    def test_by_whatever_name_or_link(self):
        for command, flag, name, other in self.CASES:
            before = self.contents(name)
            for written in self.names_of(name):
                with self.subTest(command, written=written):
                    words = [word.format(written) for word in command.split()]
                    said = self.assert_refused(
                        *words, says=(f"{flag} {written} and {other} ", name)
                    )
                    self.assertEqual(len(said.splitlines()), 1, "before anything is read")
                    self.assertEqual(self.contents(name), before)
            self.forget_names()

    def test_a_data_set_by_its_name(self):
        os.mkdir(self.path("tiny"))
        shutil.copy(self.path("ratings.csv"), self.path("tiny/ratings.csv"))
        environment = {**os.environ, "PALATE_DATA": self.folder}
        done = self.palate("train", "tiny", "-o", "tiny/ratings.csv", status=2, env=environment)
        self.assertIn("--output tiny/ratings.csv and FILE ", done.stderr)

    def test_the_files_of_an_export(self):
        self.assert_refused("export", "model.csv", "-o", "./model.csv", says=("--output", "MODEL"))
        for form, name in (("npy", "item_titles.npy"), ("csv", "users.csv")):
            os.mkdir(self.path(form))
            shutil.copy(self.path("model.csv"), self.path(f"{form}/{name}"))
            before = self.contents(f"{form}/{name}")
            for folder in (form, f"./{form}/"):
                self.assert_refused(
                    "export",
                    f"{form}/{name}",
                    "--format",
                    form,
                    "-o",
                    folder,
                    says=("--output", "MODEL"),
                )
            self.assertEqual(self.contents(f"{form}/{name}"), before)
            self.palate("export", "model.csv", "--format", form, "-o", form)

    def test_the_page_and_the_model_of_the_demo(self):
        for name in ("report.html", "model.safetensors"):
            shutil.copy(self.path("ratings.csv"), self.path(name))
            self.assert_refused("demo", name, says=("--to", "FILE", name))
            self.assertEqual(self.contents(name), self.contents("ratings.csv"))

    def test_the_archive_of_a_fetch(self):
        self.write("ml-1m.zip.part", "certificates")
        self.assert_refused(
            "fetch", "ml-1m", "--to", ".", "--ca-file", "ml-1m.zip.part", says=("--to", "--ca-file")
        )
        self.assertEqual(self.contents("ml-1m.zip.part"), b"certificates")

    def test_two_outputs_are_two_files(self):
        os.symlink("new", self.path("dangling"))
        os.symlink("dangling", self.path("far"))
        self.write("old", "old")
        os.link(self.path("old"), self.path("hard"))
        for output, rejects in (
            ("new", "./new"),
            ("new", "dangling"),
            ("far", "new"),
            ("dangling", "far"),
            ("old", "hard"),
        ):
            for verb, words in (("train", FAST), ("report", FEW)):
                self.assert_refused(
                    verb,
                    "bad.csv",
                    *words,
                    "-o",
                    output,
                    "--rejects",
                    rejects,
                    says=(f"--rejects {rejects}", f"--output {output}"),
                )
        self.assertFalse(os.path.exists(self.path("new")))

    def test_standard_input_may_be_a_file(self):
        before = self.contents("ratings.csv")
        for name in ("-", "/dev/stdin"):
            for words in (["-o", "ratings.csv"], ["--rejects", "./ratings.csv"]):
                with open(self.path("ratings.csv")) as file:
                    self.palate("train", name, *FAST, *words, status=2, stdin=file)
                self.assertEqual(self.contents("ratings.csv"), before)
        with open(self.path("ratings.csv")) as file:
            self.palate("train", "-", *FAST, "-o", "other", stdin=file)

    def test_a_member_of_a_zip_is_not_hidden_by_a_file_of_its_name(self):
        member = "ml.zip:ratings.csv"
        self.assert_refused("train", member, "-o", member, says=("--output", "FILE"))
        self.assertFalse(os.path.exists(self.path(member)))

    def test_a_refusal_is_not_written_into_what_is_read(self):
        before = self.contents("model.csv")
        with open(self.path("model.csv"), "ab") as file:
            done = subprocess.run(
                [PALATE, "predict", "model.csv", "--user", "1", "--item", "2"],
                check=False,
                stdout=subprocess.PIPE,
                stderr=file,
                cwd=self.folder,
            )
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertEqual(self.contents("model.csv"), before)

    def test_standard_output_may_be_a_file(self):
        def appending(name, *words):
            before = self.contents(name)
            with open(self.path(name), "ab") as file:
                done = subprocess.run(
                    [PALATE, *words],
                    check=False,
                    stdout=file,
                    stderr=subprocess.PIPE,
                    text=True,
                    cwd=self.folder,
                )
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("standard output and ", done.stderr)
            self.assertEqual(self.contents(name), before, words)

        for verb in ("compare", "inspect"):
            appending("ratings.csv", verb, "ratings.csv", "--json")
        for words in (
            ["similar"],
            ["explain", "--user", "1"],
            ["predict", "--user", "1"],
            ["recommend", "--user", "1"],
        ):
            appending("model.csv", words[0], "model.csv", *words[1:], "--item", "2")
        appending("model.csv", "export", "model.csv")
        self.write("other", "other")
        appending("other", "train", "ratings.csv", *FAST, "-o", "other")
        # One file for both is usual.
        with open(self.path("log"), "wb") as file:
            subprocess.run(
                [PALATE, "train", "ratings.csv", *FAST, "-o", "new"],
                check=True,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )

    def test_going_on_with_a_model_is_meant(self):
        for output in ("model.csv", "./model.csv"):
            before = self.contents("model.csv")
            self.palate("train", "ratings.csv", *FAST, "--init", "model.csv", "-o", output)
            self.assertNotEqual(self.contents("model.csv"), before)

    def test_an_output_of_before_is_replaced(self):
        for _ in range(2):
            self.palate("train", "bad.csv", *FAST, "-o", "m", "--rejects", "r")
            self.palate("report", "bad.csv", *FEW, "-o", "page.html", "--rejects", "r")
            self.palate(*LISTS, "-o", "lists.csv")
            self.palate("export", "model.csv", "-o", "parts")


class WhatCannotBeWritten(Outputs):
    # {} is what is written.
    COMMANDS = (
        "train ratings.csv -o {}",
        "train ratings.csv --rejects {}",
        "compare ratings.csv --rejects {}",
        "inspect ratings.csv --rejects {}",
        "evaluate model.csv ratings.csv --rejects {}",
        "report ratings.csv -o {}",
        "report comparison.json -o {}",
        "recommend model.csv --all-users -o {}",
    )

    def assert_found_early(self, command, written, **settings):
        """One line, before anything was read."""
        words = [word.format(written) for word in command.split()]
        # What is read first is not there: the other error comes first.
        words[1] = words[1].replace("ratings", "missing").replace("model", "missing")
        said = self.palate(*words, status=3, **settings).stderr
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertIn("cannot write ", said)
        self.assertNotIn("missing.csv", said)

    def test_is_found_before_the_work(self):
        os.mkdir(self.path("folder.csv"))
        for command in self.COMMANDS:
            for written in (
                "no/folder.csv",
                "folder.csv",
                "ratings.csv/x.csv",
                "x" * 300 + ".csv",
                "/proc/no/x.csv",
                "/dev/null/x.csv",
            ):
                with self.subTest(command, written=written):
                    self.assert_found_early(command, written)
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith(".")], [])

    def test_a_folder_that_cannot_be_made_or_written(self):
        os.makedirs(self.path("parts/users.npy"))
        for written in ("ratings.csv", "ratings.csv/x", "x" * 300, "/proc/no/x", "parts"):
            self.assert_found_early("export model.csv -o {}", written)
        # What a damaged model leaves: nothing.
        self.write("damaged", "no model")
        self.palate("export", "damaged", "-o", "new/folder", status=4)
        self.assertFalse(os.path.exists(self.path("new")))
        self.palate("export", "model.csv", "-o", "new/folder")
        self.assertIn("users.npy", os.listdir(self.path("new/folder")))
        self.assert_found_early("demo ratings.csv --to {}", "no/folder")

    @unittest.skipUnless(os.geteuid() == 0, "only root becomes somebody else")
    def test_a_folder_of_somebody_else(self):
        os.chmod(self.folder, 0o755)
        nobody = {"user": 65534, "group": 65534, "extra_groups": []}
        if subprocess.run(["test", "-x", PALATE], check=False, **nobody).returncode != 0:
            self.skipTest(f"others cannot run {PALATE}")
        for command in self.COMMANDS:
            self.assert_found_early(command, "new.csv", **nobody)
        self.assert_found_early("export model.csv -o {}", "parts", **nobody)
        # Everybody may write into this one, but not in place of what others have there.
        os.mkdir(self.path("sticky"))
        os.chmod(self.path("sticky"), 0o1777)
        self.write("sticky/m.csv", "of root")
        for command in self.COMMANDS:
            self.assert_found_early(command, "sticky/m.csv", **nobody)
        self.palate("train", "ratings.csv", *FAST, "-o", "sticky/new.csv", **nobody)

    def test_a_file_that_is_a_mount(self):
        """As containers are given single files."""
        self.write("mount.csv", "old")
        script = 'mount --bind titles.csv mount.csv || exit 99; exec "$@"'
        unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        for command in self.COMMANDS:
            words = [word.format("mount.csv") for word in command.split()]
            done = subprocess.run(
                [*unshare, "sh", "-c", script, "sh", PALATE, *words],
                check=False,
                cwd=self.folder,
                text=True,
                capture_output=True,
            )
            if done.returncode == 99 or "unshare" in done.stderr:
                self.skipTest(f"nothing can be mounted here: {done.stderr.strip()}")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn("mount.csv: Device or resource busy", done.stderr)


def closed(stream):
    return {"preexec_fn": lambda: os.close(stream)}


def full(stream):
    def redirect():
        os.dup2(os.open("/dev/full", os.O_WRONLY), stream)

    return {"preexec_fn": redirect}


def broken_pipe(stream, action=signal.SIG_IGN):
    """A pipe that nobody reads."""

    def redirect():
        reader, writer = os.pipe()
        os.dup2(writer, stream)
        os.close(reader)
        signal.signal(signal.SIGPIPE, action)

    return {"preexec_fn": redirect}


def gone_reader(stream):
    """What `| head` leaves."""
    return broken_pipe(stream, signal.SIG_DFL)


STATES = (closed, full, broken_pipe, gone_reader)
STDOUT, STDERR = 1, 2


class WhatCannotBeTold(Outputs):
    # Commands, and what they write.
    WRITERS = (
        (["train", "ratings.csv", *FAST, "-o", "m"], ["m"]),
        (["train", "bad.csv", *FAST, "-o", "m", "--rejects", "r", "--json"], ["m", "r"]),
        (["report", "ratings.csv", *FEW, "-o", "page.html"], ["page.html"]),
        ([*LISTS, "--deny", "ids.csv", "-o", "lists.csv"], ["lists.csv"]),
        (
            ["export", "model.csv", "-o", "parts"],
            ["parts/users.npy", "parts/ratings/item_factors.npy"],
        ),
        (["inspect", "bad.csv", "--rejects", "r"], ["r"]),
        (["compare", "bad.csv", *FEW, "--rejects", "r"], ["r"]),
        (["demo", "ratings.csv", "--to", "."], ["report.html", "model.safetensors"]),
    )
    PRINTERS = (
        ["--version"],
        ["--help"],
        ["train", "--help"],
        ["inspect", "ratings.csv", "-q"],
        ["inspect", "model.safetensors", "--json"],
        ["compare", "ratings.csv", *FEW, "-q"],
        ["evaluate", "model.csv", "test.csv", "-q"],
        ["predict", "model.csv", "test.csv", "-q"],
        ["predict", "model.csv", "--user", "1", "--item", "2"],
        [*LISTS, "-q"],
        [*LISTS, "-q", "--json"],
        ["recommend", "model.csv", "--user", "1", "-q", "--json"],
        ["similar", "model.csv", "--item", "2", "-q"],
        ["explain", "model.csv", "--user", "1", "--item", "2"],
    )

    def setUp(self):
        super().setUp()
        shutil.copy(self.path("model.csv"), self.path("model.safetensors"))

    def run_with(self, words, **settings):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.run(
            [PALATE, *words],
            check=False,
            cwd=self.folder,
            text=True,
            timeout=120,
            **(pipes | settings),
        )

    def forget(self, outputs):
        for output in outputs:
            if os.path.exists(self.path(output)):
                os.unlink(self.path(output))

    def test_what_is_saved_is_there_where_the_streams_are_not(self):
        for words, outputs in self.WRITERS:
            self.forget(outputs)
            done = self.run_with(words)
            self.assertEqual(done.returncode, 0)
            has_notes = done.stderr != ""
            whole = {output: self.contents(output) for output in outputs}
            for state in STATES:
                for stream in (STDOUT, STDERR):
                    with self.subTest(" ".join(words), state=state.__name__, stream=stream):
                        self.forget(outputs)
                        done = self.run_with(words, **state(stream))
                        tells = stream == STDOUT or has_notes
                        self.assertEqual(done.returncode, 3 if tells else 0)
                        for output in outputs:
                            if output.endswith(".html"):  # it says how long training took
                                self.assertIn(b"</html>", self.contents(output))
                            else:
                                self.assertEqual(self.contents(output), whole[output])
                        if stream == STDERR:
                            self.assertNotEqual(done.stdout, "")
                        else:
                            told = "palate: standard output: " in done.stderr
                            self.assertEqual(told, state is not gone_reader)

    def test_what_is_printed_alone(self):
        for words in self.PRINTERS:
            for state in STATES:
                with self.subTest(" ".join(words), state=state.__name__):
                    done = self.run_with(words, **state(STDOUT))
                    self.assertEqual(done.returncode, 3)
                    told = [] if state is gone_reader else ["palate: standard output: "]
                    said = done.stderr.splitlines()
                    self.assertEqual([line[:25] for line in said], told)
                    self.assertEqual(self.run_with(words, **state(STDERR)).returncode, 0)

    def test_quiet_needs_no_standard_error(self):
        for state in STATES:
            done = self.run_with(["train", "ratings.csv", *FAST, "-q"], **state(STDERR))
            self.assertEqual(done.returncode, 0)

    def test_an_error_has_its_status_where_it_cannot_be_told(self):
        for state in STATES:
            for words, status in (
                (["train", "missing.csv"], 3),
                (["train", "ids.csv"], 2),
                (["inspect", "x.safetensors"], 3),
                (["similar"], 64),
            ):
                self.assertEqual(self.run_with(words, **state(STDERR)).returncode, status, words)

    def test_no_file_is_opened_in_the_place_of_a_stream(self):
        words = ["train", "ratings.csv", *FAST]
        self.assertEqual(self.run_with([*words, "-o", "whole"]).returncode, 0)
        for streams in ((0,), (0, 1), (0, 1, 2), (1, 2), (0, 2)):

            def close(streams=streams):
                for stream in streams:
                    os.close(stream)

            self.forget(["m"])
            done = self.run_with([*words, "-o", "m"], preexec_fn=close)
            self.assertEqual(done.returncode, 0 if streams == (0,) else 3)
            self.assertEqual(self.contents("m"), self.contents("whole"))
        done = self.run_with(["train", "-", *FAST], **closed(0))
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot read standard input: Bad file descriptor", done.stderr)

    def test_a_file_of_limited_size_for_all_that_is_told(self):
        """The first lines have room, the others do not."""

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

        for stream in ("stdout", "stderr"):
            with open(self.path("log"), "wb") as file:
                file.write(b"x" * ((1 << 20) - 20))
                file.flush()
                done = self.run_with(
                    ["train", "ratings.csv", *FAST, "-o", "m"], preexec_fn=limit, **{stream: file}
                )
            self.assertEqual(done.returncode, 3)
            self.palate("similar", "m", "--item", "2")

    def test_a_terminal_that_has_gone(self):
        """Progress is drawn on a terminal."""
        master, slave = os.openpty()
        os.close(master)
        done = self.run_with(["train", "ratings.csv", *FAST, "-o", "m"], stderr=slave)
        os.close(slave)
        self.assertEqual(done.returncode, 3)
        self.palate("similar", "m", "--item", "2")

    def test_a_list_without_a_reader_ends_soon(self):
        """`recommend --all-users | head -1`: what is left is not made."""
        read = subprocess.run(
            f'"{PALATE}" recommend model.csv --all-users -q -t 1 | head -1',
            shell=True,
            cwd=self.folder,
            text=True,
            capture_output=True,
            check=True,
        )
        self.assertEqual(read.stdout, "user,rank,item,score,title\n")
        self.assertEqual(read.stderr, "")


if __name__ == "__main__":
    unittest.main()
