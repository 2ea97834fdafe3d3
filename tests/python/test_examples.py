"""The examples of docs/python.md run, one after the other."""

import re
from pathlib import Path

from test_palate import write_ratings

PAGE = Path(__file__).resolve().parents[2] / "docs/python.md"


def test_examples_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_ratings(tmp_path / "ratings.csv")
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(examples) == 6
    names = {}
    for example in examples:
        exec(example, names)
    assert len(names["model"].predict(names["pairs"])) == 3
