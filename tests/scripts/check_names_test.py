"""scripts/check_names.py on a tree of a few files: one that keeps every rule, and one for each way
to break one.
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_names.py"

GOOD_TREE = {
    "include/palate/algorithms/als.h": (
        "#pragma once\n\n"
        "struct AlsOptions {\n"
        "  static constexpr AlgorithmTraits about{\n"
        '      .name = "als",\n      .summary = "fast"};\n'
        "  Index factors = 8;\n"
        "};\n"
        "void visit_fields(OptionsOf<AlsOptions> auto& options) {\n"
        '  visit(Field{"factors", "how many"}, options.factors);\n'
        "}\n"
        "inline constexpr std::array<PresetOf<AlsOptions>, 1> presets_of(const AlsOptions&) {\n"
        '  return {{{"classic-als",\n            "as published",\n            {.factors = 2}}}};\n'
        "}\n"
    ),
    "include/palate/algorithms/mean.h": (
        "struct MeanOptions {\n"
        '  static constexpr AlgorithmTraits about{.name = "mean", .summary = "the mean"};\n'
        "};\n"
    ),
    "include/palate/algorithms/algorithms.h": (
        "using AlgorithmOptions = std::variant<AlsOptions, MeanOptions>;  // --algorithm als\n"
    ),
    "src/train/als.cc": (
        "TrainResult train(const Dataset& data, const AlsOptions& options) {\n"
        '  fail("als: use `factors=2`, or `rows_file`");\n'
        "}\n"
    ),
    "src/data/read.cc": (
        '#include "palate/algorithms/als.h"\n\n'
        "// als, AlsOptions and --rows are for a comment to say.\n"
        "/* --rows\n   AlsOptions */\n"
        "const int rows = 1'000'000;  // 'als'\n"
        'const char* text = "the mean of the rows\\" is -- --- false or als-like";\n'
        "for (int row = rows; row > 0; --row) {}\n"
    ),
    "cli/flag_names.cc": '{"rows_file", "--rows"};\n',
}


def check(changes):
    """The lines printed for GOOD_TREE with some files replaced, and the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (GOOD_TREE | changes).items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
        assert not done.stderr, done.stderr
        return done.stdout.splitlines(), done.returncode


class CheckNames(unittest.TestCase):
    def assert_breaks(self, name, text, place, reason):
        lines, status = check({name: text})
        self.assertEqual(status, 1)
        self.assertEqual([line.split(": ")[0] for line in lines], [place])
        self.assertIn(reason, lines[0])

    def test_a_tree_that_keeps_the_rules_passes_in_silence(self):
        self.assertEqual(check({}), ([], 0))

    def test_the_library_says_no_flag(self):
        for text in ("use --rows none", "--{} tells it", "(--rows)"):
            self.assert_breaks(
                "src/data/rows.cc",
                f'#include <string>\n\nfail("it\'s bad: "\n     "{text}");\n',
                "src/data/rows.cc:4",
                "flag",
            )
        self.assert_breaks(
            "include/palate/data.h", 'R"(\n--rows)"', "include/palate/data.h:1", "flag"
        )

    def test_an_option_in_backquotes_has_a_flag(self):
        for text in ("`row_files=none`", "see `row_files`"):
            self.assert_breaks(
                "src/data/rows.cc", f'fail("{text}");\n', "src/data/rows.cc:1", "row_files"
            )

    def test_options_of_an_algorithm_are_known_to_its_own_files_and_the_table(self):
        for name in ("include/palate/evaluate.h", "src/model/rows.cc", "src/train/mean.cc"):
            self.assert_breaks(name, "//\n  AlsOptions options;\n", f"{name}:2", "AlsOptions")
        self.assert_breaks("cli/train.cc", "MeanOptions mean;\n", "cli/train.cc:1", "MeanOptions")
        self.assertEqual(check({"src/model/algorithms.cc": "AlsOptions options;\n"}), ([], 0))

    def test_names_of_algorithms_and_presets_stand_in_the_table(self):
        for text in ("als", "als,mean", "train als or sgd", "als:factors=8"):
            self.assert_breaks("cli/train.cc", f'f("{text}");\n', "cli/train.cc:1", "als")
        for text in ("classic-als", "mean"):
            self.assert_breaks("src/model/rows.cc", f'f("{text}");\n', "src/model/rows.cc:1", text)

    def test_headers_without_an_algorithm_are_no_table(self):
        headers = {name: "" for name in GOOD_TREE if name.startswith("include/palate/algorithms/")}
        lines, status = check(headers | {"src/train/als.cc": ""})
        self.assertEqual((len(lines), status), (1, 1))
        self.assertIn("no header declares an algorithm", lines[0])


if __name__ == "__main__":
    unittest.main()
