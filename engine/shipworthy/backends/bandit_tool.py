"""bandit's tests as plain functions, imported without the rest of bandit.

Only the tests that ship with bandit, under bandit's own defaults: no plugin of another distribution
and no configuration. Knows nothing of the texts that they are run on.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import importlib.metadata
import importlib.util
import sys
import threading
import types
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipworthy.backends.bandit_clues import Clues

_LIST_TEST = "B001"
"""bandit's id for the test that looks names up in its lists; the findings carry ids of their own."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test of bandit's. `checks`: the names of the nodes that it is called for."""

    id: str
    checks: tuple[str, ...]
    run: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """What the driver needs of bandit."""

    tests: tuple[Test, ...]
    clues: Clues
    context: Callable[[dict[str, object]], Any]
    call_name: Callable[[ast.Call, Mapping[str, str]], str]


_loading = threading.Lock()


def load() -> Tool:
    """The tests that ship with bandit, loaded once. Raises ImportError or AttributeError."""
    with _loading:
        return _load()


@functools.cache
def _load() -> Tool:
    entries = importlib.metadata.distribution("bandit").entry_points
    with _bare_packages():
        plugins = [entry.load() for entry in entries if entry.group == "bandit.plugins"]
        lists = [entry.load()() for entry in entries if entry.group == "bandit.blacklists"]
        list_test = importlib.import_module("bandit.core.blacklisting").blacklist
        context = importlib.import_module("bandit.core.context").Context
        call_name = importlib.import_module("bandit.core.utils").get_call_name
        shell = importlib.import_module("bandit.plugins.injection_shell").gen_config("shell_injection")
        settings = {plugin: _settings(plugin) for plugin in plugins}
    bad_names: dict[str, list[Any]] = {}
    for listed in lists:
        for check, names in listed.items():
            bad_names.setdefault(check, []).extend(names)
    tests = [
        Test(plugin._test_id, tuple(plugin._checks), _with_settings(plugin, settings[plugin]))
        for plugin in plugins
        if plugin._checks != ["File"]
    ]
    tests.append(Test(_LIST_TEST, tuple(bad_names), _with_settings(list_test, bad_names)))
    qualified = {name for names in bad_names.values() for entry in names for name in entry["qualnames"]}
    clues = Clues([test.id for test in tests], shell, qualified, _LIST_TEST)
    return Tool(tuple(tests), clues, context, call_name)


def _settings(plugin: Any) -> Any:
    """The settings that a test has where nobody configures it; None if it takes none."""
    name = getattr(plugin, "_takes_config", None)
    return sys.modules[plugin.__module__].gen_config(name) if name else None


def _with_settings(test: Callable[..., Any], settings: Any) -> Callable[[Any], Any]:
    return test if settings is None else lambda context: test(context, settings)


@contextlib.contextmanager
def _bare_packages() -> Generator[None]:
    """Let bandit's modules be imported without what `import bandit` does besides.

    That is to import its command line, which takes 0.1 s, to scan the entry points of every
    distribution, which would bring in foreign plugins, and to replace `warnings.formatwarning`.
    Nothing of it stays behind: whoever imports bandit later gets the whole of it.
    """
    spec = importlib.util.find_spec("bandit")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("bandit is no package")
    before = _take_out_of_modules()
    try:
        package, core = types.ModuleType("bandit"), types.ModuleType("bandit.core")
        package.__path__ = list(spec.submodule_search_locations)
        core.__path__ = [str(Path(folder) / "core") for folder in package.__path__]
        sys.modules |= {"bandit": package, "bandit.core": core}
        for name in ("constants", "issue", "test_properties"):
            module = importlib.import_module(f"bandit.core.{name}")
            vars(package).update((key, value) for key, value in vars(module).items() if not key.startswith("_"))
        yield
    finally:
        _take_out_of_modules()
        sys.modules.update(before)


def _take_out_of_modules() -> dict[str, types.ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == "bandit"]
    return {name: sys.modules.pop(name) for name in names}
