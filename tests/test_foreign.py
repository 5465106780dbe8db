"""What ruff and bandit are told to leave alone is left alone here too, and nothing else of theirs is read."""

from __future__ import annotations

import textwrap

import pytest

from shipworthy import foreign
from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.foreign import Read
from shipworthy.project import Foreign, Project

SWALLOWED = "try:\n    work()\nexcept:\n    pass\n"


def files(contents: dict[str, str]) -> Read:
    encoded = {path: textwrap.dedent(text).encode() for path, text in contents.items()}
    return encoded.get


def project(contents: dict[str, str], folder: str = "") -> Project:
    return Project("/nowhere", folder=folder, foreign=foreign.read(files(contents), folder))


@pytest.mark.parametrize(
    ("contents", "code", "path", "is_left_alone"),
    [
        ({"ruff.toml": 'lint.ignore = ["S110"]'}, "ruff:S110", "a.py", True),
        ({".ruff.toml": 'ignore = ["S1"]', "ruff.toml": ""}, "ruff:S110", "a.py", True),
        ({"pyproject.toml": '[tool.ruff.lint]\nextend-ignore = ["S"]'}, "ruff:S110", "a.py", True),
        ({"ruff.toml": 'lint.ignore = ["S"]'}, "ruff:SIM105", "a.py", False),
        ({"ruff.toml": 'lint.ignore = ["E"]'}, "ruff:ERA001", "a.py", False),
        ({"ruff.toml": 'lint.ignore = ["PL"]'}, "ruff:PLW0717", "a.py", True),
        ({"ruff.toml": 'lint.ignore = ["ALL"]'}, "ruff:S110", "a.py", True),
        ({"ruff.toml": 'lint.ignore = ["ALL"]'}, "bandit:B110", "a.py", False),
        ({"ruff.toml": 'lint.per-file-ignores = {"tests/*" = ["S"]}'}, "ruff:S110", "tests/a.py", True),
        ({"ruff.toml": 'lint.per-file-ignores = {"tests/*" = ["S"]}'}, "ruff:S110", "src/a.py", False),
        ({"ruff.toml": '[lint.per-file-ignores]\n"{a,b}/*.py" = ["S110"]'}, "ruff:S110", "b/c.py", True),
        ({"ruff.toml": '[lint.extend-per-file-ignores]\n"!src/**" = ["S"]'}, "ruff:S110", "docs/a.py", True),
        ({"ruff.toml": '[lint.extend-per-file-ignores]\n"!src/**" = ["S"]'}, "ruff:S110", "src/a.py", False),
        ({"ruff.toml": '[lint.per-file-ignores]\n"__init__.py" = ["F4"]'}, "ruff:F401", "a/__init__.py", True),
        ({"pyproject.toml": '[tool.bandit]\nskips = ["B110"]'}, "bandit:B110", "a.py", True),
        ({".bandit": "[bandit]\nskips = B101, B110\n"}, "bandit:B110", "a.py", True),
        ({".bandit": "no ini file"}, "bandit:B110", "a.py", False),
        ({"ruff.toml": "ignore = [", "pyproject.toml": "[tool.ruff]\nignore = 3\n"}, "ruff:S110", "a.py", False),
        ({"ruff.toml": 'lint.select = ["E"]'}, "ruff:S110", "a.py", False),
    ],
)
def test_a_code_that_is_ignored_is_left_alone(
    contents: dict[str, str], code: str, path: str, is_left_alone: bool
) -> None:
    assert project(contents).leaves_alone(code, path) == is_left_alone


@pytest.mark.parametrize(
    ("contents", "tool", "path", "is_left_out"),
    [
        ({"ruff.toml": 'extend-exclude = ["migrations"]'}, "ruff", "a/migrations/b.py", True),
        ({"ruff.toml": 'exclude = ["docs/*.py"]'}, "ruff", "docs/a.py", True),
        ({"ruff.toml": 'exclude = ["docs/*.py"]'}, "ruff", "x/docs/a.py", False),
        ({"ruff.toml": 'lint.exclude = ["a.py"]'}, "ruff", "b/a.py", True),
        ({"ruff.toml": 'exclude = ["a.py"]'}, "bandit", "a.py", False),
        ({"pyproject.toml": '[tool.bandit]\nexclude_dirs = ["tests", "./docs/x"]'}, "bandit", "a/tests/b.py", True),
        ({"pyproject.toml": '[tool.bandit]\nexclude_dirs = ["tests", "./docs/x"]'}, "bandit", "docs/x/b.py", True),
        ({".bandit": "[bandit]\nexclude = a.py,b\n"}, "bandit", "b/c.py", True),
    ],
)
def test_a_file_that_is_excluded_is_left_out(contents: dict[str, str], tool: str, path: str, is_left_out: bool) -> None:
    assert project(contents).leaves_out(tool, path) == is_left_out


def test_the_nearest_file_counts_and_its_patterns_start_there() -> None:
    contents = {
        "ruff.toml": 'lint.ignore = ["S110"]',
        "sub/ruff.toml": 'exclude = ["gen", "a/b.py"]\n[lint.per-file-ignores]\n"x/*" = ["BLE"]\n"!y.py" = ["TRY"]',
        "pyproject.toml": '[tool.bandit]\nskips = ["B110"]\nexclude_dirs = ["old"]',
    }
    inner, outer = project(contents, "sub"), project(contents)
    assert not inner.leaves_alone("ruff:S110", "sub/a.py") and outer.leaves_alone("ruff:S110", "sub/a.py")
    assert inner.leaves_alone("ruff:BLE001", "sub/x/a.py") and not inner.leaves_alone("ruff:BLE001", "x/a.py")
    assert inner.leaves_alone("ruff:TRY002", "sub/z.py") and not inner.leaves_alone("ruff:TRY002", "sub/y.py")
    assert inner.leaves_out("ruff", "sub/deep/gen/a.py") and inner.leaves_out("ruff", "sub/a/b.py")
    assert not inner.leaves_out("ruff", "gen/a.py")
    assert inner.leaves_alone("bandit:B110", "sub/a.py") and inner.leaves_out("bandit", "sub/old/a.py")


def test_what_is_left_alone_is_hidden_but_not_lost() -> None:
    def hidden(settings: Foreign) -> tuple[int, int]:
        report = analyze(Document("a.py", SWALLOWED), Project("/nowhere", foreign=settings))
        return len(report.findings), len(report.suppressed)

    assert hidden(Foreign()) == (1, 0)
    assert hidden(Foreign(ignore=("ruff:S110",))) == (0, 1)
    assert hidden(Foreign(ignore=("ruff:S3",))) == (1, 0)
    assert hidden(Foreign(excluded={"bandit": ("a.py",)})) == (0, 1)
    assert hidden(Foreign(excluded={"bandit": ("b.py",)})) == (1, 0)
