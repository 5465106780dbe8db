"""Tables that are read: what of them may be missing, malformed or no file at all, and who has looked at it."""

from __future__ import annotations

import textwrap

import pytest

from shipworthy.document import Document
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of

_PROGRAM = """
import glob
import sys

import pandas as pd

COLUMNS = ["date", "price"]

def load(folder):
{load}

def clean(frame):
{clean}

def main():
    frame = clean(load(sys.argv[1]))
    frame.to_csv({target})

main()
"""

_ONE = "return pd.read_csv(folder)"
_ALL = "frames = [pd.read_csv(path) for path in glob.glob(folder)]"


def failing(load: str = _ONE, clean: str = "return frame", target: str = "'out.csv'") -> set[str]:
    """The exceptions that nobody handles, those of reading the files aside."""
    bodies = {name: textwrap.indent(body, "    ") for name, body in (("load", load), ("clean", clean))}
    unit = unit_of(Document("main.py", _PROGRAM.format(**bodies, target=target)))
    escapes = (one for found in Analysis([unit], {}).of("main.py").values() for one in found)
    return {name for one in escapes if one.call != "pandas.read_csv" for name in one.exceptions}


@pytest.mark.parametrize(
    ("clean", "expected"),
    [
        ("return frame[COLUMNS]", {"KeyError"}),
        ("return frame[['date', 'price']].copy()", {"KeyError"}),
        ("return pd.read_csv(sys.argv[2])['date']", {"KeyError"}),
        ("return frame['date']", set()),  # whoever gives it may have looked
        (
            "missing = [c for c in COLUMNS if c not in frame.columns]\nif missing: sys.exit(1)\nreturn frame[COLUMNS]",
            set(),
        ),
        ("if 'date' not in frame.columns: sys.exit(1)\nreturn frame['date']", set()),
        ("return frame.index[3]", set()),
        ("return [int(one) for one in frame.index]", set()),
        ("return pd.to_datetime(frame.date)", {"ValueError"}),
        ("return pd.to_datetime(frame.date, errors='coerce')", set()),
        ("return frame.astype(float)", {"ValueError"}),
        ("return frame.astype('int64')", {"ValueError"}),
        ("return frame.astype(str)", set()),
        ("return frame.astype(int, errors='ignore')", set()),
        ("return pd.DataFrame({'a': [1]}).astype(int)", set()),
    ],
)
def test_what_a_table_does_not_hold(clean: str, expected: set[str]) -> None:
    assert failing(clean=clean) == expected


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (f"{_ALL}\nreturn pd.concat(frames)", {"ValueError"}),
        (f"{_ALL}\nif not frames: sys.exit('none')\nreturn pd.concat(frames)", set()),
        (f"{_ALL}\nif not any(len(one) for one in frames): sys.exit('none')\nreturn pd.concat(frames)", set()),
        (
            "paths = glob.glob(folder)\nif not paths: sys.exit('none')\n"
            "return pd.concat([pd.read_csv(path) for path in paths])",
            set(),
        ),
        ("return pd.concat([pd.read_csv(folder), pd.read_csv('more.csv')])", set()),
        ("return pd.concat([pd.read_csv(path) for path in sys.argv[1:]])", set()),
    ],
)
def test_tables_of_no_file_cannot_be_joined(load: str, expected: set[str]) -> None:
    assert failing(load=load) == expected


@pytest.mark.parametrize(
    ("target", "expected"), [("sys.argv[2]", ["this may not be written either"]), ("'out.csv'", [])]
)
def test_where_a_table_is_written_is_told_beside_what_is_read(target: str, expected: list[str]) -> None:
    assert failing(target=target) == set()
    unit = unit_of(Document("main.py", _PROGRAM.format(load=f"    {_ONE}", clean="    return frame", target=target)))
    told = [one for found in Analysis([unit], {}).of("main.py").values() for one in found]
    assert [says for one in told for _, says in one.besides] == expected
