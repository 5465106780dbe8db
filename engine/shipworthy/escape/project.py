"""The escape analysis of all files of a project: prepared once, then followed as files change.

What was found is remembered on the disk: the unit of a file by its content, the analysis by the names
of all files. The next run begins with that, and follows what has changed since. A copy in another
process knows what it is told, and nothing else.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import posixpath
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, TypeAlias, TypeVar

from shipworthy import sources, store, versions
from shipworthy.document import Document
from shipworthy.escape import keep
from shipworthy.escape.analysis import Analysis, Scripts
from shipworthy.escape.program import LazyUnits, Unit, unit_of
from shipworthy.escape.scripts import NAMES, is_distribution, scripts
from shipworthy.evaluate import where
from shipworthy.facts.model import Escapes
from shipworthy.language import PYTHON, TEST_FILE
from shipworthy.sources import Files
from shipworthy.store import Store

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MOST_FILES = 20_000
"""Files beyond this are not looked at, so that a script in a large folder is answered too."""
_CHUNK = 400_000
"""Bytes of source that another process reads at a time."""
_MOST_FOLLOWED = 20
"""If more files have changed at once, the analysis starts again."""
_NOTHING: Escapes = {}

Told: TypeAlias = Mapping[str, tuple[Escapes, str]]
"""What is known of some files: their escapes, and why they are not known."""

Read: TypeAlias = tuple[str, str]
"""Of a file the text of its unit, "" for what is not Python, and why it failed."""


class _GoneError(Exception):
    """The cache has lost a part of what it kept."""


Tell: TypeAlias = Callable[[int, int], object]
"""Hears how many of so many files were read."""


def _nobody(done: int, total: int) -> None:
    """Hears and does nothing."""


class ProjectEscapes:
    """Where errors arise in a project that nobody handles. Threads may share it.

    Test code is left out: nobody depends on how it fails.
    """

    def __init__(self, files: Files, limit: int, store: Store | None = None) -> None:
        self._files, self._limit, self._store = files, limit, store
        self._forget_all()

    def _forget_all(self) -> None:
        self._lock = threading.RLock()
        self._begun: Callable[[Tell], None] | None = None
        self._received: dict[str, tuple[bytes, Read]] = {}
        self._analysis: Analysis | None = None
        self._told: dict[str, Escapes] | None = None
        self._failures: dict[str, str] = {}
        self._followed: dict[str, Document] = {}
        self._changed: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        return {"files": self._files, "limit": self._limit}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._files, self._limit, self._store = state["files"], state["limit"], None
        self._forget_all()

    @property
    def is_ready(self) -> bool:
        """Whether the answers are there, or follow from a few files that have changed."""
        changed = tuple(self._changed)
        starts_again = len(changed) > _MOST_FOLLOWED or any(posixpath.basename(path) in NAMES for path in changed)
        return self._told is not None and not starts_again

    def begin(self, executor: Executor | None = None, besides: Iterable[str] = ()) -> frozenset[str]:
        """Let `executor` begin with what `prepare` will need.

        Gives those of the files `besides` that have to be read and that it leaves to the caller, who reads them
        for other reasons: what `read_unit` says of them is for `receive`.
        """
        with self._lock:
            if self._begun is not None or self.is_ready:
                return frozenset()
            self._analysis = self._told = None
            self._drop_changed()
            self._begun, left = self._beginning(executor, frozenset(besides))
            return left

    def receive(self, path: str, data: bytes, read: Read) -> None:
        """Take what somebody else read in the content of a file."""
        with self._lock:
            self._received[path] = data, read

    def prepare(self, executor: Executor | None = None, tell: Tell = _nobody) -> None:
        """Find all escapes, if that was not done before. Takes about 15 ms for 1,000 lines; `executor` shares it."""
        with self._lock:
            self.begin(executor)
            if self._begun is not None:
                self._begun(tell)
                self._begun, self._told = None, {}

    def told(self, paths: Iterable[str]) -> Told:
        """What is known of some files."""
        with self._lock:
            return {path: (self.of(path), self.failure(path)) for path in paths}

    def take(self, told: Told) -> None:
        """Answer for some files what another one did, instead of looking for it."""
        with self._lock:
            self._told = {**(self._told or {}), **{path: escapes for path, (escapes, _) in told.items()}}
            self._failures.update((path, failure) for path, (_, failure) in told.items())

    def of(self, path: str) -> Escapes:
        """The escapes whose errors arise in a file; none before `prepare`."""
        with self._lock:
            if self._told is None:
                return _NOTHING
            self._catch_up()
            if self._analysis is not None and path not in self._told:
                self._told[path] = self._asked(lambda analysis: analysis.of(path))
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
                self._begun = None
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
            self._building(None, self._contents())[0](_nobody)
        touches_others = self._asked(lambda analysis: analysis.update(path, unit, quick=quick))
        if touches_others is not None:
            self._told = {}  # what was told of any file may rest on this one
        return touches_others

    def _asked(self, ask: Callable[[Analysis], T]) -> T:
        """What the analysis says; one from scratch if the cache has lost what it rests on."""
        assert self._analysis is not None
        try:
            return ask(self._analysis)
        except _GoneError:
            self._building(None, self._contents())[0](_nobody)
            return ask(self._analysis)

    def _read(self, path: str) -> Unit | None:
        try:
            return self._unit_of(path, self._files.read(path))
        except OSError:
            return None

    def _unit_of(self, path: str, data: bytes) -> Unit | None:
        document = sources.read(path, data, self._limit)
        unit = self._unit(document) if isinstance(document, Document) and document.language is PYTHON else None
        if unit is not None and self._store is not None:
            self._store.put(self._key(path, store.key(data)), keep.dump(unit))
        return unit

    def _unit(self, document: Document) -> Unit | None:
        unit, self._failures[document.path] = _guarded(document)
        return unit

    def _beginning(
        self, executor: Executor | None, besides: frozenset[str]
    ) -> tuple[Callable[[Tell], None], frozenset[str]]:
        """Begin with the analysis; what is given ends it, and the files that are left to others."""
        contents = self._contents()
        if self._store is None:
            return self._building(executor, contents, besides)
        digests = {path: store.key(data) for path, data in contents.items() if path.endswith(".py")}
        key = store.key("escapes", versions.engine(), str(self._limit), *contents)
        kept = self._store.get(key)
        try:
            changed = self._resumed(kept, contents, digests) if kept is not None else None
        except Exception as error:  # noqa: BLE001  # whatever was kept costs time and nothing else
            _log.debug("the escape analysis begins anew: %s", type(error).__name__)
            changed = None
        build, left = self._building(executor, contents, besides) if changed is None else (None, frozenset[str]())

        def finish(tell: Tell) -> None:
            if build is not None:
                build(tell)
            if changed != []:
                self._keep(key, contents, digests)

        return finish, left

    def _resumed(self, text: str, contents: Mapping[str, bytes], digests: Mapping[str, str]) -> list[str] | None:
        """Take up what was kept, and follow the files that have changed since; None if that is too much."""
        old, kept_scripts, whole, parts = json.loads(text)
        changed = [path for path, digest in digests.items() if old[path] != digest]
        started = self._started(contents)
        if kept_scripts != _listed(started) or len(changed) > _MOST_FOLLOWED:
            return None

        def read(path: str) -> Unit:
            unit = self._kept_unit(path, old[path])
            if unit is None:
                with contextlib.suppress(OSError):
                    data = self._files.read(path)
                    unit = self._unit_of(path, data) if store.key(data) == old[path] else None
            if unit is None:
                raise _GoneError
            return unit

        def part(name: str) -> str:
            text = self._store.get(name) if self._store is not None else None
            if text is None:
                raise _GoneError
            return text

        analysis = Analysis.resumed((whole, parts), LazyUnits(parts, read), started, part)
        for path in changed:
            analysis.update(path, self._unit_of(path, contents[path]))
        self._analysis = analysis
        return changed

    def _keep(self, key: str, contents: Mapping[str, bytes], digests: Mapping[str, str]) -> None:
        if self._store is None or self._analysis is None or any(self._failures.values()):
            return

        def put(text: str) -> str:
            assert self._store is not None
            name = store.key("escapes of functions", text)
            self._store.put(name, text)
            return name

        self._store.put(key, json.dumps((digests, _listed(self._started(contents)), *self._analysis.kept(put))))

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

    def _started(self, contents: Mapping[str, bytes]) -> dict[str, frozenset[str]]:
        """By folders of distributions, their entry points."""
        found: dict[str, frozenset[str]] = {}
        for path, data in contents.items():
            folder, name = posixpath.split(path)
            if name in NAMES:
                text = data.decode("utf-8", "replace")
                if is_distribution(name, text):
                    found[folder] = found.get(folder, frozenset()) | scripts(name, text)
        return found

    def _building(
        self, executor: Executor | None, contents: Mapping[str, bytes], besides: frozenset[str] = frozenset()
    ) -> tuple[Callable[[Tell], None], frozenset[str]]:
        """Begin with an analysis from scratch; what is given ends it, and the files that are left to others.

        An open document is read itself: what is found of its blocks is there for its next edit.
        """
        opened = [self._followed[path] for path in contents if path in self._followed]
        known, missing = self._known_units({path: contents[path] for path in contents if path not in self._followed})
        left = [one for one in missing if one[0] in besides]
        here = [one for one in missing if one[0] not in besides]
        units: Iterator[Unit]
        if executor is None:
            units = (unit for path, data in here if (unit := self._unit_of(path, data)) is not None)
        else:
            waiting = [(chunk, executor.submit(read_units, chunk, self._limit)) for chunk in _chunks(here)]
            units = (unit for chunk, future in waiting for unit in self._units_read(chunk, _results(chunk, future)))
        total = len(known) + len(missing) + len(opened)

        def finish(tell: Tell) -> None:
            followed = (unit for document in opened if (unit := self._unit(document)) is not None)
            every = itertools.chain(known, units, followed, self._units_received(left))
            self._build(_counted(every, total, tell), self._started(contents))

        return finish, frozenset(path for path, _ in left)

    def _build(self, units: Iterable[Unit], started: Scripts) -> None:
        try:
            found = {unit.path: unit for unit in units}
            self._analysis = Analysis((found[path] for path in sorted(found)), started)
            self._failures.pop("", None)
        except Exception as error:  # noqa: BLE001  # the one place that keeps a crash to what the analysis finds
            self._failures[""] = f"the escape analysis failed: {type(error).__name__} at {where(error)}"
            self._analysis = Analysis(())

    def _known_units(self, contents: Mapping[str, bytes]) -> tuple[list[Unit], list[tuple[str, bytes]]]:
        """The units that were kept, and the files of which none is."""
        known: list[Unit] = []
        missing: list[tuple[str, bytes]] = []
        for path, data in contents.items():
            if path.endswith(".py"):
                unit = self._kept_unit(path, store.key(data)) if self._store is not None else None
                if unit is not None:
                    known.append(unit)
                else:
                    missing.append((path, data))
        return known, missing

    def _kept_unit(self, path: str, digest: str) -> Unit | None:
        kept = self._store.get(self._key(path, digest)) if self._store is not None else None
        try:
            return keep.load(kept) if kept is not None else None
        except ValueError:
            return None

    def _units_received(self, files: Iterable[tuple[str, bytes]]) -> Iterator[Unit]:
        """The units that others were to read; those that they did not, or of another content, are read here."""
        received, self._received = self._received, {}
        for path, data in files:
            seen, read = received.get(path, (None, ("", "")))
            yield from self._units_read(
                [(path, data)], [read if seen == data else read_units([(path, data)], self._limit)[0]]
            )

    def _units_read(self, files: Iterable[tuple[str, bytes]], found: Iterable[Read]) -> Iterator[Unit]:
        """The units of files of which others say what they read."""
        for (path, data), (text, failure) in zip(files, found, strict=True):
            self._failures[path] = failure
            if text:
                if self._store is not None:
                    self._store.put(self._key(path, store.key(data)), text)
                yield keep.load(text)

    def _key(self, path: str, digest: str) -> str:
        return store.key("unit", digest, path, str(self._limit), versions.engine())


def _listed(started: Scripts) -> dict[str, list[str]]:
    return {folder: sorted(some) for folder, some in started.items()}


def _counted(units: Iterable[Unit], total: int, tell: Tell) -> Iterator[Unit]:
    for done, unit in enumerate(units, 1):
        tell(done, total)
        yield unit


def read_units(chunk: Sequence[tuple[str, bytes]], limit: int) -> list[Read]:
    """What is read in files. For other processes."""
    documents = (sources.read(path, data, limit) for path, data in chunk)
    return [read_unit(one) if isinstance(one, Document) else ("", "") for one in documents]


def read_unit(document: Document) -> Read:
    """What is read in a document."""
    unit, failure = _guarded(document) if document.language is PYTHON else (None, "")
    return keep.dump(unit) if unit is not None else "", failure


def _guarded(document: Document) -> tuple[Unit | None, str]:
    """The unit of a document, or why there is none: a crash costs the escapes of this file, and is told."""
    try:
        return unit_of(document), ""
    except Exception as error:  # noqa: BLE001  # the one place that keeps a crash of the analysis to one file
        return None, f"the escape analysis failed: {type(error).__name__} at {where(error)}"


def _results(chunk: Sequence[object], future: Future[list[Read]]) -> list[Read]:
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
