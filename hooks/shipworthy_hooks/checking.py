"""`shipworthy check` and `shipworthy hook`: files chosen, checked, fixed, sorted out and shown."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from shipworthy import baseline, batch, git, registry, store, workers, workspace
from shipworthy.baseline import Baseline, BaselineError
from shipworthy.config import Config, suggestion
from shipworthy.model import Family, Severity
from shipworthy.store import Store
from shipworthy_hooks import selection, staged
from shipworthy_hooks.checked import Checked, Tally, Write, shown_below
from shipworthy_hooks.options import UsageError
from shipworthy_hooks.output import Piece, Run, renderer
from shipworthy_hooks.output.plain import count, seen, visible
from shipworthy_hooks.progress import Progress
from shipworthy_hooks.selection import Adjustments, Selection

_WORTH_PROCESSES = 24
"""So many files are checked sooner by several processes than by one, which need not start."""


def run(asked: argparse.Namespace) -> int:
    """Do what was asked, and give the exit code. Raises UsageError."""
    _validate(asked)
    with opened_store(asked) as kept:
        adjustments = Adjustments(adjustment(asked), known(asked.baseline), kept)
        if getattr(asked, "stdin_filename", None) is not None:
            return _check_stdin(asked, adjustments)
        if getattr(asked, "history", None) is not None:
            from shipworthy_hooks import history

            return _finish(asked, Selection(), history.results(asked, adjustments))
        if asked.paths:
            chosen = selection.of_paths(asked.paths, adjustments)
        elif asked.command == "hook":
            chosen = staged.of_index(Path.cwd(), adjustments)
        else:
            chosen = selection.of_paths(["."], adjustments)
        number = jobs(asked, chosen)
        with workers.executor(number) as executor:
            progress = Progress(chosen.size)
            found = results(chosen, executor, kept, number, progress.count)
            return _finish(asked, chosen, found, progress=progress)


def results(
    chosen: Selection,
    executor: Executor,
    kept: Store | None,
    number: int = 1,
    tell: Callable[[int], object] = lambda files: None,
) -> Iterator[Checked]:
    """The verdicts on what was chosen: first those that were settled before, then file by file.

    `number`: how many processes the executor has. `tell` hears of files as they are checked.
    """
    yield from chosen.settled
    ahead = 2 * number if number > 1 else 0
    below = functools.cache(shown_below)
    for group, report in batch.check_groups(chosen.groups, executor, kept, ahead=ahead, tell=tell):
        yield Checked(report, below(group.project.root)(report.path), group.project, group.files)


@contextlib.contextmanager
def opened_store(asked: argparse.Namespace) -> Generator[Store | None]:
    """The cache of results, unless it is not wanted or there is no place for it."""
    folder = None if asked.no_cache else store.folder()
    if folder is None:
        yield None
        return
    with Store(folder) as kept:
        yield kept


def adjustment(asked: argparse.Namespace) -> Callable[[Config], Config]:
    """What the options change in the settings of every project."""
    family = getattr(asked, "family", None)
    others = tuple(one for one in Family if one not in family) if family else ()
    fail_on = Severity[asked.fail_on.upper()] if getattr(asked, "fail_on", None) else None

    def adjust(settings: Config) -> Config:
        if asked.select is not None:
            chosen = tuple(name for name in settings.ignore if name not in asked.select)
            settings = replace(settings, select=asked.select, ignore=chosen)
        if fail_on is not None:
            settings = replace(settings, fail_on=dict.fromkeys(Family, fail_on))
        return replace(settings, ignore=(*settings.ignore, *asked.ignore, *others))

    return adjust


def check_names(asked: argparse.Namespace) -> None:
    """Raises UsageError for a name that no rule and no family has."""
    known = [*registry.entries(), *Family, "all"]
    for option, names in (("--select", asked.select or ()), ("--ignore", asked.ignore)):
        for name in names:
            if name not in known:
                raise UsageError(f"{option}: unknown rule {name!r}{suggestion(name, known)}")


def _validate(asked: argparse.Namespace) -> None:
    check_names(asked)
    name = getattr(asked, "stdin_filename", None)
    reads_stdin = asked.paths == ["-"]
    is_staged = asked.command == "hook" and not asked.paths
    walks = getattr(asked, "history", None) is not None
    mistakes = {
        "--history looks at commits; leave paths, fixes and --new-since out": walks
        and (asked.paths or name or asked.fix or asked.diff or asked.new_since),
        "`-` stands alone; leave the other paths out": "-" in asked.paths and not reads_stdin,
        "`-` needs --stdin-filename NAME, so that the language and the settings are known": reads_stdin and not name,
        "--stdin-filename needs the path `-`": name and not reads_stdin,
        "--unsafe-fixes does nothing without --fix or --diff": asked.unsafe_fixes and not (asked.fix or asked.diff),
        "--diff is text; leave --output-format out": asked.diff and asked.output_format != "text",
        "what is staged cannot be fixed in place; run `shipworthy check --fix` and `git add`": is_staged
        and (asked.fix or asked.diff),
    }
    for message, is_made in mistakes.items():
        if is_made:
            raise UsageError(message)


def known(name: str | None) -> Baseline | None:
    """The baseline that an option names."""
    if name is None:
        return None
    try:
        return baseline.parse(Path(name).read_text(encoding="utf-8"), name)
    except OSError as error:
        message = f"--baseline: {name}: {error.strerror}; write it with `shipworthy baseline --baseline {name}`"
        raise UsageError(message) from error
    except (UnicodeDecodeError, BaselineError) as error:
        raise UsageError(f"--baseline: {error}") from error


def jobs(asked: argparse.Namespace, chosen: Selection) -> int:
    """How many processes shall work."""
    if asked.jobs is not None:
        return int(asked.jobs)
    return workers.available() if chosen.size >= _WORTH_PROCESSES else 1


def _check_stdin(asked: argparse.Namespace, adjustments: Adjustments) -> int:
    data = sys.stdin.buffer.read()
    chosen = selection.of_text(asked.stdin_filename, data, adjustments)
    texts = [data]

    def keep(checked: Checked, before: bytes, after: bytes) -> str:
        texts.append(after)
        return ""

    # A fixed text goes to stdout, so what there is to say goes to stderr.
    is_text_wanted = asked.fix and not asked.diff
    put = _to_stderr if is_text_wanted else None
    with workers.executor(1) as executor:
        code = _finish(asked, chosen, results(chosen, executor, adjustments.store), keep, put)
    if is_text_wanted:
        sys.stdout.buffer.write(texts[-1])
    return code


def _finish(
    asked: argparse.Namespace,
    chosen: Selection,
    checked: Iterable[Checked],
    write: Write | None = None,
    put: Callable[[Piece], object] | None = None,
    progress: Progress | None = None,
) -> int:
    """Fix, sort out, count and show the results. `write`: where fixed files go, if not to the disk."""
    tally = Tally()
    progress = progress or Progress(0)
    passed: Iterable[Checked] = tally.count(_sorted_out(asked, chosen, checked, write))
    is_text = asked.output_format == "text"
    if not is_text:
        passed = _problems_to_stderr(passed, progress)
    colour = is_text and put is None and asked.output_file is None and _has_colour()
    fixing = "--fix --unsafe-fixes" if asked.unsafe_fixes else "--fix"
    run = Run(tally, asked.command, colour, asked.new_since or "", asked.exit_zero, _apart(chosen), fixing)
    try:
        _write(renderer(asked.output_format)(passed, run), progress, asked.output_file, put or _to_stdout)
    finally:
        progress.clear()
    if asked.diff and not tally.would_change:
        # Whoever applies the difference is told by git that there is none, and no more.
        print(f"shipworthy {asked.command}: {_nothing_to_change(asked, tally)}", file=sys.stderr)
    return run.exit_code


def _nothing_to_change(asked: argparse.Namespace, tally: Tally) -> str:
    if asked.unsafe_fixes or not tally.other_fixes:
        return "there is nothing to change: no finding has a fix that can be made"
    return (
        f"there is nothing to change: no fix is safe to make unseen; {count(tally.other_fixes, 'finding')} can be fixed"
        f" with --unsafe-fixes: look at them with `shipworthy {asked.command} --diff --unsafe-fixes`"
    )


def _apart(chosen: Selection) -> int:
    """How many folders without any mark of a project are checked each for itself, if there are several."""
    roots = {group.project.root for group in chosen.groups}
    unmarked = sum(workspace.is_unmarked(Path(root)) for root in roots) if len(roots) > 1 else 0
    return unmarked if unmarked > 1 else 0


def _sorted_out(
    asked: argparse.Namespace, chosen: Selection, checked: Iterable[Checked], write: Write | None
) -> Iterable[Checked]:
    if asked.diff or asked.fix:
        from shipworthy_hooks import fixing

        if asked.diff:
            checked = fixing.with_diffs(checked, unsafe=asked.unsafe_fixes)
        else:
            checked = fixing.fixed(checked, write or fixing.write_to_disk, unsafe=asked.unsafe_fixes)
    if asked.new_since is not None:
        from shipworthy_hooks import since

        if asked.command == "hook":
            return since.only_new(checked, asked.new_since, git.repository_of_hook(Path.cwd()))
        roots = list(dict.fromkeys(group.project.root for group in chosen.groups))
        nowhere = [] if chosen.settled else [str(Path.cwd())]
        checked = since.only_new(checked, asked.new_since, folders=roots or nowhere)
    return checked


def _write(
    pieces: Iterable[Piece], progress: Progress, output_file: str | None, put: Callable[[Piece], object]
) -> None:
    if output_file is None:
        for piece in pieces:
            progress.clear()
            put(piece)
        return
    data = b"".join(_encoded(piece, "utf-8") for piece in pieces)
    place = Path(output_file)
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(data)
        else:
            temporary = place.with_name(f".{place.name}.{os.getpid()}")
            temporary.write_bytes(data)
            temporary.replace(place)
    except OSError as error:
        raise UsageError(f"--output-file: {output_file}: {error.strerror}") from error


def _to_stdout(piece: Piece) -> None:
    _put(piece, sys.stdout)


def _to_stderr(piece: Piece) -> None:
    _put(piece, sys.stderr)


def _put(piece: Piece, stream: TextIO) -> None:
    if isinstance(piece, bytes) and stream.isatty():
        piece = seen(piece)
    stream.buffer.write(_encoded(piece, stream.encoding or "utf-8"))
    stream.buffer.flush()


def _encoded(piece: Piece, encoding: str) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode(encoding, "backslashreplace")


def _problems_to_stderr(checked: Iterable[Checked], progress: Progress) -> Iterator[Checked]:
    """What failed, said where people look too: not every format has a place for it."""
    for one in checked:
        for problem in one.report.problems:
            line = f":{problem.range.start.line}" if problem.range is not None else ""
            progress.clear()
            print(visible(f"{one.subject}{line}: {problem.message}"), file=sys.stderr)
        yield one


def _has_colour() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
