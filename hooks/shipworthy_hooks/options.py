"""The command line: what can be asked for, and how it is written."""

from __future__ import annotations

import argparse

import shipworthy

FORMATS = ("text", "json", "jsonl", "sarif", "gitlab", "github", "junit")
"""The names of the formats of `check` and `hook`."""

_FAMILIES = ("secrets", "errors", "security", "complexity")
_SEVERITIES = ("error", "warning", "hint")


class UsageError(Exception):
    """What was asked for cannot be done; the message says what to write instead."""


def parser() -> argparse.ArgumentParser:
    """The parser of the `shipworthy` command."""
    top = argparse.ArgumentParser(
        prog="shipworthy",
        allow_abbrev=False,
        description="Finds what is missing between code that runs and code that is ready for production:"
        " hardcoded secrets, missing error handling, security holes, needless complexity.",
        epilog="Exit codes: 0 clean, 1 findings that block, 2 something could not be checked, 130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"shipworthy {shipworthy.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, what: str, description: str) -> argparse.ArgumentParser:
        # An option that changes files has to be written out: `--unsafe` may be a slip, or mean something else tomorrow.
        return commands.add_parser(name, help=what, description=description, allow_abbrev=False)

    _check(add("check", "check files and folders", _CHECK))
    _rule(add("rule", "explain a rule, or list all", _RULE))
    _explain(add("explain", "say what decides for a file", _EXPLAIN))
    _baseline(add("baseline", "write or prune the baseline", _BASELINE))
    _hook(add("hook", "check what is about to be committed", _HOOK))
    return top


_CHECK = (
    "Check files and folders; without any, the current folder. What git ignores and what the settings exclude is not"
    " checked, named or not. `-` reads one text from stdin."
)
_RULE = "Show the documentation of a rule; without a name, list all rules."
_EXPLAIN = "Say which settings, rules, baseline and versions decide for a file, and whether it is checked at all."
_BASELINE = (
    "Write down the findings that are there now, so that only new ones block. Findings that are gone are dropped,"
    " those of rules that are not selected stay. Without paths, the current folder is checked."
)
_HOOK = (
    "Check at commit time. Without paths: what git is about to commit, as it is staged. With paths: those files as they"
    " are on the disk, which is what pre-commit and prek want."
)


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the current folder)")
    _add_output(parser)
    _add_rules(parser)
    _add_fixes(parser)
    _add_run(parser)
    parser.add_argument("--stdin-filename", metavar="NAME", help="where the text on stdin belongs; needs the path `-`")
    parser.add_argument(
        "--history",
        nargs="?",
        const="all",
        metavar="REV..REV",
        help="look for secrets in the repository's commits (default: all), not in files",
    )


def _rule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", nargs="?", metavar="RULE", help="the id of a rule")
    parser.add_argument("--all", action="store_true", help="the documentation of all rules")
    parser.add_argument("--output-format", choices=("text", "json", "markdown"), default="text")


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--output-format", choices=("text", "json"), default="text")


def _baseline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the current folder)")
    parser.add_argument("--baseline", metavar="FILE", help="the baseline to write (default: the one in the settings)")
    parser.add_argument(
        "--import",
        dest="imported",
        metavar="FILE",
        help="add what a .secrets.baseline of detect-secrets knows, and nothing else",
    )
    _add_rules(parser)
    _add_run(parser, since=False)


def _hook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files on the disk (default: what is staged)")
    parser.add_argument(
        "--family",
        action="append",
        choices=_FAMILIES,
        metavar="FAMILY",
        help=f"only {', '.join(_FAMILIES)}",
    )
    parser.add_argument(
        "--agent",
        action="store_true",
        help="speak with a coding agent: the event of an edit on stdin, what to mend on stderr",
    )
    _add_output(parser)
    _add_rules(parser)
    _add_fixes(parser)
    _add_run(parser)


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument("--output-format", choices=FORMATS, default="text")
    group.add_argument("--output-file", metavar="FILE", help="write there instead of to stdout")
    group.add_argument("--exit-zero", action="store_true", help="exit with 0 in spite of findings")
    group.add_argument(
        "--fail-on", choices=_SEVERITIES, metavar="SEVERITY", help="block from this severity on: error, warning or hint"
    )


def _add_rules(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rules")
    group.add_argument("--select", type=_names, metavar="IDS", help="only these rules and families; or `all`")
    group.add_argument("--ignore", type=_names, default=(), metavar="IDS", help="not these rules and families")


def _add_fixes(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fixes")
    group.add_argument("--fix", action="store_true", help="make the fixes that keep behaviour")
    group.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: the others too; look at them")
    group.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")


def _add_run(parser: argparse.ArgumentParser, *, since: bool = True) -> None:
    group = parser.add_argument_group("run")
    group.add_argument("--jobs", type=_jobs, metavar="N", help="processes (default: as many as there are processors)")
    group.add_argument("--no-cache", action="store_true", help="neither read nor write the cache of results")
    if since:
        group.add_argument("--baseline", metavar="FILE", help="the known findings (default: the one in the settings)")
        group.add_argument("--new-since", metavar="REV", help="only findings on lines that are newer than REV block")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)


def _jobs(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 1 on, not {text!r}")
    return number
