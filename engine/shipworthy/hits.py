"""What the backends say of a document, block by block, from the cache where the cache knows."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shipworthy import backends, registry
from shipworthy.backends import Answer, Backend, Source
from shipworthy.cache import Column, Last, Memory
from shipworthy.document import Block, Document
from shipworthy.evaluate import RuleSet
from shipworthy.model import Lane, Span
from shipworthy.rule import Hit

_NOT_LINE_END = re.compile(r"[^\r\n]")


@dataclass(frozen=True)
class Gathered:
    """What was answered for the blocks of one document, by backend.

    `idle`: backends that are not asked about blocks with a syntax error.
    """

    codes: frozenset[str]
    columns: dict[str, Column]
    idle: set[str]

    def hits(self, index: int) -> list[Hit]:
        """The hits of a block."""
        answers = (column.answers[index] for column in self.columns.values())
        return [hit for answer in answers if answer is not None for hit in answer.hits if hit.code in self.codes]

    def problems(self) -> Iterator[tuple[int, str]]:
        """What failed, with the index of the block."""
        for name, column in self.columns.items():
            yield from ((index, f"{name} {problem}") for index, problem in enumerate(column.problems) if problem)


Run = Callable[[Backend, Sequence[Source]], Sequence[Answer]]
"""How a backend is asked: an editor does that in another process."""


def here(backend: Backend, sources: Sequence[Source]) -> Sequence[Answer]:
    """Ask a backend in this thread."""
    return backend.run(sources)


def gather(
    document: Document,
    rules: RuleSet,
    cache: Memory,
    lanes: Lane,
    last: Last | None = None,
    run: Run = here,
) -> Gathered:
    """The hits that the rules subscribe to or agree with.

    The backends of `lanes` answer afresh; of the others come the cached hits of unchanged blocks.
    `last`: what is known of an earlier state of the document.
    """
    codes = rules.codes
    found = Gathered(codes, {}, set())
    shared = document.shared_with(last.blocks) if last is not None else (0, 0)
    for backend in backends.for_language(document.language.id):
        if not document.text or backend.name not in rules.tools:
            continue
        before = last.columns.get(backend.name) if last is not None and last.around.rules.codes == codes else None
        spans = places(document, backend, rules) if before is None else None
        if spans is not None and not spans and not cache.follows:
            continue
        touched = document.blocks_at(spans) if spans is not None else None
        column = found.columns[backend.name] = _known(document, backend, cache, before, shared, touched)
        if backend.per_block and backend.needs_syntax:
            found.idle.add(backend.name)
        if backend.lane in lanes and touched != set():
            ask = _ask_about_blocks if backend.per_block else _ask_about_file
            ask(document, backend, cache, column, run)
    return found


def places(document: Document, backend: Backend, rules: RuleSet) -> list[Span] | None:
    """Where alone in a document a backend can find what comes to anything; None if that takes a run to tell."""
    asked, found = document.whole.memo(
        (f"places of {backend.name}", 0), lambda: (rules, _places(document, backend, rules))
    )
    return found if asked is rules else _places(document, backend, rules)


def _places(document: Document, backend: Backend, rules: RuleSet) -> list[Span] | None:
    found = backend.places(Source(document.path, document.text, document.language.id, codes=rules.codes))
    if found is None:
        return None
    # A rule that subscribes to several codes is asked once about each span.
    distinct = {(entry.id if (entry := rules.by_hit.get(hit.code)) else hit.code, hit.span): hit for hit in found}
    return [hit.span for hit in distinct.values() if rules.takes(document.whole, document.path, hit)]


def prime(backend: Backend, documents: list[Document], cache: Memory) -> None:
    """Ask a whole-file backend about many documents at once, which is cheaper than one by one."""
    sources = [_whole(document, backend) for document in documents]
    for source, answer in zip(sources, backend.run(sources), strict=True):
        cache.answers.put(_file_key(backend, source), answer)


def without_broken_blocks(document: Document) -> str:
    """The text with each block that has a syntax error blanked, every offset and line kept.

    What takes its place is a statement that says nothing; before methods, a header that holds them.
    """
    if not any(block.is_broken for block in document.blocks):
        return document.text
    parts: list[str] = []
    for index, block in enumerate(document.blocks):
        if not block.is_broken:
            parts.append(block.text)
            continue
        following = document.blocks[index + 1] if index + 1 < len(document.blocks) else None
        holds = following is not None and len(following.scopes) > len(block.scopes)
        blank = _NOT_LINE_END.sub(" ", block.text)
        start = len(block.text) - len(block.text.lstrip())
        filler = "if 1:" if holds else "0"
        if not blank[start : start + len(filler)].strip(" ") and len(blank) >= start + len(filler):
            blank = blank[:start] + filler + blank[start + len(filler) :]
        parts.append(blank)
    return "".join(parts)


def _known(
    document: Document,
    backend: Backend,
    cache: Memory,
    before: Column | None,
    shared: tuple[int, int],
    touched: set[int] | None,
) -> Column:
    """What is known without asking: from `before` for the blocks that are the same, else from the cache.

    `touched`: the only blocks, if known, of which there is anything to say.
    """
    front, back = shared if before is not None else (0, 0)
    size, contexts = len(document.blocks), _contexts(document, backend, before, front, back)
    answers = [None if touched is None or index in touched else Answer() for index in range(size)]
    problems = [""] * size
    if before is not None:
        answers[:front], problems[:front] = before.answers[:front], before.problems[:front]
        if back and contexts[-back] == before.contexts[-back]:
            answers[size - back :], problems[size - back :] = before.answers[-back:], before.problems[-back:]
    for index, answer in enumerate(answers):
        if answer is None:
            key = (backend.name, document.path, document.blocks[index].key, contexts[index])
            answers[index] = cache.answers.get(key)
    return Column(contexts, answers, problems)


def _contexts(document: Document, backend: Backend, before: Column | None, front: int, back: int) -> list[str]:
    """For each block a digest of the imports before it, if the backend's answer depends on them."""
    blocks, size = document.blocks, len(document.blocks)
    if not backend.needs_imports:
        return [""] * size
    contexts = before.contexts[:front] if before is not None else []
    context = _with_imports(contexts[-1], blocks[front - 1]) if front else ""
    for index in range(front, size):
        if before is not None and index == size - back and before.contexts[-back] == context:
            return contexts + before.contexts[-back:]
        contexts.append(context)
        context = _with_imports(context, blocks[index])
    return contexts


def _with_imports(context: str, block: Block) -> str:
    imports = _imports(block)
    return _digest("\n".join((context, *imports))) if imports else context


def _ask_about_blocks(document: Document, backend: Backend, cache: Memory, column: Column, run: Run) -> None:
    """Fill in what is missing, block by block."""
    missing: list[int] = []
    sources: list[Source] = []
    imports: tuple[str, ...] = ()
    for index, block in enumerate(document.blocks):
        if column.answers[index] is None and not (backend.needs_syntax and block.is_broken):
            missing.append(index)
            sources.append(Source(document.path, block.program, block.language.id, imports))
        if backend.needs_imports:
            imports += _imports(block)
    for index, given in zip(missing, run(backend, sources) if sources else (), strict=True):
        column.problems[index] = given.problem
        if given.problem:
            continue
        block = document.blocks[index]
        shifted = ((hit.code, hit.span.shifted(-len(block.prefix))) for hit in given.hits)
        answer = Answer(tuple(Hit(code, _within(block, span)) for code, span in shifted if span.start >= 0))
        column.answers[index] = answer
        cache.answers.put((backend.name, document.path, block.key, column.contexts[index]), answer)


def _ask_about_file(document: Document, backend: Backend, cache: Memory, column: Column, run: Run) -> None:
    """Fill in everything from one answer about the whole file, or from none if that failed."""
    source = _whole(document, backend)
    key = _file_key(backend, source)
    answer = cache.answers.get(key)
    if answer is None:
        answer = run(backend, [source])[0]
        if not answer.problem:
            cache.answers.put(key, answer)
    column.problems[0] = answer.problem
    if answer.problem:
        column.answers[:] = [None] * len(document.blocks)
        return
    by_block: list[list[Hit]] = [[] for _ in document.blocks]
    for hit in answer.hits:
        index = max(document.block_at(hit.span.start), 0)
        span = _within(document.blocks[index], hit.span.shifted(-document.starts[index]))
        by_block[index].append(Hit(hit.code, span))
    for index, block in enumerate(document.blocks):
        part = Answer(tuple(by_block[index]))
        if column.answers[index] != part:
            column.answers[index] = part
            cache.answers.put((backend.name, document.path, block.key, ""), part)


def _whole(document: Document, backend: Backend) -> Source:
    codes = _subscribed(backend.name)
    return Source(document.path, without_broken_blocks(document), document.language.id, codes=codes)


@functools.cache
def _subscribed(backend: str) -> frozenset[str]:
    """The codes of a backend that any rule knows: the same for every file, so that answers can be kept."""
    return frozenset(code for code in registry.by_code() if code.startswith(f"{backend}:"))


def _within(block: Block, span: Span) -> Span:
    return Span(min(span.start, len(block.text)), min(span.end, len(block.text)))


def _imports(block: Block) -> tuple[str, ...]:
    """The import statements of a Python block as they are written, nested ones too."""

    def collect() -> tuple[str, ...]:
        if "import" not in block.text or block.is_broken:
            return ()
        nodes = block.nodes(("import_statement", "import_from_statement"))
        both = sorted((node for found in nodes.values() for node in found), key=lambda node: node.start_byte)
        return tuple(block.source(node) for node in both)

    return block.memo(("imports", 0), collect)


def _file_key(backend: Backend, source: Source) -> tuple[str, str, str, str]:
    return (backend.name, source.path, _digest(source.text), "whole file")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
