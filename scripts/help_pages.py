#!/usr/bin/env python3
"""The man page and the completions for bash, zsh and fish, out of what `palate help --json` says.

    scripts/help_pages.py BINARY FOLDER

writes palate.1, palate.bash, _palate (zsh) and palate.fish into the folder.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
from dataclasses import dataclass

STATUSES = (
    ("0", "done"),
    ("1", "an error inside Palate"),
    ("2", "bad input: a table, the value of a flag, a training that diverged"),
    ("3", "a file or the network"),
    ("4", "a file that is no model, or a damaged one"),
    ("64", "a command that cannot be understood"),
    ("130", "interrupted; the best model so far is kept"),
)
FILES = (
    ("model.safetensors", "what train writes unless told otherwise"),
    ("~/.cache/palate", "what fetch downloads; $XDG_CACHE_HOME/palate where that is set"),
)
ENVIRONMENT = (
    (
        "PALATE_SIMD",
        "the kernels to compute with, of those that the machine has: scalar, avx2, ...",
    ),
    ("PALATE_DATA", "a folder where data sets are looked for by their names, before the cache"),
    ("XDG_CACHE_HOME", "where the folder of fetched data sets lies; ~/.cache unless it is set"),
    ("SSL_CERT_FILE", "the certificates that fetch trusts, in place of the system's"),
    ("NO_COLOR", "no colors on a terminal"),
    ("COLUMNS", "how wide help and tables are on a terminal"),
)


@dataclass
class Flag:
    names: list  # "-t", "--threads"
    value: str  # what it takes, "" for a switch
    help: str
    choices: list  # of values, where they are words

    def takes_file(self):
        return any(word in self.value for word in ("FILE", "FOLDER", "MODEL"))


@dataclass
class Verb:
    name: str
    help: str
    usage: str
    flags: list
    names: list  # what it is about, where that is not a file
    examples: list


def listed(text):
    """The names in "one of als, sgd, bias" and "ml-100k, ml-1m, ml-10m"."""
    found = re.search(r"(?:^|\bof )((?:[a-z0-9-]+, ){2,}[a-z0-9-]+)", text)
    return found[1].split(", ") if found else []


def choices_of(flag):
    words = flag["value"].split("|")
    if len(words) > 1 and all(re.fullmatch(r"[a-z_-]+", word) for word in words):
        return words
    return listed(flag["text"]) if flag["value"].startswith("NAME") else []


def read_verbs(binary):
    told = subprocess.run([binary, "help", "--json"], check=True, capture_output=True, text=True)
    verbs = []
    for verb in json.loads(told.stdout):
        flags, words, names = [], [], []
        for flag in verb["flags"]:
            name = flag["names"][0]
            if name.startswith("-"):
                preset = f" [{flag['preset']}]" if flag["preset"] else ""
                text = flag["text"] + preset
                flags.append(Flag(flag["names"], flag["value"], text, choices_of(flag)))
            else:
                words.append(name if flag["required"] else f"[{name}]")
                names += listed(flag["text"]) if name == "NAME" else []
        usage = " ".join(["palate", verb["name"], *words, "[flags]"])
        summary = verb["summary"].removesuffix(".")
        verbs.append(Verb(verb["name"], summary, usage, flags, names, verb["examples"]))
    return verbs


def man_page(verbs, version):
    date = time.strftime(
        "%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    )

    def roff(text):
        return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"))

    lines = [
        f'.TH PALATE 1 {date} "Palate {version}" "User Commands"',
        ".SH NAME",
        "palate \\- learns people's taste from a table of who rated what",
        ".SH SYNOPSIS",
        ".B palate",
        ".I VERB",
        "[flags]",
        ".SH DESCRIPTION",
        "From a table of who rated, bought or watched what: predicted ratings, ranked "
        "recommendations, and a page that says how good they are.",
        "No flags are needed; every flag has a default.",
        ".SH VERBS",
    ]
    for verb in verbs:
        lines += [f".SS {roff(verb.usage)}", roff(verb.help) + "."]
        for flag in verb.flags:
            names = ", ".join(f"\\fB{roff(name)}\\fR" for name in flag.names)
            lines += [
                ".TP",
                names + (f" \\fI{roff(flag.value)}\\fR" if flag.value else ""),
                roff(flag.help),
            ]
    lines += [".SH EXAMPLES", ".nf"]
    lines += [roff(example) for verb in verbs for example in verb.examples]
    lines += [".fi"]
    for heading, entries in (
        ("FILES", FILES),
        ("ENVIRONMENT", ENVIRONMENT),
        ("EXIT STATUS", STATUSES),
    ):
        lines.append(f".SH {heading}")
        for name, meaning in entries:
            lines += [".TP", f".B {roff(name)}", roff(meaning)]
    return "\n".join(lines) + "\n"


def bash(verbs):
    listed = " ".join(verb.name for verb in verbs)
    cases = "\n".join(
        f"    {verb.name}) "
        f"flags='{' '.join(name for flag in verb.flags for name in flag.names)}'"
        + (f" names='{' '.join(verb.names)}'" if verb.names else "")
        + " ;;"
        for verb in verbs
    )
    values = "\n".join(
        f"    '{verb.name} {name}') "
        + (f"names='{' '.join(flag.choices)}'" if flag.choices else "return")
        + " ;;"
        for verb in verbs
        for flag in verb.flags
        for name in flag.names
        if flag.choices or (flag.value and not flag.takes_file())
    )
    return f"""# bash completion for palate
_palate() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} flags='' names=''
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '{listed}' -- "$word")
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}
  esac
  case "${{COMP_WORDS[1]}} $before" in
{values}
    *' '--*) names='' ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word")
  elif [ "$names" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}}
complete -o filenames -F _palate palate
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh(verbs):
    def spec(flag, name):
        text = re.sub(r"([\[\]:\\])", r"\\\1", flag.help)
        values = (
            f"({' '.join(flag.choices)})"
            if flag.choices
            else "_files"
            if flag.takes_file()
            else " "
        )
        value = re.sub(r":", r"\:", flag.value.lower())
        return quoted(f"{name}[{text}]" + (f":{value}:{values}" if value else ""))

    listed = " ".join(quoted(f"{verb.name}:{verb.help}") for verb in verbs)
    cases = "\n".join(
        f"    {verb.name}) _arguments "
        + "".join(spec(flag, name) + " " for flag in verb.flags for name in flag.names)
        + (quoted(f"1:name:({' '.join(verb.names)})") if verb.names else "'*:file:_files'")
        + " ;;"
        for verb in verbs
    )
    return f"""#compdef palate
_palate() {{
  if (( CURRENT == 2 )); then
    local -a verbs=({listed})
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
{cases}
  esac
}}
_palate "$@"
"""


def fish(verbs):
    lines = ["# fish completion for palate"]
    for verb in verbs:
        lines.append(
            f"complete -c palate -n __fish_use_subcommand -f -a {verb.name} -d {quoted(verb.help)}"
        )
    for verb in verbs:
        if verb.names:
            lines.append(
                f"complete -c palate -n '__fish_seen_subcommand_from {verb.name}' "
                f"-f -a {quoted(' '.join(verb.names))}"
            )
        for flag in verb.flags:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in flag.names
            )
            value = (
                f" -x -a {quoted(' '.join(flag.choices))}"
                if flag.choices
                else ""
                if not flag.value
                else " -r"
                if flag.takes_file()
                else " -x"
            )
            lines.append(
                f"complete -c palate -n '__fish_seen_subcommand_from {verb.name}' "
                f"{names}{value} -d {quoted(flag.help)}"
            )
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    version = subprocess.run(
        [binary, "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()
    verbs = read_verbs(binary)
    names = [verb.name for verb in verbs]
    typed = [  # what may stand behind `palate`
        *verbs,
        Verb("help", "Shows the flags of a verb.", "", [], names, []),
        Verb("version", "Shows the version.", "", [], [], []),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("palate.1", man_page(verbs, version)),
        ("palate.bash", bash(typed)),
        ("_palate", zsh(typed)),
        ("palate.fish", fish(typed)),
    ):
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
