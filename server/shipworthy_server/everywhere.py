"""All files of the workspace: what is found in those that are not open, and one rule fixed in all of them.

Open documents count as they are in the editor; the other files are looked at by survey.py, as they are on the disk.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Iterable, Iterator

from shipworthy.model import Edit
from shipworthy_server import actions, convert
from shipworthy_server.convert import Encoding
from shipworthy_server.faults import RefusedError
from shipworthy_server.loose import Json
from shipworthy_server.parts import within
from shipworthy_server.progress import Progress, under_way
from shipworthy_server.server import Server
from shipworthy_server.session import Buffer, Snapshot
from shipworthy_server.survey import Checked, survey


async def closed_files(server: Server, progress: Progress, rule: str = "") -> AsyncIterator[Checked]:
    """What there is to say of each file that is not open, or the edits of a rule's fixes. What is not read is told."""
    surveyed = survey(server.session.workspace.folders, server.client, rule)
    async with contextlib.aclosing(surveyed):
        async for checked in surveyed:
            progress.report(checked.done, checked.total)
            if checked.unread:
                server.say_once(f"{checked.path}: {checked.unread}; nothing was checked here")
            elif server.buffer_at(checked.path) is None:
                yield checked


async def fixed(server: Server, buffer: Buffer, rule: str) -> list[tuple[str, int | None, list[Json]]]:
    """The text edits of all safe fixes of a rule, by URI and version; `buffer` is where they were asked for.

    Raises RefusedError if an open document changes meanwhile.
    """
    found: list[tuple[str, int | None, list[Json]]] = []
    judged: list[tuple[Buffer, object]] = []
    for one in server.session.buffers():
        verdict = await server.session.verdict(one, whole=True) if one.place.is_file or one is buffer else None
        if verdict is None or not actions.is_fixed_safely(verdict.report, rule):
            continue
        document, home = verdict.snapshot.document, verdict.home
        work = functools.partial(actions.all_fixed, document, home.project, home.memory, (rule,))
        edits = await server.session.aside(one, work)
        found += by_part(verdict.snapshot, edits, server.client.encoding)
        judged.append((one, document))
    with under_way(server, f"fixing {rule} in the workspace") as progress:
        closed = [checked async for checked in closed_files(server, progress, rule) if checked.items]
    if any(one.snapshot.document is not document for one, document in judged):
        raise RefusedError("The text has changed while the fixes were made; ask for fixes again")
    return [*found, *((server.uri_at(checked.path), None, checked.items) for checked in closed)]


def by_part(
    snapshot: Snapshot, edits: Iterable[Edit], encoding: Encoding
) -> Iterator[tuple[str, int | None, list[Json]]]:
    """The edits of a text by the documents that it is made of."""
    made = convert.text_edits(snapshot.document, edits, encoding)
    for part in snapshot.parts:
        if inside := within(part, made, encoding):
            yield part.uri, part.version, inside
