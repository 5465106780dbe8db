"""The configuration: read completely, and every mistake told at once with its line and the remedy."""

from __future__ import annotations

import pickle
import textwrap
from pathlib import Path

import pytest

from shipworthy import config
from shipworthy.config import Config, ConfigError, PathSettings
from shipworthy.model import Family, Severity


def read(text: str, name: str = "shipworthy.toml") -> Config:
    return config.parse(textwrap.dedent(text).encode(), Path(name))


def mistakes(text: str, name: str = "shipworthy.toml") -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(text, name)
    assert pickle.loads(pickle.dumps(raised.value)).mistakes == raised.value.mistakes
    return str(raised.value).splitlines()


def test_everything_that_can_be_set() -> None:
    found = read("""
        select = ["secrets", "all"]
        ignore = ["swallowed-exception"]
        exclude = ["vendor/"]
        tests = ["checks/**"]
        baseline = "known.txt"
        max-file-size = 10
        severity = { errors = "hint" }
        [fail-on]
        secrets = "warning"
        [paths."a b/*.py"]
        ignore = ["complexity"]
        severity.too-complex = "error"
        [rules.too-complex]
        error = 30
    """)
    assert found.select == ("secrets", "all") and found.ignore == ("swallowed-exception",)
    assert (found.exclude, found.tests, found.baseline, found.max_file_size) == (
        ("vendor/",),
        ("checks/**",),
        "known.txt",
        10,
    )
    assert found.severity == {"errors": Severity.HINT} and found.fail_on == {Family.SECRETS: Severity.WARNING}
    assert found.paths == {"a b/*.py": PathSettings(("complexity",), {"too-complex": Severity.ERROR})}
    assert found.rules["too-complex"].error == 30
    assert pickle.loads(pickle.dumps(found)) == found


def test_nothing_set_is_the_default() -> None:
    assert read("") == Config() == read("[tool.shipworthy]", "pyproject.toml") == read("[tool]", "pyproject.toml")
    assert read("\ufeff# a mark before it\n") == Config()


def test_blocking_follows_the_family_unless_it_is_set() -> None:
    strict = read('fail-on.complexity = "hint"')
    assert not Config().blocks(Family.COMPLEXITY, Severity.WARNING) and Config().blocks(Family.ERRORS, Severity.WARNING)
    assert strict.blocks(Family.COMPLEXITY, Severity.HINT) and not strict.blocks(Family.SECRETS, Severity.WARNING)


def test_all_mistakes_are_told_at_once_each_where_it_is() -> None:
    text = """\
        select = ["secrets",
            "swalowed-exception",
            'nope',
        ]
        ignore = "errors"
        max-file-size = "big"
        faill-on = { secrets = "error" }
        severity = { errors = "eror" }
        [fail-on]
        secretz = "error"
        [paths."tests/**"]
        ignore = ["x"]
        sevrity = {}
        [paths."b/*".severity]
        errors = 3
        [rules]
        swallowed-exception = { a = 1 }
        [rules.too-complex]
        waring = 3
        error = "much"
        [rules.nowhere]
    """
    assert mistakes(text) == [
        "shipworthy.toml:2: unknown rule 'swalowed-exception'; did you mean 'swallowed-exception'?",
        "shipworthy.toml:3: unknown rule 'nope'; `shipworthy rule` lists all rules",
        'shipworthy.toml:5: ignore must be a list of texts such as ["a", "b"], not a text',
        "shipworthy.toml:6: max-file-size must be a whole number, not a text",
        "shipworthy.toml:7: unknown setting 'faill-on'; did you mean 'fail-on'?",
        "shipworthy.toml:8: severity.errors must be one of hint, warning, error, not another text;"
        " did you mean 'error'?",
        "shipworthy.toml:10: unknown family 'secretz'; did you mean 'secrets'?",
        "shipworthy.toml:12: unknown rule 'x'; `shipworthy rule` lists all rules",
        "shipworthy.toml:13: unknown setting 'sevrity'; did you mean 'severity'?",
        'shipworthy.toml:15: paths."b/*".severity.errors must be one of hint, warning, error, not a number',
        "shipworthy.toml:17: rule 'swallowed-exception' has no options; its severity is set in [severity]",
        "shipworthy.toml:19: unknown setting 'waring'; did you mean 'warning'?",
        "shipworthy.toml:20: rules.too-complex.error must be a whole number, not a text",
        "shipworthy.toml:21: unknown rule 'nowhere'; `shipworthy rule` lists all rules",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb = [\n", "shipworthy.toml:3: is not valid TOML: "),
        ("a = 1\na = 2\n", "shipworthy.toml:2: is not valid TOML: "),
        ("paths = 3", "shipworthy.toml:1: paths must be a table, not a number"),
        ("[[rules]]", "shipworthy.toml:1: rules must be a table, not another list"),
        ("exclude = [1]", 'shipworthy.toml:1: exclude must be a list of texts such as ["a", "b"], not another list'),
        ("\nmax-file-size = 0", "shipworthy.toml:2: max-file-size must be between 1 and 100,000,000 bytes"),
        ("max-file-size = true", "shipworthy.toml:1: max-file-size must be a whole number, not true or false"),
        ('ignore = ["errros"]', "shipworthy.toml:1: unknown rule 'errros'; did you mean 'errors'?"),
        ("baseline = 2020-01-01", "shipworthy.toml:1: baseline must be a text, not a date or a time"),
    ],
)
def test_a_mistake_says_where_and_what_instead(text: str, expected: str) -> None:
    [mistake] = mistakes(text)
    assert mistake.startswith(expected)


def test_lines_count_from_the_top_of_a_pyproject() -> None:
    text = (
        '[project]\nname = "x"\n\n[tool.shipworthy]\nselect = [\n  "nope"]\n\n[tool.shipworthy.severity]\nerrors = 1\n'
    )
    assert [mistake.split(": ")[0] for mistake in mistakes(text, "pyproject.toml")] == [
        "pyproject.toml:6",
        "pyproject.toml:9",
    ]
    assert mistakes("[tool]\nshipworthy = 3\n", "pyproject.toml") == [
        "pyproject.toml:2: tool.shipworthy must be a table, not a number"
    ]


def test_what_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not UTF-8"):
        config.parse(b"# 1\n# caf\xe9\n", Path("shipworthy.toml"))
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path / "gone.toml")
    (tmp_path / "shipworthy.toml").write_text("")
    assert config.load(tmp_path / "shipworthy.toml") == Config()


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("[tool.shipworthy]\n", True),
        ('[ tool . "shipworthy" ]\n', True),
        ("[tool.shipworthy.severity]\n", True),
        ("tool.shipworthy.select = []\n", True),
        ("[tool]\nshipworthy = {}\n", True),
        ("[project.scripts]\nshipworthy = 'a:b'\n", False),
        ("[tool.other]\n# shipworthy\n", False),
        ("[tool.shipworthy]\nbroken = [\n", True),
        ("[tool.other]\nbroken = [\n", False),
    ],
)
def test_a_pyproject_counts_if_it_has_our_table(tmp_path: Path, text: str, is_ours: bool) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert (config.find(tmp_path, tmp_path) is not None) == is_ours


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[tool.shipworthy\n", "pyproject.toml:1: is not valid TOML: "),
        (b"[tool]\nshipworthy.select = [\n", "pyproject.toml:3: is not valid TOML: "),
        (b"[tool.other]\nbroken = [\n# shipworthy", "pyproject.toml:3: is not valid TOML: "),
        (b"\xff\xfe[tool.shipworthy]", "pyproject.toml:1: is not UTF-8; save the file as UTF-8"),
        (b"[tool.shipworthy]\n# caf\xe9\n", "pyproject.toml:2: is not UTF-8; save the file as UTF-8"),
        ("[tool.shipworthy]\n".encode("utf-16"), "pyproject.toml:1: is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_pyproject_that_is_no_toml_and_mentions_us_is_a_mistake(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(data)
    assert config.find(tmp_path, tmp_path) == path
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    assert str(raised.value).startswith(str(path.parent / expected))


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.shipworthy]\n")
    assert config.find(inner, tmp_path) == tmp_path / "pyproject.toml"
    (inner.parent / "pyproject.toml").write_text("[project]\n")
    assert config.find(inner, tmp_path) == tmp_path / "pyproject.toml"
    assert config.find(inner, inner) is None
    (tmp_path / "shipworthy.toml").write_text("")
    assert config.find(inner, tmp_path) == tmp_path / "shipworthy.toml"
    (inner.parent / "shipworthy.toml").mkdir()
    assert config.find(inner, tmp_path) == tmp_path / "shipworthy.toml"
