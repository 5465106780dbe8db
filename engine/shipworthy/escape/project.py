"""The escape analysis of all files of a project: prepared once, then followed as files change.

What was found is remembered on the disk: the unit of a file by its content, all escapes by the
contents of all files. A copy sent to another process knows the answers and nothing else.
"""

from __future__ import annotations

import contextlib
import posixpath
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

from shipworthy import codec, sources, store, versions
from shipworthy.codec import CodecError
from shipworthy.document import Document
from shipworthy.escape import keep
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import Unit, unit_of
from shipworthy.escape.scripts import NAMES, scripts
from shipworthy.evaluate import where
from shipworthy.facts.model import Escapes
from shipworthy.language import PYTHON, TEST_FILE
from shipworthy.sources import Files
from shipworthy.store import Store

_MOST_FILES = 20_000
"""Files beyond this are not looked at, so that a script in a large folder is answered too."""
_CHUNK = 400_000
"""Bytes of source that another process reads at a time."""
_MOST_FOLLOWED = 20
"""If more files have changed at once, the analysis starts again."""
_NOTHING: Escapes = {}

Tell = Callable[[int, int], object]
"""Hears how many of so many files were read."""


def _nobody(done: int, total: int) -> None:
    """Hears and does nothing."""


class ProjectEscapes:
    """Where errors arise in a project that nobody handles. Threads may share it.

    Test code is left out: nobody depends on how it fails.
    """

    def __init__(self, files: Files, limit: int, store: Store | None = None) -> None:
        self._files, self._limit, self._store = files, limit, store
        self._told: dict[str, Escapes] | None = None
        self._failures: dict[str, str] = {}
        self._forget_all()

    def _forget_all(self) -> None:
        self._lock = threading.RLock()
        self._analysis: Analysis | None = None
        self._followed: dict[str, Document] = {}
        self._changed: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        told = self._told if self._analysis is None else _all_of(self._analysis)
        return {"files": self._files, "limit": self._limit, "told": told, "failures": self._failures}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._files, self._limit, self._store = state["files"], state["limit"], None
        self._told, self._failures = state["told"], state["failures"]
        self._forget_all()

    @property
    def is_ready(self) -> bool:
        """Whether the answers are there, or follow from a few files that have changed."""
        changed = tuple(self._changed)
        starts_again = len(changed) > _MOST_FOLLOWED or any(posixpath.basename(path) in NAMES for path in changed)
        return self._told is not None and not starts_again

    def prepare(self, executor: Executor | None = None, tell: Tell = _nobody) -> None:
        """Find all escapes, if that was not done before. Takes about 15 ms for 1,000 lines; `executor` shares it."""
        with self._lock:
            if not self.is_ready:
                self._analysis = self._told = None
                self._drop_changed()
                self._told = self._recalled(executor, tell)

    def of(self, path: str) -> Escapes:
        """The escapes whose errors arise in a file; none before `prepare`."""
        with self._lock:
            if self._told is None:
                return _NOTHING
            self._catch_up()
            if self._analysis is not None and path not in self._told:
                self._told[path] = self._analysis.of(path)
            return self._told.get(path, _NOTHING)

    def failure(self, path: str) -> str:
        """Why nothing is known of a file, or of any; "" if all is well."""
        return self._failures.get(path) or self._failures.get("", "")

    def follow(self, document: Document, *, quick: bool = False) -> bool:
        """Take a file's text from a document instead of the disk. Whether other files may have other escapes now.

        With `quick`, what would take long is left for a call without.
        """
        if document.language is not PYTHON or TEST_FILE.search(document.path):
            return False
        with self._lock:
            before = self._followed.get(document.path) if document.path not in self._changed else None
            if self._told is None:
                self._followed[document.path] = document
                self._changed.discard(document.path)
            if self._told is None or (before is not None and before.text == document.text):
                return False
            if quick and (self._changed or self._analysis is None or any(one.is_broken for one in document.blocks)):
                return False
            self._catch_up()
            touches_others = self._updated(document.path, self._unit(document), quick=quick)
            if touches_others is not None:
                self._followed[document.path] = document
            return bool(touches_others)

    def forget(self, path: str) -> None:
        """A file has changed on the disk, come or gone. Waits for nobody, not even for `prepare`."""
        is_read = path.endswith(".py") and not TEST_FILE.search(path)
        if is_read or posixpath.basename(path) in NAMES:
            self._changed.add(path)

    def _catch_up(self) -> None:
        if not self.is_ready:
            self.prepare()
        for path in self._drop_changed():
            self._updated(path, self._read(path))

    def _drop_changed(self) -> list[str]:
        """Take the files that have changed; what was followed of them is no more."""
        found: list[str] = []
        while self._changed:
            found.append(self._changed.pop())
            self._followed.pop(found[-1], None)
        return found

    def _updated(self, path: str, unit: Unit | None, *, quick: bool = False) -> bool | None:
        if self._analysis is None:
            self._built(None, self._contents(), _nobody)
        assert self._analysis is not None
        touches_others = self._analysis.update(path, unit, quick=quick)
        if touches_others is not None:
            self._told = {}  # what was told of any file may rest on this one
        return touches_others

    def _read(self, path: str) -> Unit | None:
        try:
            return self._unit_of(path, self._files.read(path))
        except OSError:
            return None

    def _unit_of(self, path: str, data: bytes) -> Unit | None:
        decoded = sources.decode(data, self._limit)
        document = sources.document(path, decoded) if isinstance(decoded, sources.Text) else None
        return self._unit(document) if document is not None and document.language is PYTHON else None

    def _unit(self, document: Document) -> Unit | None:
        unit, self._failures[document.path] = _guarded(document)
        return unit

    def _recalled(self, executor: Executor | None, tell: Tell) -> dict[str, Escapes]:
        """All escapes, from the disk if the same files were looked at before."""
        contents = self._contents()
        if self._store is None:
            self._built(executor, contents, tell)
            return {}
        parts = [part for path, data in contents.items() for part in (path, data)]
        key = store.key("escapes", versions.engine(), str(self._limit), *parts)
        kept = self._store.get(key)
        if kept is not None:
            with contextlib.suppress(CodecError):
                told: dict[str, Escapes] = codec.load(dict[str, Escapes], kept)
                return told
        analysis = self._built(executor, contents, tell)
        made = _all_of(analysis)
        if any(self._failures.values()):
            return made
        with contextlib.suppress(CodecError):
            self._store.put(key, codec.dump(made))
        return made

    def _contents(self) -> dict[str, bytes]:
        """The content of every file that bears on the analysis, by path; those open elsewhere as they are there."""
        found: dict[str, bytes] = {}
        for path in self._paths():
            document = self._followed.get(path)
            with contextlib.suppress(OSError):
                found[path] = (
                    document.text.encode("utf-8", "surrogatepass") if document is not None else self._files.read(path)
                )
        return found

    def _paths(self) -> Iterator[str]:
        count = 0
        for path in self._files.paths():
            name = posixpath.basename(path)
            if not (path.endswith(".py") or name in NAMES) or (TEST_FILE.search(path) and name not in NAMES):
                continue
            count += 1
            if count > _MOST_FILES:
                return
            yield path

    def _built(self, executor: Executor | None, contents: Mapping[str, bytes], tell: Tell) -> Analysis:
        """The analysis itself, made of the units of all files."""
        started = frozenset(
            entry
            for path, data in contents.items()
            if (name := posixpath.basename(path)) in NAMES
            for entry in scripts(name, data.decode("utf-8", "replace"))
        )
        units = _counted(self._units(executor, contents), len(contents), tell)
        try:
            self._analysis = Analysis(units, started)
            self._failures.pop("", None)
        except Exception as error:  # noqa: BLE001  # the one place that keeps a crash to what the analysis finds
            self._failures[""] = f"the escape analysis failed: {type(error).__name__} at {where(error)}"
            self._analysis = Analysis(())
        return self._analysis

    def _units(self, executor: Executor | None, contents: Mapping[str, bytes]) -> Iterator[Unit]:
        missing: list[tuple[str, bytes]] = []
        for path, data in contents.items():
            if not path.endswith(".py"):
                continue
            kept = self._store.get(self._key(path, data)) if self._store is not None else None
            try:
                if kept is None:
                    raise ValueError(path)
                yield keep.load(kept)
            except ValueError:
                missing.append((path, data))
        if executor is None:
            yield from (unit for path, data in missing if (unit := self._unit_of(path, data)) is not None)
            return
        waiting = [(chunk, executor.submit(read_units, chunk, self._limit)) for chunk in _chunks(missing)]
        for chunk, future in waiting:
            for (path, data), (text, failure) in zip(chunk, _results(chunk, future), strict=True):
                self._failures[path] = failure
                if text:
                    if self._store is not None:
                        self._store.put(self._key(path, data), text)
                    yield keep.load(text)

    def _key(self, path: str, data: bytes) -> str:
        return store.key("unit", data, path, str(self._limit), versions.engine())


def _counted(units: Iterable[Unit], total: int, tell: Tell) -> Iterator[Unit]:
    for done, unit in enumerate(units, 1):
        tell(done, total)
        yield unit


def _all_of(analysis: Analysis) -> dict[str, Escapes]:
    return {unit.path: found for unit in analysis.units() if (found := analysis.of(unit.path))}


def read_units(chunk: Sequence[tuple[str, bytes]], limit: int) -> list[tuple[str, str]]:
    """For each file the text of its unit, "" for what is not Python, and why it failed. For other processes."""
    found: list[tuple[str, str]] = []
    for path, data in chunk:
        decoded = sources.decode(data, limit)
        document = sources.document(path, decoded) if isinstance(decoded, sources.Text) else None
        unit, failure = _guarded(document) if document is not None and document.language is PYTHON else (None, "")
        found.append((keep.dump(unit) if unit is not None else "", failure))
    return found


def _guarded(document: Document) -> tuple[Unit | None, str]:
    """The unit of a document, or why there is none: a crash costs the escapes of this file, and is told."""
    try:
        return unit_of(document), ""
    except Exception as error:  # noqa: BLE001  # the one place that keeps a crash of the analysis to one file
        return None, f"the escape analysis failed: {type(error).__name__} at {where(error)}"


def _results(chunk: Sequence[object], future: Future[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    try:
        return future.result()
    except BrokenExecutor:
        return [("", "the process that analysed it died")] * len(chunk)


def _chunks(files: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    chunk: list[tuple[str, bytes]] = []
    size = 0
    for one in files:
        chunk.append(one)
        size += len(one[1])
        if size > _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
