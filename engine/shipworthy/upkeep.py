"""Which files a project's maintainers alone run, by their path: to build, to release, to make the documentation.

What fails there is seen by whoever started it, and reaches no user.
"""

from __future__ import annotations

import re

_FILES = re.compile(r"(?:^|/)(?:setup|conf|noxfile|fabfile|dodo|pavement)\.py$|^(?:tasks\.py$|docs?/)")

_OCCASIONAL = re.compile(r"(?:^|/)(?:management/commands|migrations)/")

_EXAMPLES = re.compile(r"(?:^|/)(?:examples?|demos?|samples?|tutorials?)/")


def is_example(path: str) -> bool:
    """Whether a file shows how something is used, on the screen of whoever tries it."""
    return _EXAMPLES.search(path) is not None


def is_occasional(path: str) -> bool:
    """Whether a file is a command that operators start by hand now and then, and look at what comes of it."""
    return _OCCASIONAL.search(path) is not None


def is_upkeep(path: str) -> bool:
    """Whether a file is a script for the upkeep of the project, such as `setup.py` or `docs/conf.py`."""
    return _FILES.search(path) is not None
