#!/usr/bin/env python3
"""What came of the tests, on a screenful: how many passed, why some were skipped, and what failed.

    scripts/test_summary.py TESTS.xml

reads what `ctest --output-junit` wrote.
"""

import re
import sys
import xml.etree.ElementTree as xml

MOST_LINES = 40  # of what a test that failed said


def output_of(case):
    return (case.findtext("system-out") or "").strip()


def reason_of(case):
    """Why it was skipped: the line below GoogleTest's "Skipped", or the last one."""
    said = output_of(case)
    found = re.search(r": Skipped\n(.*)", said)
    return found[1].strip() if found else (said.splitlines() or ["no reason was told"])[-1]


def summary(root):
    by_status = {}
    for case in root.iter("testcase"):
        by_status.setdefault(case.get("status"), []).append(case)
    passed, failed = by_status.get("run", []), by_status.get("fail", [])
    reasons = {}
    for case in by_status.get("notrun", []) + by_status.get("disabled", []):
        reasons.setdefault(reason_of(case), []).append(case.get("name"))
    lines = [f"{len(passed)} tests passed"]
    for reason, names in reasons.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        lines.append(f"skipped: {names[0]}{more}: {reason}")
    for case in failed:
        said = output_of(case).splitlines()
        lines += ["", f"failed: {case.get('name')}", *said[-MOST_LINES:]]
    if failed:
        lines += ["", f"{len(failed)} tests failed: " + " ".join(c.get("name") for c in failed)]
    return lines


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("\n".join(summary(xml.parse(sys.argv[1]).getroot())))


if __name__ == "__main__":
    main()
