"""Which files a project's maintainers alone run, by their path: to build, to release, to measure, to make the
documentation; and which ones machines start.

What fails there is seen by whoever started it, and reaches no user.
"""

from __future__ import annotations

import re

_FILES = re.compile(
    r"(?:^|/)(?:setup|conf|noxfile|fabfile|dodo|pavement)\.py$|^(?:(?:tasks|(?:code_?)?format|fmt|lint)\.py$|docs?/)"
    r"|(?:^|/)(?:etc|ci|hack|maint\w*)/(?:\w+/)*scripts?/|(?:^|/)\.github/|(?:^|/)(?:bench(?:marks?)?|perf_?tests?)/"
    r"|(?:^|/)docs?_?(?:build|gen|tool)\w*/"
)
_OF_CI = re.compile(r"^\.?ci/")

_OCCASIONAL = re.compile(r"(?:^|/)(?:management/commands|migrations)/")
_EXAMPLES = re.compile(
    r"(?:^|/)(?:examples?|demos?|samples?|(?:project_)?templates?|tutorials?|notebooks?|eval(?:uation)?s?|experiments?)/"
    r"|(?:^|/)(?:demo|example)_\w+\.py$|_(?:demo|example)\.py$|_(?:BACKUP|BROKEN|OLD|WITH_DEBUG|bak|broken|orig)\.py$"
)
_OF_CONTAINERS = re.compile(r"(?:^|/)(?:wait(?:_for_\w+)?|health_?check|(?:docker_?)?entry_?point)\.py$")


def is_example(path: str) -> bool:
    """Whether a file shows how something is used, or tries how good it is, on the screen of whoever is interested;
    begins a program of theirs; or is kept from before.
    """
    return _EXAMPLES.search(path) is not None


def is_of_container(path: str) -> bool:
    """Whether a file is what the settings of a container start, with arguments that are written out there."""
    return _OF_CONTAINERS.search(path) is not None


def is_occasional(path: str) -> bool:
    """Whether a file is a command that operators start by hand now and then, and look at what comes of it."""
    return _OCCASIONAL.search(path) is not None


def is_upkeep(path: str) -> bool:
    """Whether a file is a script for the upkeep of the project: `setup.py`, `docs/conf.py`, `ci/scripts/tag.py`."""
    return _FILES.search(path) is not None or is_of_ci(path)


def is_of_ci(path: str) -> bool:
    """Whether a file is run by the machine that builds and tests a project, which ends what takes too long."""
    return _OF_CI.search(path) is not None
