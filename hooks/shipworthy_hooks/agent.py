"""`shipworthy hook --agent`: the verdict on what a coding agent has just written, in words for the agent.

Agents tell their hooks of an edit with a JSON object on standard input. Most of them (Claude Code, Codex, Gemini
CLI, the agents of VS Code) show the agent what a hook writes to stderr when it ends with 2. Cursor takes a JSON
object on stdout instead. What could not be checked is said in the same way: an agent that hears nothing
believes that all is well.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from shipworthy import registry, workers
from shipworthy.model import Finding
from shipworthy_hooks import checking, selection
from shipworthy_hooks.checked import Checked, Tally
from shipworthy_hooks.options import UsageError
from shipworthy_hooks.output.plain import count, seen, visible
from shipworthy_hooks.selection import Adjustments

_TELLS_AGENT = 2
"""With this exit code an agent is shown what stands on stderr."""

_FILE = ("file_path", "filePath", "notebook_path", "absolute_path", "target_file")
_PATCH = ("command", "input", "patch", "patchText")
_IN_PATCH = re.compile(r"^\*\*\* (?:Add File|Update File|Move to): (.+?)\s*$", re.MULTILINE)
_READERS = frozenset({"read", "read_file", "readfile", "notebookread", "view", "grep", "glob", "ls"})
_MOST = 20
"""Findings that are told at once; the rest is counted."""


class NotAnEventError(Exception):
    """What stands on standard input is not what agents send; the message says why."""


@dataclass(frozen=True)
class Event:
    """What an agent has written. `answers_json`: it wants its answer as JSON on stdout."""

    paths: tuple[str, ...]
    answers_json: bool = False


def run(asked: argparse.Namespace) -> int:
    """Check what the event on standard input names, and answer as its agent wants it. Raises UsageError."""
    if asked.paths:
        raise UsageError("--agent takes the files from the event on stdin; leave the paths out")
    checking.check_names(asked)
    try:
        event = parse(sys.stdin.buffer.read(), Path.cwd())
    except NotAnEventError as error:
        print(f"shipworthy could not check what was written: {error}", file=sys.stderr)
        return _TELLS_AGENT
    text = _told(_checked(asked, event.paths)) if event.paths else ""
    if event.answers_json:
        print(json.dumps({"additional_context": text} if text else {}))
        return 0
    sys.stderr.buffer.write(text.encode("utf-8", "backslashreplace"))
    return _TELLS_AGENT if text else 0


def parse(data: bytes, folder: Path) -> Event:
    """The event of an agent; relative paths are those of the folder that it names, or else of `folder`.

    An event without an edit has no paths. Raises NotAnEventError.
    """
    try:
        loaded: Any = json.loads(data)
    except ValueError as error:
        raise NotAnEventError("standard input is not JSON; this command is for the hooks of coding agents") from error
    event = _members(loaded)
    if not event:
        raise NotAnEventError("standard input holds no JSON object with an event")
    named = event.get("cwd") or next(iter(_items(event.get("workspace_roots"))), "")
    base = folder / named if isinstance(named, str) else folder
    name = event.get("hook_event_name")
    is_cursor = "cursor_version" in event or (isinstance(name, str) and name[:1].islower())
    if str(event.get("tool_name", "")).lower() in _READERS:
        return Event((), is_cursor)
    paths = [base / path for part in (event, event.get("tool_input"), event.get("tool_info")) for path in _named(part)]
    return Event(tuple(str(path) for path in dict.fromkeys(paths) if not path.is_dir()), is_cursor)


def _named(value: Any) -> Iterator[str]:
    """The files that a part of an event names: itself, in its list of edits, or in a patch."""
    members = _members(value)
    for key in _FILE:
        path = members.get(key)
        if isinstance(path, str) and path:
            yield path
    for edit in _items(members.get("edits")):
        yield from _named(edit)
    patch = value if isinstance(value, str) else next((members[key] for key in _PATCH if key in members), "")
    patch = patch if isinstance(patch, str) else "\n".join(map(str, _items(patch)))
    if "*** Begin Patch" in patch:
        moved = re.sub(r"^\*\*\* Update File: .+\n(?=\*\*\* Move to: )", "", patch, flags=re.MULTILINE)
        yield from _IN_PATCH.findall(moved)


def _members(value: Any) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _items(value: Any) -> Iterable[Any]:
    return cast("Iterable[Any]", value) if isinstance(value, list) else ()


def _checked(asked: argparse.Namespace, paths: Iterable[str]) -> list[Checked]:
    with checking.opened_store(asked) as kept:
        adjustments = Adjustments(checking.adjustment(asked), checking.known(asked.baseline), kept)
        chosen = selection.of_paths(paths, adjustments)
        with workers.executor(1) as executor:
            results: Iterable[Checked] = checking.results(chosen, executor, kept)
            if asked.new_since is not None:
                from shipworthy_hooks import since

                results = since.only_new(results, asked.new_since)
            return list(results)


def _told(results: list[Checked]) -> str:
    """What an agent is to hear; nothing, if nothing blocks and all could be checked."""
    tally = Tally()
    results = list(tally.count(results))
    if not tally.blocking and not tally.problems:
        return ""
    blocking = [(one, finding) for one in results for finding in one.report.findings if one.blocks(finding)]
    parts: list[str] = []
    if blocking:
        parts.append(f"Shipworthy found {count(tally.blocking, 'thing')} in what was just written. Mend them now.\n\n")
    parts += [_finding(checked, finding) for checked, finding in blocking[:_MOST]]
    if len(blocking) > _MOST:
        parts.append(f"... and {len(blocking) - _MOST} more: run `shipworthy check` on the file.\n")
    parts += list(_fixes(results)) if any(finding.fixes for _, finding in blocking) else []
    if blocking:
        parts.append(
            "If one is right as it is, say why in a comment on its line: `shipworthy: allow RULE -- why`."
            " `shipworthy rule RULE` explains a rule.\n"
        )
    for checked in results:
        parts += [f"{visible(checked.subject)}: {visible(problem.message)}\n" for problem in checked.report.problems]
    if tally.problems:
        parts.append("Shipworthy could not check everything, see above: do not take this for a clean bill.\n")
    return "".join(parts)


def _finding(checked: Checked, finding: Finding) -> str:
    start = finding.range.start
    lines = [f"{visible(checked.shown)}:{start.line}:{start.column}: {visible(finding.message)} [{finding.rule}]"]
    summary = registry.load(finding.rule).summary
    if summary.rstrip(".") != finding.message.rstrip("."):
        lines.append(f"  why: {visible(summary)}")
    for related in finding.related:
        at = related.range.start
        lines.append(f"  see {visible(checked.show(related.path))}:{at.line}: {visible(related.message)}")
    lines += [f"  fix: {visible(fix.title)}" for fix in finding.fixes]
    return "\n".join(lines) + "\n\n"


def _fixes(results: Iterable[Checked]) -> Iterator[str]:
    """The fixes as a difference, with every secret masked."""
    from shipworthy_hooks import fixing

    for checked in fixing.with_diffs(results, unsafe=True):
        shown = seen(checked.diff)
        if checked.diff and checked.project is None:
            yield f"{shown}\n"
        elif checked.diff:
            command = f"shipworthy check --fix --unsafe-fixes {checked.shown}"
            yield f"The fixes that are ready, made by `{visible(command)}` if they are right here:\n{shown}\n"
