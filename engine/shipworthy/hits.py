"""What the backends say of a document, block by block, from the cache where the cache knows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shipworthy import backends
from shipworthy.backends import Answer, Backend, Source
from shipworthy.cache import Memory
from shipworthy.document import Block, Document
from shipworthy.model import Lane, Span
from shipworthy.rule import Hit

_NOT_LINE_END = re.compile(r"[^\r\n]")


@dataclass
class Gathered:
    """The hits of each block, by its index; and what failed, with the index of the block."""

    hits: list[list[Hit]]
    problems: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def gather(document: Document, codes: frozenset[str], cache: Memory, lanes: Lane) -> Gathered:
    """The hits that can lead to one of `codes`.

    The backends of `lanes` answer afresh; of the others come the cached hits of unchanged blocks.
    """
    found = Gathered([[] for _ in document.blocks])
    if not document.blocks:
        return found
    for backend in backends.for_language(document.language.id):
        if not any(code.startswith(f"{backend.name}:") for code in codes):
            continue
        fresh = backend.lane in lanes
        answers = (
            _per_block(document, backend, cache, fresh)
            if backend.per_block
            else _per_file(document, backend, cache, fresh)
        )
        for index, answer in answers:
            found.hits[index].extend(hit for hit in answer.hits if hit.code in codes)
            if answer.problem:
                found.problems.append((index, f"{backend.name} {answer.problem}"))
    return found


def prime(backend: Backend, documents: list[Document], cache: Memory) -> None:
    """Ask a whole-file backend about many documents at once, which is cheaper than one by one."""
    texts = [without_broken_blocks(document) for document in documents]
    sources = [
        Source(document.path, text, document.language.id) for document, text in zip(documents, texts, strict=True)
    ]
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


def _per_block(document: Document, backend: Backend, cache: Memory, fresh: bool) -> Iterator[tuple[int, Answer]]:
    missing: list[tuple[int, tuple[str, str, str, str], Source]] = []
    imports: tuple[str, ...] = ()
    context = ""
    for index, block in enumerate(document.blocks):
        key = (backend.name, document.path, block.key, context)
        known = cache.answers.get(key)
        if known is not None:
            yield index, known
        elif fresh and not (backend.needs_syntax and block.is_broken):
            missing.append((index, key, Source(document.path, block.program, block.language.id, imports)))
        if backend.needs_imports and (more := _imports(block)):
            imports += more
            context = _digest("\n".join(imports))
    answers = backend.run([source for _, _, source in missing]) if missing else ()
    for (index, key, _), given in zip(missing, answers, strict=True):
        block = document.blocks[index]
        shifted = ((hit.code, hit.span.shifted(-len(block.prefix))) for hit in given.hits)
        hits = (Hit(code, _within(block, span)) for code, span in shifted if span.start >= 0)
        answer = Answer(tuple(hits), given.problem)
        if not answer.problem:
            cache.answers.put(key, answer)
        yield index, answer


def _per_file(document: Document, backend: Backend, cache: Memory, fresh: bool) -> Iterator[tuple[int, Answer]]:
    if not fresh:
        for index, block in enumerate(document.blocks):
            known = cache.answers.get((backend.name, document.path, block.key, ""))
            if known is not None:
                yield index, known
        return
    source = Source(document.path, without_broken_blocks(document), document.language.id)
    key = _file_key(backend, source)
    answer = cache.answers.get(key)
    if answer is None:
        answer = backend.run([source])[0]
        if not answer.problem:
            cache.answers.put(key, answer)
    if answer.problem:
        yield 0, Answer(problem=answer.problem)
        return
    by_block: list[list[Hit]] = [[] for _ in document.blocks]
    for hit in answer.hits:
        index = max(document.block_at(hit.span.start), 0)
        span = _within(document.blocks[index], hit.span.shifted(-document.starts[index]))
        by_block[index].append(Hit(hit.code, span))
    for index, block in enumerate(document.blocks):
        part = Answer(tuple(by_block[index]))
        cache.answers.put((backend.name, document.path, block.key, ""), part)
        yield index, part


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
