#!/usr/bin/env python3
"""The man page and the completions for bash, zsh and fish, out of what `palate --help` and
`palate VERB --help` say.

    scripts/help_pages.py BINARY FOLDER

writes palate.1, palate.bash, _palate (zsh) and palate.fish into the folder.
"""

import os
import pathlib
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field

# "    --user TEXT                 the users' column", "  -t,--threads UINT:from 0 to 1024=0", whose
# help is on the next line.
FLAG = re.compile(r"^ {2,4}(-\S+)(?: (\S.*?))??(?: {2,}(\S.*))?$")
# "random, kfold, time or notebook [random]"
CHOICES = re.compile(r"^((?:[\w-]+, )+[\w-]+) or ([\w-]+)(?: \[[\w-]+\])?$")


@dataclass
class Flag:
    names: list  # "-t", "--threads"
    value: str  # what it takes, "" for a switch
    help: str = ""

    def choices(self):
        found = CHOICES.match(self.help)
        return [*found[1].split(", "), found[2]] if found else []


@dataclass
class Verb:
    name: str
    help: str
    usage: str = ""
    flags: list = field(default_factory=list)


def help_of(binary, *words):
    return subprocess.run(
        [binary, *words, "--help"], check=True, capture_output=True, text=True
    ).stdout


def read_verb(binary, name, summary):
    verb = Verb(name, summary)
    in_flags = False
    for line in help_of(binary, name).splitlines():
        if line.startswith("Usage: "):
            verb.usage = line.removeprefix("Usage: ")
        elif line.strip() == "Options:":
            in_flags = True
        elif found := in_flags and FLAG.match(line):
            names, value, text = found.groups()
            verb.flags.append(
                Flag(
                    names.split(","),
                    re.sub(r" Excludes:.*| REQUIRED|[:=].*", "", value or ""),
                    text or "",
                )
            )
        elif in_flags and re.match(r"^ {20,}\S", line):
            verb.flags[-1].help += (" " if verb.flags[-1].help else "") + line.strip()
    return verb


def read_verbs(binary):
    listed = help_of(binary).split("Subcommands:")[1]
    return [
        read_verb(binary, name, summary)
        for name, summary in re.findall(r"^  (\w+) +(\S.*)$", listed, re.MULTILINE)
    ]


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
        "[options]",
        ".SH DESCRIPTION",
        "From a table of ratings: predicted ratings with intervals, ranked recommendations, "
        "and a page that says how good they are.",
        "No flags are needed; every flag has a default.",
        ".SH VERBS",
    ]
    for verb in verbs:
        lines += [f".SS {roff(verb.usage)}", roff(verb.help[0].upper() + verb.help[1:]) + "."]
        for flag in verb.flags:
            names = ", ".join(f"\\fB{roff(name)}\\fR" for name in flag.names)
            lines += [
                ".TP",
                names + (f" \\fI{roff(flag.value)}\\fR" if flag.value else ""),
                roff(flag.help or "see above"),
            ]
    lines += [".SH EXIT STATUS"]
    for status, meaning in (
        ("0", "done"),
        ("1", "a bug of ours"),
        ("2", "bad input"),
        ("3", "a file or the network"),
        ("4", "a bad model file"),
        ("64", "a command line that cannot be parsed"),
        ("130", "interrupted; the best model so far is kept"),
    ):
        lines += [".TP", f".B {status}", meaning]
    return "\n".join(lines) + "\n"


def bash(verbs):
    listed = " ".join(verb.name for verb in verbs)
    cases = "\n".join(
        f"    {verb.name}) "
        f"flags='{' '.join(name for flag in verb.flags for name in flag.names)}' ;;"
        for verb in verbs
    )
    values = {
        name: flag.choices()
        for verb in verbs
        for flag in verb.flags
        for name in flag.names
        if flag.choices()
    }
    choices = "\n".join(
        f"    {name}) choices='{' '.join(words)}' ;;" for name, words in sorted(values.items())
    )
    return f"""# bash completion for palate
_palate() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} flags='' choices=''
  if [ "$COMP_CWORD" = 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '{listed} --help --version' -- "$word")
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}
  esac
  case $before in
{choices}
  esac
  if [ "$choices" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word")
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
        value = (
            f":{flag.value.lower()}:"
            + (f"({' '.join(flag.choices())})" if flag.choices() else "_files")
            if flag.value
            else ""
        )
        return quoted(f"{name}[{text}]{value}")

    listed = " ".join(quoted(f"{verb.name}:{verb.help}") for verb in verbs)
    cases = "\n".join(
        f"    {verb.name}) _arguments "
        f"{' '.join(spec(flag, name) for flag in verb.flags for name in flag.names)} "
        "'*:file:_files' ;;"
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
        for flag in verb.flags:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in flag.names
            )
            value = (
                f" -x -a {quoted(' '.join(flag.choices()))}"
                if flag.choices()
                else " -r"
                if flag.value
                else ""
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
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("palate.1", man_page(verbs, version)),
        ("palate.bash", bash(verbs)),
        ("_palate", zsh(verbs)),
        ("palate.fish", fish(verbs)),
    ):
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
