"""Links of the Markdown files lead somewhere: to a file, and to a heading of it."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "web/README.md"]


def without_code(text):
    return re.sub(
        r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    )


def anchors(page):
    """Those that its headings get: lower case, spaces as hyphens, the rest left out."""
    headings = re.findall(
        r"^#+ (.*)$",
        re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE),
        re.MULTILINE,
    )
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


class Links(unittest.TestCase):
    def test_they_lead_somewhere(self):
        count = 0
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text())):
                where = f"{page.relative_to(ROOT)}: {target}"
                count += 1
                if target.startswith("http"):
                    self.assertRegex(target, r"^https://[\w.-]+\.\w+(/\S*)?$", where)
                    continue
                file, _, anchor = target.partition("#")
                to = (page.parent / file).resolve() if file else page
                self.assertTrue(to.exists(), where)
                if anchor:
                    self.assertIn(anchor, anchors(to), where)
        self.assertGreater(count, 15)


if __name__ == "__main__":
    unittest.main()
