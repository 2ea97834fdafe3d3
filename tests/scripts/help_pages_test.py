"""The man page and the completions hold every verb and flag of the help, and their readers accept
them.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
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
                rf"^    {verb}\) flags='(.*)'", self.text("palate.bash"), re.MULTILINE
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

    def test_fish_completes(self):
        done = run(
            "fish", "-c", "source palate.fish; complete -C 'palate export --fo'", cwd=self.folder
        )
        self.assertTrue(done.stdout.startswith("--format"), done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
