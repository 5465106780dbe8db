"""What the documentation shows is true: its settings are read, its rule works, its links lead somewhere."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import shipworthy
from shipworthy import config
from shipworthy.config import Config

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]


def code(page: Path, language: str) -> list[str]:
    """The blocks of a language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(
        r"\]\((?!https?://|#)([^)#]+)|(?:src|href)=\"(?!https?://|#)([^\"#]+)", page.read_text("utf-8")
    )
    for target in (one or other for one, other in targets):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_are_shown_can_be_used(page: Path) -> None:
    for text in code(page, "toml"):
        config.parse(text.encode(), Path("pyproject.toml"))


def test_every_setting_is_documented() -> None:
    page = ROOT / "docs" / "configuration.md"
    documented = re.findall(r"^\| `([\w-]+)` \|", page.read_text("utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(field.name.replace("_", "-") for field in dataclasses.fields(Config))
    [shown] = code(page, "toml")
    read = config.parse(shown.encode(), Path("pyproject.toml"))
    unset = [name for name in documented if getattr(read, name.replace("-", "_")) in ((), {}, "")]
    assert unset == [], "the example leaves settings out"


def test_the_rule_that_is_shown_is_found_by_adding_its_file(tmp_path: Path) -> None:
    [source] = code(ROOT / "docs" / "write-a-rule.md", "python")
    engine = tmp_path / "engine" / "shipworthy"
    shutil.copytree(Path(shipworthy.__file__).parent, engine, ignore=shutil.ignore_patterns("__pycache__"))
    (engine / "rules" / "errors" / "blocking_sleep.py").write_text(source, encoding="utf-8")
    place = tmp_path / "work" / "pyproject.toml"
    place.parent.mkdir()
    place.touch()
    (place.parent / "poll.py").write_text("import time\n\nasync def poll():\n    time.sleep(1)\n")
    paths = [str(engine.parent), *(path for path in sys.path if path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "SHIPWORTHY_CACHE_DIR": str(tmp_path / "cache")}
    registry = [sys.executable, "-m", "shipworthy.registry"]
    subprocess.run(registry, cwd=place.parent, env=environment, check=True)
    command = [sys.executable, "-m", "shipworthy_hooks", "check"]
    done = subprocess.run(command, cwd=place.parent, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done
    assert "poll.py:4:5: warning: `time.sleep` stops the event loop" in done.stdout
