#!/usr/bin/env python3
"""Checks that a folder includes only folders above it, and that public headers stay light.

    scripts/check_layers.py [ROOT]

Prints one line, file:line: reason, for each #include that breaks a rule; exits 1 if there is any.
"""

import re
import sys
from pathlib import Path

# In dependency order (docs/architecture.md): a layer includes itself and those before it.
LAYERS = ["base", "kernels", "linalg", "data", "model", "train", "recommend", "eval", "experiment"]
# These stand on include/palate/ alone.
FRONT_ENDS = ["cli", "server", "python"]
SOURCES = {".cc", ".h"}

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
STATED_LAYER = re.compile(r"^//.*\bLayer: (\w+)\.$", re.MULTILINE)
INSTRUCTION_SET = re.compile(r"^hwy/|intrin\.h$|^arm_(neon|sve)\.h$")


def includes(path):
    """(line number, is quoted, name) of each #include."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1] == '"', match[2]


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCES)


class Checker:
    def __init__(self, root):
        self.root = root
        self.public_layers = {}  # "palate/data/read.h" -> "data"
        self.violations = []

    def report(self, path, line, reason):
        self.violations.append(f"{path.relative_to(self.root)}:{line}: {reason}")

    def check(self):
        self.learn_public_layers()
        for path in sources(self.root / "include"):
            self.check_public_header(path)
        for path in sources(self.root / "src"):
            self.check_source(path)
        for front_end in FRONT_ENDS:
            for path in sources(self.root / front_end):
                self.check_front_end(path, self.root / front_end)
        return self.violations

    def learn_public_layers(self):
        include = self.root / "include"
        for path in sources(include):
            heading = path.read_text(encoding="utf-8").partition("#pragma once")[0]
            stated = STATED_LAYER.search(heading)
            if not stated or stated[1] not in LAYERS:
                self.report(
                    path,
                    1,
                    f"a line of the heading must end in 'Layer: NAME.', one of {', '.join(LAYERS)}",
                )
            else:
                self.public_layers[path.relative_to(include).as_posix()] = stated[1]

    def check_public_header(self, path):
        own_layer = self.public_layers.get(path.relative_to(self.root / "include").as_posix())
        for line, quoted, name in includes(path):
            if quoted and not name.startswith("palate/"):
                self.report(
                    path,
                    line,
                    'a public header includes only "palate/..." and the standard library, '
                    f'not "{name}"',
                )
            elif quoted:
                self.check_order(path, line, own_layer, name)
            elif re.search(r"[./]", name):
                # <vector> is standard; <fmt/format.h> and <curl.h> are not.
                self.report(
                    path, line, f"a public header includes only the standard library, not <{name}>"
                )

    def check_source(self, path):
        parts = path.relative_to(self.root / "src").parts
        if len(parts) < 2 or parts[0] not in LAYERS:
            self.report(path, 1, f"src/ holds one folder for each layer: {', '.join(LAYERS)}")
            return
        for line, quoted, name in includes(path):
            if INSTRUCTION_SET.search(name) and parts[0] != "kernels":
                self.report(
                    path,
                    line,
                    f"instruction-set code lives in src/kernels/ alone, but this includes {name}",
                )
            elif quoted:
                self.check_order(path, line, parts[0], name)

    def check_order(self, path, line, own_layer, name):
        """A quoted name is "palate/HEADER.h", or "LAYER/HEADER.h" below src/."""
        folder = name.partition("/")[0]
        other_layer = self.public_layers.get(name) if folder == "palate" else folder
        if folder == "palate" and not (self.root / "include" / name).is_file():
            self.report(path, line, f'there is no public header "{name}"')
        elif folder != "palate" and folder not in LAYERS:
            self.report(path, line, f'"{name}" is not written as "LAYER/HEADER.h"')
        elif own_layer and other_layer and LAYERS.index(other_layer) > LAYERS.index(own_layer):
            self.report(
                path,
                line,
                f'{own_layer} must not include "{name}", which is of the later layer {other_layer}',
            )

    def check_front_end(self, path, front_end):
        for line, quoted, name in includes(path):
            own = name.removeprefix(front_end.name + "/")
            if (
                quoted
                and not name.startswith("palate/")
                and (".." in name or not (front_end / own).is_file())
            ):
                self.report(
                    path,
                    line,
                    f'{front_end.name}/ includes only "palate/..." and its own headers, '
                    f'not "{name}"',
                )


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    violations = Checker(root).check()
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
