"""The man page and the completions hold every verb and flag of the help, and their readers accept
them.
"""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ["PALATE_BINARY"]


def run(*command, **settings):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, **settings)


class HelpPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        subprocess.run([ROOT / "scripts/help_pages.py", BINARY, cls.folder], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def text(self, name):
        return (self.folder / name).read_text()

    def test_every_verb_and_flag_is_there(self):
        verbs = json.loads(run(BINARY, "help", "--json").stdout)
        self.assertGreater(len(verbs), 10)
        count = 0
        for told in verbs:
            verb = told["name"]
            flags = {
                name for flag in told["flags"] for name in flag["names"] if name.startswith("--")
            }
            self.assertIn("--help", flags)
            man = re.search(
                rf"^\.SS palate {verb} .*?(?=^\.S[SH])",
                self.text("palate.1"),
                re.DOTALL | re.MULTILINE,
            )[0]
            bash = re.search(
                rf"^    {verb}\) flags='([^']*)'", self.text("palate.bash"), re.MULTILINE
            )[1].split()
            zsh = re.search(
                rf"^    {verb}\) _arguments (.*) ;;", self.text("_palate"), re.MULTILINE
            )[1]
            for flag in flags:
                self.assertIn(flag.replace("-", "\\-"), man)
                self.assertIn(flag, bash)
                self.assertIn(f"'{flag}[", zsh)
                self.assertRegex(self.text("palate.fish"), rf"from {verb}'.* -l {flag[2:]} ")
                count += 1
        self.assertGreater(count, 100)

    def test_their_readers_accept_them(self):
        for command in (
            ["mandoc", "-T", "lint", "-W", "warning", "palate.1"],
            ["bash", "-n", "palate.bash"],
            ["zsh", "-n", "_palate"],
            ["fish", "-n", "palate.fish"],
        ):
            self.assertIsNotNone(
                shutil.which(command[0]), f"{command[0]} is not here: scripts/setup installs it"
            )
            done = run(*command, cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), command)

    def completed(self, *words):
        script = (
            f"source palate.bash; COMP_WORDS=(palate {' '.join(map(repr, words))}); "
            f"COMP_CWORD={len(words)}; _palate; echo ${{COMPREPLY[@]}}"
        )
        return run("bash", "-c", script, cwd=self.folder).stdout.split()

    def test_bash_completes(self):
        self.assertEqual(self.completed("re"), ["recommend", "report"])
        self.assertEqual(
            self.completed("train", "--no-"), ["--no-refit", "--no-history", "--no-clip"]
        )
        self.assertEqual(self.completed("compare", "--split", "per"), ["per-user"])
        self.assertEqual(self.completed("inspect", "palate.f"), ["palate.fish"])
        self.assertEqual(self.completed("train", "--algorithm", "ea"), ["ease"])
        self.assertEqual(self.completed("fetch", "ml-10"), ["ml-100k", "ml-10m"])
        self.assertEqual(self.completed("help", "tr"), ["train"])
        self.assertEqual(self.completed("he"), ["help"])
        self.assertEqual(self.completed("fetch", "--to", "palate.f"), ["palate.fish"])
        self.assertEqual(self.completed("train", "--epochs", "palate.f"), [])
        # Of each verb its own.
        self.assertEqual(self.completed("export", "--format", ""), ["npy", "csv"])
        self.assertEqual(self.completed("recommend", "--format", ""), ["csv", "json", "jsonl"])

    def test_fish_completes(self):
        for typed, completed in (
            ("palate export --fo", ["--format"]),
            ("palate export --format ", ["csv", "npy"]),
            ("palate compare --split per", ["per-user"]),
            ("palate tune --algorithm ea", ["ease"]),
            ("palate fetch ml-10", ["ml-100k", "ml-10m"]),
            ("palate help tra", ["train"]),
            ("palate train --epochs palate.f", []),
            ("palate inspect palate.f", ["palate.fish"]),
        ):
            done = run("fish", "-c", f"source palate.fish; complete -C '{typed}'", cwd=self.folder)
            words = [line.split("\t")[0] for line in done.stdout.splitlines()]
            self.assertEqual(sorted(words), completed, typed + done.stderr)

    def test_zsh_completes(self):
        """As it is typed: zsh's own completion runs in its line editor alone."""
        shell, terminal = pty.fork()
        if shell == 0:
            os.chdir(self.folder)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        os.set_blocking(terminal, False)

        def typed(keys, awaited):
            os.write(terminal, keys.encode())
            shown, give_up = "", time.monotonic() + 60
            while awaited not in shown:
                self.assertLess(time.monotonic(), give_up, shown)
                if select.select([terminal], [], [], 1)[0]:
                    shown += os.read(terminal, 65536).decode()

        typed(
            "fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; "
            'complete() { zle complete-word; print -r "<$BUFFER>"; zle kill-whole-line }; '
            "zle -N complete; bindkey '^T' complete; echo REA''DY\n",
            "READY",
        )
        for begun, completed in (
            ("palate compare --split per", "-user"),
            ("palate export --format n", "py"),
            ("palate tune --algorithm ea", "se"),
            ("palate train --no-ref", "it"),
            ("palate fetch ml-32", "m"),
            ("palate inspect palate.f", "ish"),
            ("palate train --epochs palate.f", None),
        ):
            typed(begun + "\x14", f"<{begun}{completed} >" if completed else f"<{begun}>")
        os.close(terminal)  # which ends it
        os.waitpid(shell, 0)


if __name__ == "__main__":
    unittest.main()
