"""scripts/check_layers.py on a tree of a few files: one that keeps every rule, and one for each way
to break one.
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_layers.py"

GOOD_TREE = {
    "include/palate/base/index.h": "// Positions. Layer: base.\n#include <cstdint>\n",
    "include/palate/data/read.h": (
        '// Reading. Layer: data.\n#include <vector>\n#include "palate/base/index.h"\n'
    ),
    "include/palate/algorithms/train.h": (
        '// Training. Layer: train.\n#include "palate/data/read.h"\n'
    ),
    "src/base/text.h": '// Text.\n#include "palate/base/index.h"\n',
    "src/kernels/dot.cc": '#include <hwy/highway.h>\n#include "base/text.h"\n',
    "src/data/read.cc": (
        '#include "palate/data/read.h"\n#include <archive.h>\n'
        '#include "base/text.h"\n#include "data/cells.h"\n'
    ),
    "src/data/cells.h": "// Cells.\n",
    "src/train/als.cc": '#include "palate/algorithms/train.h"\n#include "data/cells.h"\n',
    "cli/main.cc": (
        '#include "palate/algorithms/train.h"\n#include "flags.h"\n'
        '#include "cli/flags.h"\n#include <CLI/CLI.hpp>\n'
    ),
    "cli/flags.h": "// Flags.\n",
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


class CheckLayers(unittest.TestCase):
    def assert_breaks(self, name, text, place):
        lines, status = check({name: text})
        self.assertEqual(status, 1)
        self.assertEqual([line.split(": ")[0] for line in lines], [place])

    def test_a_tree_that_keeps_the_rules_passes_in_silence(self):
        self.assertEqual(check({}), ([], 0))

    def test_a_source_must_not_include_a_later_layer(self):
        self.assert_breaks(
            "src/base/text.cc",
            '#include "base/text.h"\n\n#include "data/cells.h"\n',
            "src/base/text.cc:3",
        )

    def test_a_source_must_not_include_a_public_header_of_a_later_layer(self):
        self.assert_breaks(
            "src/data/read.cc",
            '#include "palate/data/read.h"\n#include "palate/algorithms/train.h"\n',
            "src/data/read.cc:2",
        )

    def test_a_public_header_must_not_include_a_later_layer(self):
        self.assert_breaks(
            "include/palate/base/index.h",
            '// Positions. Layer: base.\n#include "palate/data/read.h"\n',
            "include/palate/base/index.h:2",
        )

    def test_a_public_header_must_state_its_layer(self):
        self.assert_breaks("include/palate/base/odd.h", "// Odd.\n", "include/palate/base/odd.h:1")

    def test_a_public_header_must_state_a_layer_that_exists(self):
        self.assert_breaks(
            "include/palate/base/odd.h", "// Odd. Layer: attic.\n", "include/palate/base/odd.h:1"
        )

    def test_a_public_header_must_not_include_a_heavy_header(self):
        for heavy in [
            "nlohmann/json.hpp",
            "CLI/CLI.hpp",
            "hwy/highway.h",
            "Eigen/Dense",
            "curl/curl.h",
            "boost/asio.hpp",
            "archive.h",
        ]:
            text = f"// Odd. Layer: base.\n#include <{heavy}>\n"
            self.assert_breaks("include/palate/base/odd.h", text, "include/palate/base/odd.h:2")

    def test_a_public_header_must_not_include_a_private_one(self):
        self.assert_breaks(
            "include/palate/base/odd.h",
            '// Odd. Layer: data.\n#include "base/text.h"\n',
            "include/palate/base/odd.h:2",
        )

    def test_a_front_end_must_not_include_a_private_header(self):
        for private in ["base/text.h", "../src/base/text.h"]:
            self.assert_breaks("cli/main.cc", f'#include "{private}"\n', "cli/main.cc:1")

    def test_instruction_sets_stay_in_the_kernels(self):
        for header in ["hwy/highway.h", "immintrin.h", "arm_neon.h"]:
            self.assert_breaks("src/train/als.cc", f"#include <{header}>\n", "src/train/als.cc:1")

    def test_a_folder_that_is_no_layer_is_named(self):
        self.assert_breaks("src/attic/box.cc", "", "src/attic/box.cc:1")

    def test_a_header_is_included_by_its_folder(self):
        self.assert_breaks("src/data/read.cc", '#include "cells.h"\n', "src/data/read.cc:1")


if __name__ == "__main__":
    unittest.main()
