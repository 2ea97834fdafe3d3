"""What the binary writes: the old file or the new one, whatever happens on the way. Each promise
prints a line (docs/reliability.md).
"""

import errno
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BINARY = os.environ["PALATE_BINARY"]
SHIM = os.environ["PALATE_FAULT_SHIM"]
KILLS = int(os.environ.get("PALATE_KILLS", 100))
SEED = int(os.environ.get("PALATE_SEED", 1))
# A file that a killed process leaves behind.
PART = re.compile(r"\.palate-\d+-\d+\.part")


def palate(*arguments, shim=None, **settings):
    environment = dict(os.environ)
    if shim is not None:
        environment.update(
            LD_PRELOAD=SHIM, **{f"FAULT_{name.upper()}": str(value) for name, value in shim.items()}
        )
    return subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, env=environment, **settings
    )


def done(process):
    assert process.returncode == 0, process.stderr
    return process


def ratings(users, items):
    return "".join(
        f"{u},{i},{1 + (u * i + u) % 5}\n"
        for u in range(users)
        for i in range(items)
        if (u + i) % 3
    )


class Writer:
    """A command that writes `outputs` in a folder, which hold other contents before: old() prepares
    them, run() writes.
    """

    def __init__(self, name, folder, outputs, arguments):
        self.name, self.folder, self.outputs, self.arguments = name, folder, outputs, arguments
        self.old = {output: f"the old {output}\n".encode() for output in outputs}

    def prepare(self):
        for output, contents in self.old.items():
            (self.folder / output).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / output).write_bytes(contents)

    def contents(self):
        return {output: (self.folder / output).read_bytes() for output in self.outputs}

    def leftovers(self):
        return [str(path) for path in self.folder.rglob("*") if PART.fullmatch(path.name)]

    def renaming(self, output):
        """The number of the call that puts the output in its place, from 1."""
        return self.calls.index("rename " + output.rsplit("/")[-1]) + 1

    def run(self, **shim):
        log = self.folder.parent / "calls"
        log.unlink(missing_ok=True)
        process = palate(*self.arguments, shim=dict(folder=self.folder, log=log, **shim))
        return process, log.read_text().splitlines() if log.exists() else []


class Writes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        root = pathlib.Path(os.path.realpath(cls.temporary.name))
        cls.folder = folder = root / "folder"
        folder.mkdir()
        (folder / "ratings.csv").write_text("user,item,rating\n" + ratings(12, 10))
        (folder / "bad.csv").write_text("user,item,rating\n1,1,x\n" + ratings(12, 10))
        subprocess.run(["gzip", "-k", folder / "ratings.csv"], check=True)
        small = ["--algorithm", "als:factors=2:epochs=2", "--threads", "1", "--quiet"]
        done(palate("train", folder / "ratings.csv", *small, "-o", folder / "kept.safetensors"))
        comparison = done(
            palate(
                "compare",
                folder / "ratings.csv",
                "--algorithms",
                "als:epochs=2,mean",
                "--json",
                "--quiet",
            )
        )
        (folder / "comparison.json").write_text(comparison.stdout)
        kept = folder / "kept.safetensors"
        cls.writers = [
            Writer(
                "train",
                folder,
                ["model.safetensors"],
                ["train", folder / "ratings.csv.gz", *small, "-o", folder / "model.safetensors"],
            ),
            Writer(
                "export",
                folder,
                ["parts/ratings/user_bias.npy", "parts/ratings/item_bias.npy"],
                ["export", kept, "-o", folder / "parts"],
            ),
            Writer(
                "recommend",
                folder,
                ["lists.csv"],
                ["recommend", kept, "--all-users", "-o", folder / "lists.csv", "--threads", "1"],
            ),
            Writer(
                "report",
                folder,
                ["page.html"],
                ["report", folder / "comparison.json", "-o", folder / "page.html"],
            ),
            Writer(
                "rejects",
                folder,
                ["rejects.csv"],
                ["inspect", folder / "bad.csv", "--rejects", folder / "rejects.csv"],
            ),
        ]
        for writer in cls.writers:
            writer.prepare()
            process, writer.calls = writer.run()
            done(process)
            writer.new = writer.contents()

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def old_or_new(self, writer, where):
        for output, contents in writer.contents().items():
            self.assertIn(
                contents,
                (writer.old[output], writer.new[output]),
                f"{writer.name}: {output} after {where}",
            )

    def test_the_order_of_the_steps(self):
        for writer in self.writers:
            for output in writer.outputs:
                renamed = writer.renaming(output) - 1
                steps = [call.split()[0] for call in writer.calls[:renamed] if PART.search(call)]
                # Those of the last temporary file before the renaming.
                steps = steps[len(steps) - steps[::-1].index("open") - 1 :]
                self.assertEqual(
                    list(dict.fromkeys(steps)), ["open", "write", "fsync", "close"], writer.name
                )
                self.assertEqual(writer.calls[renamed + 1].split()[0], "fsync", "of the folder")
        print(
            f"order: write, fsync, close, rename, fsync of the folder: {len(self.writers)} writers"
        )

    def test_every_call_failing(self):
        count = 0
        for writer in self.writers:
            for at, call in enumerate(writer.calls, 1):
                kind = errno.ENOSPC if call.startswith("write") else errno.EIO
                writer.prepare()
                process, calls = writer.run(at=at, kind=kind)
                where = f"{writer.name}: call {at} of {len(writer.calls)}, {call}"
                self.assertEqual(calls[at - 1].split()[0], call.split()[0], where)
                self.assertEqual(writer.leftovers(), [], where)
                ended_well = process.returncode == 0
                for output, contents in writer.contents().items():
                    is_new = ended_well or at > writer.renaming(output)
                    expected = writer.new if is_new else writer.old
                    self.assertEqual(contents, expected[output], f"{output} after {where}")
                if process.returncode != 0 or not call.startswith("close"):
                    self.assertEqual(process.returncode, 3, f"{where}\n{process.stderr}")
                    last = process.stderr.splitlines()[-1]
                    self.assertTrue(
                        last.startswith("palate: ") and os.strerror(kind) in last,
                        f"{where}\n{process.stderr}",
                    )
                    self.assertIn(str(self.folder), last, where)
                    self.assertEqual(
                        "is written, but may not survive a power failure" in last,
                        at > 1 and writer.calls[at - 2].startswith("rename"),
                        where,
                    )
                count += 1
        print(
            f"failing calls: {count} of {count} ended in an error that names path and cause, "
            "the old file before the renaming and the new one after it, nothing left over"
        )

    def test_short_and_interrupted_writes(self):
        for writer in self.writers:
            writer.prepare()
            process, calls = writer.run(writes=100)
            done(process)
            self.assertEqual(writer.contents(), writer.new, writer.name)
            self.assertGreater(len(calls), len(writer.calls), writer.name)
            writer.prepare()
            process, _ = writer.run(writes=0)
            self.assertEqual(process.returncode, 3, f"{writer.name}\n{process.stderr}")
            self.assertEqual(writer.contents(), writer.old, writer.name)
            self.assertEqual(writer.leftovers(), [], writer.name)
        print(
            f"short and interrupted writes: {len(self.writers)} writers went on, and ended in an "
            "error where no byte was written"
        )

    def test_killed_at_every_call(self):
        count = 0
        for writer in self.writers:
            for at, call in enumerate(writer.calls, 1):
                writer.prepare()
                process, _ = writer.run(at=at, kind="kill")
                where = f"{writer.name}: killed at call {at}, {call}"
                self.assertEqual(process.returncode, -signal.SIGKILL, where)
                self.old_or_new(writer, where)
                if writer.leftovers():
                    done(writer.run()[0])
                    self.assertEqual(writer.leftovers(), [], where)
                count += 1
        print(
            f"killed at every call: {count} of {count} left the old file or the new one, and the "
            "next run nothing else"
        )

    def test_a_header_tells_a_whole_set_of_files(self):
        """An export that fails or is killed at any call, over an older one of another model."""
        writer = next(writer for writer in self.writers if writer.name == "export")
        header = "parts/header-npy.json"
        done(writer.run()[0])
        names = [
            f"parts/{name}" for name in json.loads((self.folder / header).read_text())["files"]
        ]
        whole = Writer("export", self.folder, [*names, header], writer.arguments)
        new = whole.contents()
        count = broken = 0
        for kind in ("kill", errno.EIO):
            for at, call in enumerate(writer.calls, 1):
                whole.prepare()
                whole.run(at=at, kind=kind)
                where = f"call {at}, {call}, {kind}"
                if (self.folder / header).exists():
                    self.assertIn(whole.contents(), (whole.old, new), where)
                else:
                    broken += 1
                count += 1
        done(whole.run()[0])
        self.assertEqual(whole.contents(), new)
        self.assertEqual(whole.leftovers(), [])
        self.assertGreater(broken, len(names))
        print(
            f"sets of files: of {count} exports that failed or were killed {broken} left no "
            "header, the others the old set or the new one"
        )

    def test_killed_at_random_moments(self):
        folder, model = self.folder, self.folder / "model.safetensors"
        (folder / "more.csv").write_text("user,item,rating\n" + ratings(600, 60))
        arguments = [
            "train",
            folder / "more.csv",
            "--algorithm",
            "als:factors=32:epochs=1",
            "--no-refit",
            "--threads",
            "1",
            "--quiet",
            "-o",
            model,
        ]
        shutil.copy(folder / "kept.safetensors", model)
        old = model.read_bytes()
        done(palate(*arguments))
        new = model.read_bytes()
        begin = time.perf_counter()
        done(palate(*arguments))
        seconds = time.perf_counter() - begin
        draw = random.Random(SEED)
        killed = news = 0
        for _ in range(KILLS):
            shutil.copy(folder / "kept.safetensors", model)
            process = subprocess.Popen(
                [BINARY, *map(str, arguments)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            moment = draw.uniform(0.2, 1) * seconds  # it writes at the end
            time.sleep(moment)
            process.kill()
            in_time = process.wait() == -signal.SIGKILL
            if not in_time:
                seconds = moment  # the machine was busier when the first was timed
            killed += in_time
            contents = model.read_bytes()
            self.assertIn(contents, (old, new))
            news += in_time and contents == new
            done(palate("inspect", model, "--json"))
            for path in folder.glob(".palate-*.part"):
                path.unlink()
        print(
            f"killed at random: {killed} of {KILLS} in time (seed {SEED}), "
            f"of these {news} left the new file, the others the old one, all loadable"
        )
        self.assertGreater(killed, KILLS // 4)

    def test_a_full_disk(self):
        disk = self.folder.parent / "disk"
        disk.mkdir()
        (self.folder / "many.csv").write_text("user,item,rating\n" + ratings(400, 40))
        script = """
            mount -t tmpfs -o size=64k palate "$1" || exit 99
            cp "$2" "$1/model.safetensors" &&
              "$3" train "$4" --algorithm als:epochs=1 --quiet -o "$1/model.safetensors"
            echo "status $?"
            cmp "$2" "$1/model.safetensors" && echo "the old file"
            ls -A "$1"
        """
        space = (
            ["unshare", "--mount"]
            if os.geteuid() == 0
            else ["unshare", "--mount", "--map-root-user"]
        )
        process = subprocess.run(
            [
                *space,
                "sh",
                "-c",
                script,
                "sh",
                disk,
                self.folder / "kept.safetensors",
                BINARY,
                self.folder / "many.csv",
            ],
            capture_output=True,
            text=True,
        )
        if process.returncode == 99 or "unshare" in process.stderr:
            self.skipTest(f"no file system can be mounted here: {process.stderr.strip()}")
        self.assertEqual(
            process.stdout.splitlines()[-3:],
            ["status 3", "the old file", "model.safetensors"],
            process.stdout + process.stderr,
        )
        self.assertIn(
            f"cannot write {disk}/model.safetensors: No space left on device", process.stderr
        )
        print("a full disk: the error names it, the old file stays, nothing is left over")


if __name__ == "__main__":
    unittest.main()
