#!/usr/bin/env python3
"""Checks that names stay where they belong: flags in a front end, an algorithm in its own files.

    scripts/check_names.py [ROOT]

Prints one line, file:line: reason, for each of these; exits 1 if there is any:

- a string of include/ or src/ that says a flag: the library says `option`, and each front end how
  that is told there;
- an option in backquotes in such a string that cli/flag_names.cc does not know;
- an algorithm's options or its name, or that of a preset, outside of include/palate/algorithms/
  NAME.h, src/train/NAME.cc and the table of algorithms. Names that are words of English count only
  as the whole of a string. Comments may say what they like.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

TABLE = {"include/palate/algorithms/algorithms.h", "src/model/algorithms.cc"}
WORDS = {"bias", "gradient", "imported", "mean"}
# Strings that are no algorithm's name, though they read the same.
OTHER_MEANINGS = {
    ("cli/read_flags.cc", "mean"),  # what to keep of repeated pairs
    ("include/palate/algorithms/gradient.h", "sgd"),  # an optimizer
    ("src/experiment/comparison_json.cc", "mean"),  # a statistic
    ("src/model/model_json.cc", "bias"),  # the penalty of one
}

TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/"  # comments
    r'|R"(?P<end>[^(\n]*)\((?P<raw>.*?)\)(?P=end)"|"(?P<text>(?:\\.|[^"\\\n])*)"'
    r"|\b\d[\w'.]*|'(?:\\.|[^'\\\n])+'",  # numbers, in which ' may stand, and characters
    re.DOTALL,
)
FLAG = re.compile(r"(?<!-)--[a-z{]")
BACKQUOTED = re.compile(r"`([a-z_]+)(?:=[^`]*)?`")


class Source:
    """A file's strings, as (line, text), and its code without them and without comments."""

    def __init__(self, root, path):
        self.name = path.relative_to(root).as_posix()
        text = re.sub(
            r"^[ \t]*#\s*include.*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        self.strings = []
        for token in TOKEN.finditer(text):
            string = token["text"] if token["raw"] is None else token["raw"]
            if string is not None:
                self.strings.append((text.count("\n", 0, token.start()) + 1, string))
        self.code = TOKEN.sub(lambda token: "\n" * token[0].count("\n"), text)


class Algorithm(NamedTuple):
    options: str  # "AlsOptions"
    names: list  # its own, then those of its presets
    fields: list
    homes: set  # where these may stand


def algorithm_of(header):
    """The algorithm that a header declares, if any."""
    text = header.read_text(encoding="utf-8")
    if "AlgorithmTraits about{" not in text:
        return None
    trainers = header.parents[3] / "src/train"
    presets = re.search(r"\bpresets_of\(.*?\n}\n", text, re.DOTALL)
    return Algorithm(
        options=re.search(r"struct (\w+) {\n  static constexpr AlgorithmTraits about{", text)[1],
        names=re.search(r'AlgorithmTraits about{\s*\.name = "([^"]+)"', text).groups()
        + tuple(re.findall(r'{"([^"]+)",\s*"', presets[0]) if presets else []),
        fields=re.findall(r'\bField{(?:\.name = )?"(\w+)"', text),
        homes=TABLE
        | {f"include/palate/algorithms/{header.name}", f"src/train/{header.stem}.cc"}
        | {f"src/train/{part.name}" for part in trainers.glob(f"{header.stem}_*")},
    )


def flags_in(source):
    """Of a file of the library."""
    for line, text in source.strings:
        if FLAG.search(text):
            yield line, f"a flag in {text!r}: the library says `option`"


def unknown_options_in(source, known):
    for line, text in source.strings:
        for option in BACKQUOTED.findall(text):
            if option not in known:
                yield line, f"cli/flag_names.cc has no flag for `{option}`"


def algorithms_in(source, algorithms):
    for algorithm in algorithms:
        if source.name in algorithm.homes:
            continue
        for options in re.finditer(rf"\b{algorithm.options}\b", source.code):
            line = source.code.count("\n", 0, options.start()) + 1
            yield line, f"{algorithm.options} is known to its own files and the table alone"
        for name in algorithm.names:
            if (source.name, name) in OTHER_MEANINGS:
                continue
            pattern = re.compile(rf"^{name}$" if name in WORDS else rf"(?<![\w-]){name}(?![\w-])")
            for line, text in source.strings:
                if pattern.search(text):
                    yield line, f"{name} is an algorithm's name: the table of algorithms has it"


def violations(root):
    headers = sorted((root / "include/palate/algorithms").glob("*.h"))
    algorithms = [found for found in map(algorithm_of, headers) if found]
    if not algorithms:
        yield "include/palate/algorithms: no header declares an algorithm"
    known = {text for _, text in Source(root, root / "cli/flag_names.cc").strings}
    known.update(field for algorithm in algorithms for field in algorithm.fields)
    for folder in ("include", "src", "cli"):
        for path in sorted(
            path for path in (root / folder).rglob("*") if path.suffix in (".cc", ".h")
        ):
            source = Source(root, path)
            found = list(algorithms_in(source, algorithms))
            if folder != "cli":
                found += [*flags_in(source), *unknown_options_in(source, known)]
            for line, reason in sorted(found):
                yield f"{source.name}:{line}: {reason}"


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(violations(root))
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
