"""What was there before stays quiet: the baseline, and the lines that are older than a revision."""

from __future__ import annotations

import pytest

from .shell import SWALLOWED, Shell


def test_known_findings_are_quiet_until_they_change(repository: Shell) -> None:
    repository.write("a.py")
    repository.write("sub/b.py", "x = 1\n" + SWALLOWED)
    done = repository.ship("baseline")
    assert (done.code, done.out) == (0, ".shipworthy-baseline: 2 known findings, 2 new, 0 dropped.\n")
    assert repository.ship("check").code == 0
    repository.write("a.py", "import os\n\n\n" + SWALLOWED)
    assert repository.ship("check").code == 0
    repository.write("a.py", SWALLOWED * 2)
    assert [(one["path"], one["start"]["line"]) for one in repository.findings()] == [("a.py", 7)]
    assert repository.ship("baseline").out == ".shipworthy-baseline: 3 known findings, 1 new, 0 dropped.\n"


def test_what_is_gone_is_dropped_and_what_was_not_checked_is_kept(repository: Shell) -> None:
    for name in ("a.py", "b.py", "c.py"):
        repository.write(name)
    repository.ship("baseline")
    repository.write("a.py", "x = 1\n")
    (repository.folder / "b.py").unlink()
    assert repository.ship("baseline", "c.py").out.endswith("2 known findings, 0 new, 1 dropped.\n")
    assert repository.ship("baseline").out.endswith("1 known finding, 0 new, 1 dropped.\n")
    text = (repository.folder / ".shipworthy-baseline").read_text()
    repository.ship("baseline")
    assert (repository.folder / ".shipworthy-baseline").read_text() == text


def test_what_is_known_of_rules_that_were_not_asked_is_kept(repository: Shell) -> None:
    repository.write("a.py", SWALLOWED + "eval(input())\n")
    repository.write("gone.py")
    repository.ship("baseline")
    known = (repository.folder / ".shipworthy-baseline").read_text()
    assert known.count("\n") == 1 + 3
    for arguments in (["--select", "complexity"], ["--ignore", "errors"], ["--ignore", "swallowed-exception"]):
        assert repository.ship("baseline", *arguments).out.endswith("3 known findings, 0 new, 0 dropped.\n")
    assert (repository.folder / ".shipworthy-baseline").read_text() == known
    (repository.folder / "gone.py").unlink()
    repository.write("a.py", "x = 1\n")
    assert repository.ship("baseline", "--ignore", "errors").out.endswith("1 known finding, 0 new, 2 dropped.\n")
    assert repository.ship("baseline").out.endswith("0 known findings, 0 new, 1 dropped.\n")


def test_each_settings_file_has_its_baseline_and_an_option_names_another(repository: Shell) -> None:
    repository.write("a.py")
    repository.write("inner/b.py")
    repository.write("inner/shipworthy.toml", 'baseline = "known.txt"\n')
    done = repository.ship("check")
    assert done.code == 2 and "baseline 'inner/known.txt' does not exist" in done.out
    assert repository.ship("baseline").code == 0
    assert repository.ship("check").code == 0
    assert (repository.folder / "inner" / "known.txt").read_text().count("b.py") == 1
    assert repository.ship("baseline", "--baseline", "all.txt", "a.py").code == 0
    (repository.folder / ".shipworthy-baseline").unlink()
    assert repository.ship("check", "a.py").code == 1
    assert repository.ship("check", "--baseline", "all.txt", "a.py").code == 0


def test_a_baseline_that_is_none_is_a_mistake(repository: Shell) -> None:
    repository.write("a.py")
    repository.write(".shipworthy-baseline", "something else\n")
    for command in ("check", "baseline"):
        done = repository.ship(command)
        assert done.code == 2 and ".shipworthy-baseline:1: " in (done.out + done.err).replace(":1:1:", ":1:")
    assert (repository.folder / ".shipworthy-baseline").read_text() == "something else\n"


def test_only_lines_newer_than_a_revision_block(repository: Shell) -> None:
    repository.write("a.py", SWALLOWED + "\n\nx = 1\n")
    repository.write("moved.py", "y = 1\n" * 20 + SWALLOWED)
    repository.commit()
    repository.git("checkout", "-qb", "work")
    assert repository.ship("check", "--new-since", "main").code == 0
    repository.write("a.py", SWALLOWED + "\n\nx = 1\n" + SWALLOWED)
    repository.git("mv", "moved.py", "there.py")
    repository.write("new.py")
    done = repository.ship("check", "--new-since", "main")
    assert done.code == 1
    assert "a.py:10:1" in done.out and "new.py:3:1" in done.out and "a.py:3:1" not in done.out
    assert "2 findings older than main" in done.out
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("other.py")
    repository.commit()
    repository.git("checkout", "-q", "work")
    report = repository.report("--new-since", "main")
    assert [(one["path"], one["start"]["line"]) for one in report["findings"]] == [("a.py", 10), ("new.py", 3)]
    assert {(one["path"], one["start"]["line"]) for one in report["older"]} == {("a.py", 3), ("there.py", 23)}


def test_a_finding_is_new_if_any_of_its_lines_is(repository: Shell) -> None:
    repository.write("a.py", SWALLOWED)
    repository.commit()
    repository.write("a.py", SWALLOWED.replace("    pass", "    pass  # changed").replace("# changed", ""))
    assert repository.ship("check", "--new-since", "HEAD").code == 1
    repository.write("a.py", SWALLOWED.replace("work()", "other()").replace("\n", "\r\n"))
    assert repository.ship("check", "--new-since", "HEAD").code == 0


def test_in_a_hook_the_staged_lines_count(repository: Shell) -> None:
    repository.write("a.py")
    repository.commit()
    repository.write("a.py", SWALLOWED + "\n" + SWALLOWED)
    repository.git("add", ".")
    done = repository.ship("hook", "--new-since", "HEAD")
    assert done.code == 1 and "a.py:8:1" in done.out and "a.py:3:1" not in done.out


def test_a_revision_that_nobody_knows_is_a_problem_and_hides_nothing(repository: Shell) -> None:
    repository.write("a.py")
    repository.commit()
    done = repository.ship("check", "--new-since", "nowhere")
    assert done.code == 2 and "--new-since: git knows no revision 'nowhere'" in done.out and "a.py:3:1" in done.out


@pytest.mark.parametrize("files", [{}, {"a.py": "x = 1\n"}, {"a.py": SWALLOWED}])
def test_new_since_needs_a_repository_that_knows_the_revision(shell: Shell, files: dict[str, str]) -> None:
    for name, text in files.items():
        shell.write(name, text)
    for expected in ("this is no git repository", "git knows no revision 'main'"):
        done = shell.ship("check", "--new-since", "main")
        assert done.code == 2 and done.out.count(f"--new-since: {expected}") == 1
        assert ("a.py:3:1" in done.out) == (SWALLOWED in files.values())
        shell.git("init", "-q", "-b", "other")


def test_hints_are_counted_and_not_shown_where_the_rest_is_known(repository: Shell) -> None:
    repository.write("a.py", "def text(path):\n    return open(path).read()\n")
    assert "hint: " in repository.ship("check").out
    repository.write("b.py")
    repository.ship("baseline")
    done = repository.ship("check")
    assert "hint: " not in done.out and "1 hint" in done.out and "Also: 1 finding in the baseline." in done.out
