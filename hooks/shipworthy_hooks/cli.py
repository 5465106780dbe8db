"""The `shipworthy` command: arguments in, exit code out. The one place that catches what ends a run.

Starts fast: what a command needs is imported when it runs.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from shipworthy_hooks import options
from shipworthy_hooks.options import UsageError

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What the system says when output has nowhere to go: no defect of ours."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 clean, 1 findings that block, 2 could not check, 130 interrupted."""
    # What is imported stays, and findings and trees hold few cycles and are many: to look for cycles as often as
    # usual takes a tenth of the time.
    gc.set_threshold(200_000, 20, 20)
    parser = options.parser()
    asked = parser.parse_args(arguments)
    try:
        code = _run(asked)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("shipworthy: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone.
        _discard_output()
        return 2
    except UsageError as error:
        print(f"shipworthy {asked.command}: {error}", file=sys.stderr)
        return 2
    except Exception as error:  # noqa: BLE001  # what it says may quote a file: only where it happened is shown
        if isinstance(error, OSError) and error.errno in _UNWRITABLE:
            print(f"shipworthy: cannot write the output: {os.strerror(error.errno)}", file=sys.stderr)
            _discard_output()
            return 2
        print(f"shipworthy: a bug: {type(error).__name__} in {_trace(error)}; please report it", file=sys.stderr)
        return 2
    finally:
        # The process ends: to look through all that is left for cycles takes 50 ms and more.
        gc.freeze()


def _run(asked: argparse.Namespace) -> int:
    if asked.command in ("rule", "explain"):
        from shipworthy_hooks.documentation import show_file, show_rules

        return show_rules(asked) if asked.command == "rule" else show_file(asked)
    from shipworthy.git import GitError
    from shipworthy_hooks import checking

    try:
        if asked.command == "hook" and asked.agent:
            from shipworthy_hooks import agent

            return agent.run(asked)
        if asked.command == "baseline":
            from shipworthy_hooks import baselining

            return baselining.run(asked)
        return checking.run(asked)
    except GitError as error:
        raise UsageError(str(error)) from error


def _discard_output() -> None:
    """Python would complain once more when it closes a stdout that takes nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _trace(error: Exception) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
