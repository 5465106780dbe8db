"""What a file may know of the project: the facts of every tracked file, read when somebody asks.

The index is the same whichever files are being checked, so that a verdict never depends on that.
"""

from __future__ import annotations

import contextlib
import posixpath
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from shipworthy import codec, facts, language, sources, store, versions
from shipworthy.codec import CodecError
from shipworthy.document import Document
from shipworthy.facts.model import Definition, Escapes, FileFacts, Import
from shipworthy.language import BRACES
from shipworthy.model import Range, Span
from shipworthy.secrets import placeholders
from shipworthy.sources import Files
from shipworthy.store import Store

if TYPE_CHECKING:
    from shipworthy.escape.project import ProjectEscapes, Read, Tell, Told

_SCRIPT_SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs")
_SOURCE_FOLDERS = frozenset({"src", "lib", "python"})
_FARTHEST = 5
"""How many re-exports are followed before a name is given up."""


class Index:
    """Names across files. Facts are computed once per file and forgotten when `forget` says so.

    Threads may share it: each answer is made of values that another thread's `forget` cannot take away.
    With a `store`, facts outlive the run.
    """

    def __init__(self, files: Files, limit: int = 2_000_000, store: Store | None = None) -> None:
        self._files, self._limit, self._store = files, limit, store
        self._found: dict[str, ProjectEscapes] = {}
        self._documents: dict[str, Document] = {}
        self._open: Mapping[str, Document] = {}
        self._facts: dict[str, FileFacts] = {}
        self._modules: Mapping[str, list[str]] | None = None
        self._paths: frozenset[str] | None = None
        self._placeholders: tuple[str, ...] | None = None
        self.revision = 0
        """Grows whenever an answer that was given may have become another one."""

    def __getstate__(self) -> dict[str, Any]:
        nothing: dict[str, Any] = {
            "_facts": {},
            "_modules": None,
            "_paths": None,
            "_documents": {},
            "_open": {},
            "_placeholders": None,
        }
        return self.__dict__ | nothing

    @property
    def _escapes(self) -> ProjectEscapes:
        """Made when somebody asks: who looks at texts alone does without, and need not import it."""
        found = self._found.get("escapes")
        if found is None:
            from shipworthy.escape.project import ProjectEscapes

            made = ProjectEscapes(self._files, self._limit, self._store)
            found = self._found.setdefault("escapes", made)  # for all threads that ask at once the same
        return found

    def forget(self, path: str) -> None:
        """The file has changed, come or gone."""
        self._facts.pop(path, None)
        self._documents.pop(path, None)
        if self._found:
            self._escapes.forget(path)
        self._modules = self._paths = None
        if placeholders.is_example(path):
            self._placeholders = None
        self.revision += 1

    def facts(self, path: str) -> FileFacts:
        """The facts of a file; none for a file that cannot be read."""
        found = self._facts.get(path)
        if found is None:
            revision, found = self.revision, self._read(path)
            if revision == self.revision:
                self._facts[path] = found
        return found

    def open(self, documents: Iterable[Document]) -> None:
        """Take these documents for their files, until others are opened: who parses them does so once."""
        self._open = {document.path: document for document in documents}

    def learn(self, path: str, found: FileFacts) -> bool:
        """Take the facts of a file that the caller has at hand, such as an open one; true if others were known."""
        known = self._facts.get(path)
        self._facts[path] = found
        differs = known is not None and known != found
        self.revision += differs
        return differs

    def follow(self, document: Document, *, quick: bool = False) -> None:
        """Take a document that is being edited for its file. If that bears on other files, `revision` grows.

        With `quick`, what would take long is left for a call without.
        """
        self._documents[document.path] = document
        self.revision += self._escapes.follow(document, quick=quick)
        if placeholders.is_example(document.path) and (known := self._placeholders) is not None:
            self._placeholders = None
            self.revision += self.placeholders("") != known

    def begin(self, executor: Executor, besides: Iterable[str] = ()) -> frozenset[str]:
        """Let `executor` do what `prepare` will need, while the caller does something else.

        Gives those of the files `besides` that have to be read and that are left to the caller: see `receive`.
        """
        return self._escapes.begin(executor, besides)

    def receive(self, path: str, data: bytes, read: Read) -> None:
        """Take what somebody else read in the content of a file that `begin` left to him; see `read_unit`."""
        self._escapes.receive(path, data, read)

    @property
    def is_prepared(self) -> bool:
        """Whether `prepare` has nothing to do."""
        return self._escapes.is_ready

    def prepare(self, executor: Executor | None = None, tell: Tell = lambda done, total: None) -> None:
        """Do what takes long and needs all files: find all escapes. Without it there are none.

        `tell` hears how many of so many files were read.
        """
        if not self.is_prepared:
            self._escapes.prepare(executor, tell)
            self.revision += 1

    def escapes(self, path: str) -> Escapes:
        """The errors that arise in a file and that nobody handles, by the key of the block they arise in."""
        return self._escapes.of(path)

    def placeholders(self, path: str) -> tuple[str, ...]:
        """The values that the project shows in place of its secrets, as far as they are none in `path`; in order."""
        if placeholders.is_example(path):
            return ()
        known = self._placeholders
        if known is None:
            examples = sorted(filter(placeholders.is_example, self._known_paths()))
            shown = {value for one in examples for value in placeholders.shown(self.text(one) or "")}
            known = self._placeholders = tuple(sorted(shown))
        return known

    def failure(self, path: str) -> str:
        """Why a file's escapes are not known; "" if they are."""
        return self._escapes.failure(path)

    def told(self, paths: Iterable[str]) -> Told:
        """What is known of the escapes of some files, for an index in another process that did not `prepare`."""
        return self._escapes.told(paths) if self._found else {}

    def take(self, told: Told) -> None:
        """Answer for some files what another index did."""
        if told:
            self._escapes.take(told)

    def range(self, path: str, block: str, span: Span) -> Range | None:
        """Where a span of a block stands in its file; None if there is no such block now."""
        document = self._documents.get(path)
        if document is None:
            document = self._documents[path] = self._document(path, self._content(path))
        return document.range_in(block, span)

    def find(self, path: str, target: Import, rest: str) -> Definition | None:
        """The project's definition that `rest` of an import in `path` stands for."""
        return self._find(path, target, rest, _FARTHEST)

    def _read(self, path: str) -> FileFacts:
        if (document := self._open.get(path)) is not None:
            return facts.later(document)
        data = self._content(path)
        if self._store is None:
            return facts.later(self._document(path, data), forget=True)
        key = store.key("facts", data, path, str(self._limit), versions.engine())
        kept = self._store.get(key)
        if kept is not None:
            with contextlib.suppress(CodecError):
                found: FileFacts = codec.load(FileFacts, kept)
                return found
        made = facts.of_document(self._document(path, data))
        with contextlib.suppress(CodecError):
            self._store.put(key, codec.dump(made))
        return made

    def text(self, path: str) -> str | None:
        """The text of any file of the project, tracked or not; None if there is none."""
        try:
            decoded = sources.decode(self._files.read(path), self._limit)
        except OSError:
            return None
        return decoded.text if isinstance(decoded, sources.Text) else None

    def _content(self, path: str) -> bytes:
        try:
            return self._files.read(path)
        except OSError:
            return b""

    def _document(self, path: str, data: bytes) -> Document:
        document = sources.read(path, data, self._limit)
        return document if isinstance(document, Document) else Document(path, "")

    def _find(self, path: str, target: Import, rest: str, depth: int) -> Definition | None:
        names = [name for name in (*target.member.split("."), *rest.split(".")) if name]
        if not depth:
            return None
        if language.detect(path).id in BRACES:
            module = self._script(path, target.module)
            return self._member(module, names, depth) if module is not None else None
        parts = target.module.lstrip(".").split(".") if target.module.strip(".") else []
        level = len(target.module) - len(target.module.lstrip("."))
        for extra in range(len(names), -1, -1):
            module = self._module(path, [*parts, *names[:extra]], level)
            if module is not None and (found := self._member(module, names[extra:], depth)) is not None:
                return found
        return None

    def _member(self, path: str, names: list[str], depth: int) -> Definition | None:
        known = self.facts(path)
        if not names:
            return None
        if (found := known.definitions.get(".".join(names))) is not None:
            return found
        target = known.imports.get(names[0])
        return self._find(path, target, ".".join(names[1:]), depth - 1) if target is not None else None

    def _module(self, importer: str, parts: list[str], level: int) -> str | None:
        """The file of a Python module, as seen from the importing file."""
        folder: str = posixpath.dirname(importer)
        if level:
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            return self._existing(posixpath.join(folder, *parts))
        if not parts or parts[0] in sys.stdlib_module_names:
            return None
        around = {folder}
        while folder.strip("/"):
            folder = posixpath.dirname(folder)
            around.add(folder)
        bases = [base for base in self._bases(parts) if base in around or posixpath.basename(base) in _SOURCE_FOLDERS]
        best = max(bases, key=lambda base: (base in around, len(base), base), default=None)
        return self._existing(posixpath.join(best, *parts)) if best is not None else None

    def _existing(self, stem: str) -> str | None:
        paths = self._known_paths()
        candidates = (f"{stem}.py", f"{stem}/__init__.py", f"{stem}.pyi") if stem else ("__init__.py",)
        return next((candidate for candidate in candidates if candidate in paths), None)

    def _bases(self, parts: list[str]) -> Iterable[str]:
        """Folders below which the module's path exists."""
        modules = self._modules
        if modules is None:
            found: dict[str, list[str]] = {}
            for path in sorted(self._known_paths()):
                if path.endswith(".py"):
                    stem = path.removesuffix(".py").removesuffix("/__init__")
                    found.setdefault(posixpath.basename(stem), []).append(stem)
            modules = self._modules = found
        tail = "/".join(parts)
        for stem in modules.get(parts[-1], ()):
            if stem == tail or stem.endswith("/" + tail):
                yield stem[: -len(tail)].rstrip("/")

    def _script(self, importer: str, module: str) -> str | None:
        """The file of a relative JavaScript or TypeScript import."""
        if not module.startswith("."):
            return None
        stem = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
        paths = self._known_paths()
        bare = stem.removesuffix(".js").removesuffix(".mjs").removesuffix(".cjs")
        stems = (stem, *(f"{name}{suffix}" for name in (stem, bare, f"{stem}/index") for suffix in _SCRIPT_SUFFIXES))
        return next((candidate for candidate in stems if candidate in paths), None)

    def _known_paths(self) -> frozenset[str]:
        paths = self._paths
        if paths is None:
            paths = self._paths = frozenset(self._files.paths())
        return paths
