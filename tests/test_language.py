"""What language a file is in, by its name or its first line, and whether it is test code."""

from __future__ import annotations

import pytest

from shipworthy.language import TEST_FILE, detect


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "", "python"),
        ("A.PYI", "", "python"),
        ("a.mts", "", "typescript"),
        ("a.tsx", "", "tsx"),
        ("de.ts", '<?xml version="1.0"?>\n<!DOCTYPE TS>\n<TS></TS>\n', "text"),
        ("{{ name }}.py", "", "text"),
        ("run", "#!/usr/bin/env python3\n", "python"),
        ("run", "#! /usr/bin/env -S python3 -u\n", "python"),
        ("run", "#!/usr/local/bin/node\n", "javascript"),
        ("run", "#!/bin/sh\npython\n", "text"),
        ("run", "# /usr/bin/python\n", "text"),
        ("run.txt", "#!/usr/bin/python\n", "text"),
    ],
)
def test_a_name_or_else_a_first_line_tells_the_language(path: str, text: str, expected: str) -> None:
    assert detect(path, text).id == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop/tests.py", True),
        ("tests/shop.py", True),
        ("testsuite/unittests/shop.py", True),
        ("run_tests.py", True),
        ("contests.py", False),
        ("test.py", False),
    ],
)
def test_test_code(path: str, expected: bool) -> None:
    assert (TEST_FILE.search(path) is not None) == expected
