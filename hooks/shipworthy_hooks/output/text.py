"""Findings for people: what, where, the lines, why it matters, and what can be done."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator

from shipworthy import registry, sources
from shipworthy.model import Finding, Problem, Severity
from shipworthy.sources import Text
from shipworthy_hooks.checked import Checked, Tally
from shipworthy_hooks.output import Piece, Run
from shipworthy_hooks.output.frames import Masked, masked
from shipworthy_hooks.output.plain import count, visible

Paint = Callable[[str, str], str]
"""`paint(style, text)`: the text in a style, or as it is where there is no colour."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.HINT: "bold blue"}


def render(results: Iterable[Checked], run: Run) -> Iterator[Piece]:
    """Findings and problems as they come; hints, if they block or there is nothing else, and the sums at the end.

    What is known already, by the baseline or by its age, is something else: hints are counted there too.
    """
    paint = _painter() if run.colour else _as_it_is
    hints: list[Checked] = []
    explained: set[str] = set()
    for checked in results:
        if checked.diff:
            yield checked.diff
        for problem in checked.report.problems:
            yield _problem(checked, problem, paint)
        found = checked.report.findings
        shown = [finding for finding in found if finding.severity > Severity.HINT or checked.blocks(finding)]
        hints += [checked] if len(shown) < len(found) else []
        yield from _findings(checked, shown, paint, explained, run)
    tally = run.tally
    if not (tally.severities[Severity.WARNING] + tally.severities[Severity.ERROR] + tally.baselined + tally.older):
        for checked in hints:
            rest = [finding for finding in checked.report.findings if not checked.blocks(finding)]
            yield from _findings(checked, rest, paint, explained, run)
    yield from _sums(run, paint)


def _findings(
    checked: Checked, findings: Iterable[Finding], paint: Paint, explained: set[str], run: Run
) -> Iterator[str]:
    text_of = functools.cache(lambda: _text_of(checked))
    for finding in findings:
        place = f"{visible(checked.shown)}:{finding.range.start.line}:{finding.range.start.column}"
        label = paint(_STYLES[finding.severity], finding.severity.label)
        yield f"{paint('bold', place)}: {label}: {visible(finding.message)} {paint('dim', f'[{finding.rule}]')}\n"
        text = text_of()
        if text is not None:
            yield from _frame(text, finding, paint, 0 if run.command == "hook" else 1)
        yield from _notes(checked, finding, paint, explained)
        yield "\n"


def _frame(text: Masked, finding: Finding, paint: Paint, around: int) -> Iterator[str]:
    rows = text.frame(finding.range, around)
    size = max(len(str(row.number)) for row in rows)
    style = _STYLES[finding.severity]
    for row in rows:
        gutter = paint(style, ">") if row.is_marked else " "
        number = str(row.number) if row.number else ""
        yield f"  {gutter} {paint('dim', f'{number:>{size}} |')} {row.text}".rstrip() + "\n"
        if row.mark:
            yield f"    {paint('dim', ' ' * size + ' |')} {paint(style, row.mark)}".rstrip() + "\n"


def _notes(checked: Checked, finding: Finding, paint: Paint, explained: set[str]) -> Iterator[str]:
    for related in finding.related:
        start = related.range.start
        is_here = related.path == checked.report.path
        place = f"line {start.line}" if is_here else f"{checked.show(related.path)}:{start.line}:{start.column}"
        yield f"    {paint('dim', 'see')} {visible(f'{place}: {related.message}')}\n"
    summary = registry.load(finding.rule).summary
    if finding.rule not in explained and summary.rstrip(".") != finding.message.rstrip("."):
        yield f"    {paint('dim', 'why')} {visible(summary)}\n"
    explained.add(finding.rule)
    for fix in finding.fixes:
        how = "--fix" if fix.safe else "look at it first: --fix --unsafe-fixes"
        yield f"    {paint('green', 'fix available')}: {visible(fix.title)} ({how})\n"


def _problem(checked: Checked, problem: Problem, paint: Paint) -> str:
    start = problem.range.start if problem.range is not None else None
    place = visible(checked.subject) + (f":{start.line}:{start.column}" if start is not None else "")
    return f"{paint('bold', place)}: {paint('bold red', 'problem')}: {visible(problem.message)}\n\n"


def _text_of(checked: Checked) -> Masked | None:
    """The file's text, masked; None if it cannot be shown."""
    if checked.files is None or checked.project is None:
        return None
    try:
        decoded = sources.decode(checked.files.read(checked.report.path), checked.project.config.max_file_size)
    except OSError:
        return None
    return masked(decoded, checked.report, checked.project) if isinstance(decoded, Text) else None


def _sums(run: Run, paint: Paint) -> Iterator[str]:
    tally = run.tally
    if not tally.files and not tally.problems:
        skipped = f" ({count(tally.skipped.total(), 'file')}: {_skipped(tally)})" if tally.skipped else ""
        yield f"No files to check{skipped}.\n"
        return
    seconds = time.monotonic() - run.started
    yield f"Checked {count(tally.files, 'file')} in {seconds:.1f} s: {_verdict(tally)}.\n"
    more = {
        f"{count(tally.applied, 'fix')} made": tally.applied,
        f"{count(tally.would_change, 'file')} would be changed by {run.fixing}": tally.would_change,
        f"{count(tally.skipped.total(), 'file')} skipped ({_skipped(tally)})": tally.skipped,
        f"{count(tally.suppressed, 'finding')} suppressed": tally.suppressed,
        f"{count(tally.baselined, 'finding')} in the baseline": tally.baselined,
        f"{count(tally.older, 'finding')} older than {run.since}": tally.older,
    }
    if any(more.values()):
        yield f"Also: {'; '.join(text for text, number in more.items() if number)}.\n"
    if run.apart:
        yield (
            f"{run.apart:,} folders were checked each for itself, for nothing says that they are one project: an empty"
            " shipworthy.toml above them does.\n"
        )
    missed = {"check everything": tally.problems - tally.unfixed, "make every fix": tally.unfixed}
    for what, problems in missed.items():
        if problems:
            yield paint("bold red", f"Could not {what}: {count(problems, 'problem')}, see above.") + "\n"
    yield from _next(run)


def _verdict(tally: Tally) -> str:
    severities = sorted(Severity, reverse=True)
    found = [count(tally.severities[one], one.label) for one in severities if tally.severities[one]]
    return ", ".join(found) or ("no findings" if tally.problems else "nothing found")


def _skipped(tally: Tally) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in tally.skipped.most_common())


def _next(run: Run) -> Iterator[str]:
    """What to do next."""
    tally = run.tally
    if tally.safe_fixes and not tally.would_change:
        yield f"{count(tally.safe_fixes, 'finding')} can be fixed without a change of behaviour: run with --fix.\n"
    if run.command == "hook" and run.exit_code == 1:
        yield f"The commit is stopped by {count(tally.blocking, 'finding')}: mend, `git add`, and commit again.\n"
        yield "To let one pass, write `# shipworthy: allow RULE -- why` on its line.\n"
        yield "What a rule is about: `shipworthy rule RULE`.\n"
    elif run.command == "hook" and tally.problems:
        yield "The commit is stopped because not everything could be checked: mend the problems above.\n"


def _as_it_is(style: str, text: str) -> str:
    return text


def _painter() -> Paint:
    from rich.color import ColorSystem
    from rich.style import Style

    styles = functools.cache(Style.parse)
    return lambda style, text: styles(style).render(text, color_system=ColorSystem.STANDARD)
