"""What the client may ask and tell of one document: one function for each method, and the table of them."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types

from shipworthy import git, registry, sources
from shipworthy.document import Document
from shipworthy.edits import by_path
from shipworthy.git import GitError
from shipworthy.model import Family, Finding, Span
from shipworthy.secrets.companions import holds_values
from shipworthy_server import actions, capabilities, convert, everywhere, lenses
from shipworthy_server.actions import Action
from shipworthy_server.faults import RefusedError
from shipworthy_server.loose import Json, members
from shipworthy_server.parts import Part, within
from shipworthy_server.server import Server
from shipworthy_server.session import Buffer, Snapshot, Verdict


def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """A document is open from now on."""
    opened = params.text_document
    server.open(opened.uri, str(opened.language_id), opened.version, opened.text)
    server.run(server.settings_may_have_changed())


def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """A document has changed."""
    buffer = _buffer(server, params.text_document.uri)
    document = convert.changed(buffer.snapshot.document, params.content_changes, server.client.encoding)
    server.session.change(buffer, params.text_document.version, document)


def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """A document was saved; it may be a settings file, or a new one."""
    buffer = _buffer(server, params.text_document.uri)
    server.session.save(buffer)
    if server.client.watches:
        server.run(server.settings_may_have_changed())
    elif buffer.place.is_file:
        server.files_changed([buffer.place.root / buffer.place.path])


def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """A document is open no more."""
    server.close(_buffer(server, params.text_document.uri))


async def diagnostic(server: Server, params: types.DocumentDiagnosticParams) -> Json:
    """The diagnostics of a document, for a client that asks for them."""
    buffer, uri = server.buffer(params.text_document.uri), params.text_document.uri
    if buffer is None:
        return {"kind": "full", "items": []}
    return await server.pull(buffer, uri, params.previous_result_id)


async def hover(server: Server, params: types.HoverParams) -> Json | None:
    """The documentation of the rules whose findings are under the cursor."""
    uri, encoding = params.text_document.uri, server.client.encoding
    buffer = _buffer(server, uri)
    verdict = await server.session.verdict(buffer)
    part = _part(verdict.snapshot, uri) if verdict is not None else None
    if verdict is None or part is None:
        return None
    document = verdict.snapshot.document
    at = convert.span(document, part.outside(types.Range(params.position, params.position)), encoding).start
    under = [one for one in verdict.report.findings if one.span.start <= at <= one.span.end]
    told = [(one, registry.load(one.rule).doc, await _history(server, buffer, document, one)) for one in under]
    found = convert.hover(document, told, server.client)
    return next(iter(within(part, [found], encoding)), None) if found is not None else None


async def _history(server: Server, buffer: Buffer, document: Document, finding: Finding) -> str:
    """What git's history has of a secret, if that is one; "" if nothing can be said at once."""
    entry = registry.entries().get(finding.rule)
    if entry is None or entry.family is not Family.SECRETS or not buffer.place.is_file:
        return ""
    value = document.text[finding.span.start : finding.span.end]
    return await server.past.of(buffer.place.root, buffer.place.path, value)


async def code_action(server: Server, params: types.CodeActionParams) -> list[Json]:
    """What can be done at a place. The edits are left for later, if the client can ask for them."""
    buffer = _buffer(server, params.text_document.uri)
    verdict = await server.session.verdict(buffer)
    part = _part(verdict.snapshot, params.text_document.uri) if verdict is not None else None
    if verdict is None or part is None:
        return []
    found: list[Action] = []
    only = params.context.only
    if _is_wanted(types.CodeActionKind.QuickFix.value, only):
        span = convert.span(verdict.snapshot.document, part.outside(params.range), server.client.encoding)
        offered = actions.about(verdict, span)
        found += [one for one in offered if one.edits is not None or server.client.shows_documents]
        found = [one for one in found if server.client.resolves_edits or not one.slow]
    # Without being asked for by name, all fixes are offered only where making their edits can wait.
    fixes_all = _is_wanted(capabilities.FIX_ALL, only) and (only is not None or server.client.resolves_edits)
    if fixes_all and (action := actions.fix_all(verdict)) is not None:
        found.append(action)
    shown = [_shown(server, buffer, verdict, part, action) for action in found]
    if server.client.resolves_edits:
        return shown
    whole: list[Json] = []
    for one, action in zip(shown, found, strict=True):
        with contextlib.suppress(RefusedError):
            whole.append(one if action.edits is None else one | {"edit": await _edit(server, buffer, verdict, action)})
    return whole


async def resolve_code_action(server: Server, params: types.CodeAction) -> Json:
    """The edits of a code action, for the text that it was offered for and no other."""
    data = members(params.data)
    uri = str(data.get("uri", ""))
    buffer = server.buffer(uri)
    if buffer is None or data.get("version") != buffer.snapshot.version:
        raise RefusedError("The text has changed since this fix was offered; ask for fixes again")
    verdict = await server.session.verdict(buffer)
    part = _part(verdict.snapshot, uri) if verdict is not None else None
    rule, start, end = data.get("rule"), data.get("start"), data.get("end")
    if (
        verdict is None
        or part is None
        or not isinstance(rule, str)
        or not isinstance(start, int)
        or not isinstance(end, int)
    ):
        raise RefusedError("This fix was not offered by this server")
    action = actions.find(verdict, rule, Span(start, end), params.title)
    shown = _shown(server, buffer, verdict, part, action)
    return shown if action.edits is None else shown | {"edit": await _edit(server, buffer, verdict, action)}


async def code_lens(server: Server, params: types.CodeLensParams) -> list[Json]:
    """How complex the functions of a document are, and since the last commit."""
    buffer = _buffer(server, params.text_document.uri)
    document, place, part = buffer.snapshot.document, buffer.place, _part(buffer.snapshot, params.text_document.uri)
    if part is None or not server.settings.code_lens or not document.language.has_syntax:
        return []

    def make() -> list[lenses.Lens]:
        before = lenses.in_last_commit(place.root, place.path, document) if place.is_file else None
        return lenses.lenses(document, before)

    found = await server.session.aside(buffer, make)
    encoding = server.client.encoding
    return within(part, [convert.code_lens(document, one.span, one.text, encoding) for one in found], encoding)


def _shown(server: Server, buffer: Buffer, verdict: Verdict, part: Part, action: Action) -> Json:
    """An action as the client sees it, without its edit. `part`: the document that it was asked for in."""
    finding, place, snapshot = action.finding, buffer.place, verdict.snapshot
    data: Json = {"uri": part.uri, "version": snapshot.version}
    if finding is None:
        data |= {"rule": "", "start": 0, "end": 0}
        return convert.code_action(action.title, capabilities.FIX_ALL, shown=None, preferred=False, data=data)
    made = convert.diagnostic(snapshot.document, finding, server.client, lambda path: server.uri(place.root, path))
    shown = next(iter(server.within(buffer, snapshot, part, [made])), None)
    data |= {"rule": finding.rule, "start": finding.span.start, "end": finding.span.end}
    kind = types.CodeActionKind.QuickFix.value
    offered = convert.code_action(action.title, kind, shown=shown, preferred=action.preferred, data=data)
    if action.url:
        offered["command"] = {"title": action.title, "command": capabilities.OPEN, "arguments": [action.url]}
    return offered


async def _edit(server: Server, buffer: Buffer, verdict: Verdict, action: Action) -> Json:
    """The workspace edit of an action. Raises RefusedError if the text changes while it is made."""
    if action.everywhere and action.finding is not None:
        everything = await everywhere.fixed(server, buffer, action.finding.rule)
        return convert.workspace_edit(everything, (), versioned=server.client.document_changes)
    edits = await server.session.aside(buffer, lambda: actions.edits_of(action))
    if buffer.snapshot.document is not verdict.snapshot.document:
        raise RefusedError("The text has changed while the fix was made; ask for fixes again")
    root, encoding = buffer.place.root, server.client.encoding
    changes: list[tuple[str, int | None, list[Json]]] = []
    created: list[str] = []
    for path, wanted in by_path(buffer.place.path, edits).items():
        if path == buffer.place.path:
            changes += everywhere.by_part(verdict.snapshot, wanted, encoding)
            continue
        if holds_values(path) and await server.session.aside(buffer, functools.partial(_is_tracked, root, path)):
            raise RefusedError(f"This fix would put the value into {path}, which is in git: `git rm --cached` it first")
        other = server.buffer_at(root / path)
        document = other.snapshot.document if other is not None else _on_disk(root, path)
        if not (root / path).exists() and other is None:
            if not (server.client.document_changes and server.client.creates_files):
                raise RefusedError(f"This fix needs the file {path}, which this editor cannot create; create it first")
            created.append(server.uri(root, path))
        uri = other.uri if other is not None else server.uri(root, path)
        version = other.snapshot.version if other is not None else None
        changes.append((uri, version, convert.text_edits(document, wanted, encoding)))
    return convert.workspace_edit(changes, created, versioned=server.client.document_changes)


def _is_tracked(root: Path, path: str) -> bool:
    inside = git.repository(root)
    try:
        return inside is not None and git.is_tracked(inside, (root / path).relative_to(inside.top).as_posix())
    except (GitError, ValueError):
        return False


def _part(snapshot: Snapshot, uri: str) -> Part | None:
    return next((part for part in snapshot.parts if part.uri == uri), None)


def _on_disk(root: Path, path: str) -> Document:
    """A file that is not open, empty if it does not exist yet."""
    try:
        decoded = sources.decode(sources.read_regular(root / path), 1 << 30)
    except FileNotFoundError:
        return Document(path, "")
    except OSError as error:
        raise RefusedError(f"This fix reaches into {path}, which cannot be read: {error.strerror}") from error
    if isinstance(decoded, sources.Skip):
        raise RefusedError(f"This fix reaches into {path}, which is {decoded.reason}")
    return Document(path, decoded.text)


def _buffer(server: Server, uri: str) -> Buffer:
    buffer = server.buffer(uri)
    if buffer is None:
        raise RefusedError("This document is not open")
    return buffer


def _is_wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether a kind of action is among the wanted ones: a kind stands for all that are below it."""
    if only is None:
        return True
    wanted = [str(getattr(one, "value", one)) for one in only]
    return any(kind == one or not one or kind.startswith(f"{one}.") for one in wanted)


HANDLERS: dict[str, Callable[..., Any]] = {
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    types.TEXT_DOCUMENT_DIAGNOSTIC: diagnostic,
    types.TEXT_DOCUMENT_HOVER: hover,
    types.TEXT_DOCUMENT_CODE_ACTION: code_action,
    types.CODE_ACTION_RESOLVE: resolve_code_action,
    types.TEXT_DOCUMENT_CODE_LENS: code_lens,
}
