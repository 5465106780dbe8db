"""What a block may know of the rest of its file: its imports, and what the file defines.

The facts of a block follow from its text alone and are kept with it. The facts of a file are their
union. `Facts` is what a rule sees of them: it notes every question with its answer, so that a
result is reused exactly as long as the answers stay the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from shipworthy.document import Block, Document
from shipworthy.facts import javascript, python
from shipworthy.facts.model import BlockFacts, Definition, Escape, Escapes, FileFacts, Import
from shipworthy.language import BRACES
from shipworthy.model import Range, Span

T = TypeVar("T")

Extractor = Callable[[Block], Iterable[str]]
"""A rule's own facts of one block: words that the rule gives meaning to."""


class Projectwide(Protocol):
    """What facts ask of the project; see index.py."""

    def find(self, path: str, target: Import, rest: str) -> Definition | None:
        """The project's definition that `rest` of an import in `path` stands for."""
        ...

    def range(self, path: str, block: str, span: Span) -> Range | None:
        """Where a span of a block stands in its file; None if there is no such block now."""
        ...

    def escapes(self, path: str) -> Escapes:
        """The errors that arise in a file and that nobody handles, by the key of the block they arise in."""
        ...

    def placeholders(self, path: str) -> tuple[str, ...]:
        """The values that the project shows in place of its secrets, as far as they are none in `path`; in order."""
        ...


class Facts:
    """What one rule evaluation may ask. `asked` maps each question to the answer it got."""

    def __init__(
        self,
        path: str,
        file: FileFacts,
        project: Projectwide | None,
        words: Callable[[str], frozenset[str]],
        escapes: Escapes,
    ) -> None:
        self.asked: dict[tuple[str, str], object] = {}
        self._path, self._file, self._project, self._words, self._escapes = path, file, project, words, escapes

    def imported(self, name: str) -> Import | None:
        """The module-level import that binds `name` in this file."""
        return self._note("import", name, self._file.imports.get(name))

    def defined(self, name: str) -> Definition | None:
        """What this file itself defines under `name`."""
        return self._note("definition", name, self._file.definitions.get(name))

    def find(self, dotted: str) -> Definition | None:
        """The function, method or class of the project that a name used in this file stands for."""
        first, _, rest = dotted.partition(".")
        found = self._file.definitions.get(dotted)
        if found is None and self._project is not None and (target := self._file.imports.get(first)) is not None:
            found = self._project.find(self._path, target, rest)
        return self._note("find", dotted, found)

    def escapes(self, block: str) -> tuple[Escape, ...]:
        """The errors that arise in the block with this key and that nobody handles."""
        return self._note("escapes", block, self._escapes.get(block, ()))

    def is_placeholder(self, value: str) -> bool:
        """Whether the project's `.env.example` shows this value in place of a secret.

        What is noted is the whole answer of the project: a question would be kept, and must not hold a value.
        """
        known = self._project.placeholders(self._path) if self._project is not None else ()
        return value in self._note("placeholders", "", known)

    def __getitem__(self, rule: str) -> frozenset[str]:
        """The union over the file of what the extractor of `rule` yields."""
        return self._note("words", rule, self._words(rule))

    def answer(self, question: tuple[str, str]) -> object:
        """Ask again what was asked before: the way to see whether a kept result still holds."""
        kind, argument = question
        if kind == "import":
            return self.imported(argument)
        if kind == "definition":
            return self.defined(argument)
        if kind == "placeholders":
            self.is_placeholder("")
            return self.asked[question]
        if kind == "words":
            return self[argument]
        if kind == "escapes":
            return self.escapes(argument)
        return self.find(argument)

    def _note(self, kind: str, argument: str, answer: T) -> T:
        self.asked[kind, argument] = answer
        return answer


def of_block(block: Block) -> BlockFacts:
    """The facts of one block; computed once."""
    if block.language.id == "python":
        return block.memo(("facts", 0), lambda: BlockFacts(imports_of_block(block), tuple(python.definitions(block))))
    if block.language.id in BRACES:
        return block.memo(("facts", 0), lambda: javascript.of_block(block))
    return BlockFacts()


def imports_of_block(block: Block) -> tuple[Import, ...]:
    """The imports of one block: most blocks of Python have none, and need no search for them."""
    if block.language.id == "python":
        return block.memo(("facts: imports", 0), lambda: tuple(python.imports(block)))
    return of_block(block).imports


def later(document: Document, *, forget: bool = False) -> FileFacts:
    """The facts of a file, each found when somebody asks for it: that takes the trees of its blocks.

    With `forget`, no tree is kept for the next question.
    """
    return FileFacts(
        _Imported(functools.cache(lambda: _imports(document))), _Defined(document, forget), document.language.id
    )


class _Imported(Mapping[str, Import]):
    """The imports of a file, gathered when somebody looks at them."""

    def __init__(self, made: Callable[[], Mapping[str, Import]]) -> None:
        self._made = made

    def __getitem__(self, key: str) -> Import:
        return self._made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())


class _Defined(Mapping[str, Definition]):
    """The definitions of a file, looked for in those blocks alone where the name that is asked for is defined."""

    def __init__(self, document: Document, forget: bool) -> None:
        self._document, self._forget = document, forget

    def __getitem__(self, key: str) -> Definition:
        if self._starts is None:
            return self._all[key]
        blocks = {self._document.block_at(start) for start in self._starts.get(key.rpartition(".")[2], ())}
        for block in (self._document.blocks[index] for index in sorted(blocks, reverse=True)):
            found = next((one for one in reversed(of_block(block).definitions) if one.name == key), None)
            if self._forget:
                block.forget_tree()
            if found is not None:
                return found
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        """What can be asked for: in broken code the syntax has definitions that no text announces, `def ) f():`."""
        return tuple(name for name in self._all if name in self)

    @functools.cached_property
    def _all(self) -> Mapping[str, Definition]:
        return _definitions(self._document)

    @functools.cached_property
    def _starts(self) -> Mapping[str, Sequence[int]] | None:
        """Where in the text names may be defined; None for a language without a word for that."""
        return python.starts(self._document.text) if self._document.language.id == "python" else None


def of_document(document: Document) -> FileFacts:
    """The facts of a file: the union of those of its blocks."""
    return FileFacts(_imports(document), _definitions(document), document.language.id)


def _imports(document: Document) -> Mapping[str, Import]:
    return {one.name: one for block in document.blocks for one in imports_of_block(block) if not one.nested}


def _definitions(document: Document) -> Mapping[str, Definition]:
    return {one.name: one for block in document.blocks for one in of_block(block).definitions}
