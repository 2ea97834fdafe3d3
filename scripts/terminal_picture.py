#!/usr/bin/env python3
"""Draws commands and what they show on a terminal as docs/terminal.svg, the README's picture.

    scripts/terminal_picture.py BINARY

The commands are run for real, on MovieLens' ml-latest-small, in a terminal of 80 columns.
"""

import contextlib
import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import sys
import tempfile
import termios

PICTURE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "terminal.svg"
COLUMNS = 80
COMMANDS = [
    ["train", "ml-latest-small", "-q"],
    ["recommend", "model.safetensors", "--likes", "Matrix:5, Heat, Toy Story", "-k", "5", "-q"],
]

CHARACTER, LINE, MARGIN = 8.4, 19, 16  # pixels
COLORS = {"1": "#ffffff", "1;32": "#7ee787", "33": "#e3b341", "31": "#ff7b72"}
PLAIN, PROMPT = "#c9d1d9", "#79c0ff"


def on_terminal(binary, words, folder):
    """What the binary shows on a terminal, with its escapes for colors."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        left_out = {"COLUMNS", "NO_COLOR"}
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        os.execve(binary, [binary, *words], kept | {"TERM": "xterm"})
    said = b""
    with contextlib.suppress(OSError):  # the end
        while part := os.read(terminal, 65536):
            said += part
    os.close(terminal)
    if os.waitpid(process, 0)[1] != 0:
        sys.exit(f"{words}: {said.decode()}")
    return said.decode().replace("\r", "")


def command_line(words):
    return " ".join(f'"{word}"' if " " in word else word for word in ["palate", *words])


def pieces_of(binary):
    """Lines of (text, color) pieces."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for words in COMMANDS:
            lines.append([("$ ", PROMPT), (command_line(words), "#ffffff")])
            color = PLAIN
            for line in on_terminal(binary, words, folder).rstrip("\n").split("\n"):
                pieces = []
                for part in re.split(r"(\033\[[\d;]*m)", line):
                    if part.startswith("\033["):
                        color = COLORS.get(part[2:-1], PLAIN)
                    elif part:
                        pieces.append((part, color))
                lines.append(pieces)
            lines.append([])
    return lines[:-1]


def picture(lines):
    width = COLUMNS * CHARACTER + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    rows = []
    for number, pieces in enumerate(lines):
        spans = "".join(
            f'<tspan fill="{color}">{html.escape(text)}</tspan>' for text, color in pieces
        )
        rows.append(
            f'<text x="{MARGIN}" y="{MARGIN + LINE * number + 14}" xml:space="preserve">'
            f"{spans}</text>\n"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" font-family="ui-monospace, Menlo, Consolas, monospace" '
        'font-size="14">\n'
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#0d1117"/>\n'
        f"{''.join(rows)}</svg>\n"
    )


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    PICTURE.write_text(picture(pieces_of(os.path.abspath(sys.argv[1]))))
    print(PICTURE)


if __name__ == "__main__":
    main()
