"""The catalogue is consistent, agrees with the real classes, and its rows raise what they say."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest

from shipworthy.escape.catalogue import (
    Condition,
    Likelihood,
    Raised,
    ancestors,
    canonical,
    is_outside,
    known,
    libraries,
)
from shipworthy.escape.catalogue.web import ROUTERS
from shipworthy.escape.guards import GROUPS

from .failing import failures as real_failures
from .real import MISSING, fault_of_row, find, find_canonical, hierarchy_faults, is_installed

ROWS = {name: row for library in libraries() for name, row in library.calls.items()}
EXCEPTIONS = {name: bases for library in libraries() for name, bases in library.exceptions.items()}
ALIASES = {name: target for library in libraries() for name, target in library.aliases.items()}
RETURNED = {row.returns for row in ROWS.values() if row.returns}
NOT_IN_EVERY_PYTHON = {"datetime.date.strptime", "datetime.time.strptime", "ssl.wrap_socket"}


def is_exception(name: str) -> bool:
    builtin = getattr(builtins, name, None)
    return name in EXCEPTIONS or (isinstance(builtin, type) and issubclass(builtin, BaseException))


def test_a_name_stands_in_one_library_only() -> None:
    for kind in ("calls", "exceptions", "aliases"):
        names = [name for library in libraries() for name in getattr(library, kind)]
        assert sorted({name for name in names if names.count(name) > 1}) == []


def test_rows_and_exceptions_have_canonical_names() -> None:
    assert [name for name in [*ROWS, *EXCEPTIONS] if canonical(name) != name] == []


def test_raised_exceptions_and_bases_are_in_the_hierarchy() -> None:
    raised = {one.exception for row in ROWS.values() for one in row.raised}
    bases = {base for listed in EXCEPTIONS.values() for base in listed}
    assert sorted(name for name in raised | bases if not is_exception(name)) == []


def test_every_exception_ends_at_the_builtin_ones() -> None:
    assert [name for name in EXCEPTIONS if "BaseException" not in ancestors(name)] == []
    assert [name for name in EXCEPTIONS if any(name in ancestors(base) for base in EXCEPTIONS[name])] == []


def test_returned_types_have_rows() -> None:
    owners = {name.removesuffix("[]") if name.endswith("[]") else name.rpartition(".")[0] for name in ROWS}
    holders = {owner[: owner.rfind(".", 0, end)] for owner in owners for end in range(len(owner))} | owners
    asked_of = GROUPS.union(ROUTERS.split())  # of these, being one is all that is asked
    unknown = {name.strip("[]") for name in RETURNED} - holders - asked_of
    assert sorted(name for name in unknown if not is_outside(name)) == []
    assert sorted(name for name in RETURNED if canonical(name.strip("[]")) != name.strip("[]")) == []


def test_aliases_lead_somewhere() -> None:
    names = [*ROWS, *EXCEPTIONS, *RETURNED]
    lost = [
        alias
        for alias, target in ALIASES.items()
        if not is_exception(target) and not any(name == target or name.startswith(f"{target}.") for name in names)
    ]
    assert lost == []
    assert [name for name in [*ALIASES, *ROWS, *EXCEPTIONS] if canonical(canonical(name)) != canonical(name)] == []


def test_places_are_positions_or_names() -> None:
    places = [place for row in ROWS.values() for place in row.depends_on]
    for row in ROWS.values():
        for condition in (condition for one in row.raised for condition in (one.given, one.unless) if condition):
            places.extend(condition.places)
    assert [place for place in places if not (place.isdigit() or place.isidentifier() or place in {"*", "**"})] == []


def test_an_exception_of_a_row_is_listed_once_for_each_condition() -> None:
    for name, row in ROWS.items():
        assert len({(one.exception, one.given, one.unless) for one in row.raised}) == len(row.raised), name


def test_the_hierarchy_is_that_of_the_real_classes() -> None:
    counted = {library.name: hierarchy_faults(library) for library in libraries()}
    assert [fault for _, faults in counted.values() for fault in faults] == []
    for name in ("files", "archives", "values", "sockets", "protocols", "asyncio", "subprocess", "sqlite3", "requests"):
        assert counted[name][0] > 0, f"nothing was compared for {name}"
    assert sum(compared for compared, _ in counted.values()) > 130


def test_raised_exceptions_can_be_imported_by_their_names() -> None:
    raised = {one.exception for row in ROWS.values() for one in row.raised}
    there = {name for name in raised if is_installed(name)}
    assert {"OSError", "json.JSONDecodeError", "requests.HTTPError", "yaml.YAMLError"} <= there
    assert sorted(name for name in there if find(name) is MISSING) == []


def test_rows_of_the_standard_library_exist() -> None:
    names = [
        name for name in ROWS if name.partition(".")[0] in sys.stdlib_module_names and not name.endswith(("*", "[]"))
    ]
    assert len(names) > 400
    described = {name.partition("[")[0] for name in RETURNED}
    invented = {name for name in described if find_canonical(name) is MISSING} | {"csv.reader"}
    lost = [name for name in names if find_canonical(name) is MISSING and name.rpartition(".")[0] not in invented]
    attributes = {name for name in lost if not ROWS[name].raised}
    assert set(lost) - attributes - NOT_IN_EVERY_PYTHON == set()


def test_any_method_and_any_beginning() -> None:
    put, get = known("boto3.client.put_object"), known("shop.models.Order.objects.get")
    validated = known("shop.schemas.Order.model_validate")
    assert put is not None and get is not None and validated is not None
    assert [one.exception for one in put.raised] == ["botocore.exceptions.ClientError"]
    assert get.raised[0].exception == "django.core.exceptions.ObjectDoesNotExist"
    assert validated.raised[0].exception == "pydantic.ValidationError"
    assert known("boto3.client.__enter__") is None
    assert known("shop.models.Order.get") is None


def test_an_alias_holds_for_all_that_is_below_it() -> None:
    assert canonical("redis.asyncio.Redis.get") == "redis.Redis.get"
    assert canonical("requests.exceptions.Timeout") == "requests.Timeout"
    assert canonical("asyncio.TimeoutError") == canonical("socket.timeout") == "TimeoutError"
    assert canonical("shop.models.Order.DoesNotExist") == "django.core.exceptions.ObjectDoesNotExist"
    assert canonical("shop.requests.exceptions") == "shop.requests.exceptions"


def test_ancestors_follow_the_classes_of_the_project() -> None:
    local = {"shop.Failed": ("shop.Base",), "shop.Base": ("requests.exceptions.HTTPError",)}
    assert {"shop.Base", "requests.HTTPError", "OSError", "Exception"} <= ancestors("shop.Failed", local)
    assert ancestors("shop.Unknown") == {"shop.Unknown", "Exception", "BaseException"}


WRITING = Condition(("1", "mode"), ("w", "a"))
TIMEOUT = Condition(("timeout",), ())


@pytest.mark.parametrize(
    ("condition", "literals", "given", "holds"),
    [
        (WRITING, {"1": "wb"}, "01", True),
        (WRITING, {"mode": "a"}, ["mode"], True),
        (WRITING, {"1": "r"}, "01", False),
        (WRITING, {}, "01", False),
        (TIMEOUT, {"timeout": "5"}, ["timeout"], True),
        (TIMEOUT, {}, ["timeout"], True),
        (TIMEOUT, {"timeout": "None"}, ["timeout"], False),
        (TIMEOUT, {}, "0", False),
        (Condition(("0",), ("INSERT",)), {"0": "\n  INSERT INTO t"}, "0", True),
    ],
)
def test_a_condition_looks_at_the_arguments(
    condition: Condition, literals: dict[str, str], given: list[str], holds: bool
) -> None:
    assert condition.holds(literals, given) is holds
    assert Raised("OSError", given=condition).applies(literals, given) is holds
    assert Raised("OSError", unless=condition).applies(literals, given) is not holds


def failures(name: str, literals: dict[str, str], given: str = "0") -> dict[str, Likelihood]:
    row = known(canonical(name))
    assert row is not None
    places = [*given, *literals]
    return {one.exception: one.likelihood or row.likelihood for one in row.raised if one.applies(literals, places)}


def test_conditions_of_rows() -> None:
    assert failures("zipfile.ZipFile.read", {"0": "data.json"}) == {"KeyError": Likelihood.PEER}
    assert failures("zipfile.ZipFile.read", {}) == {}
    assert failures("tarfile.open", {"mode": "w:gz"}) == {"OSError": Likelihood.USER}
    assert "zipfile.BadZipFile" not in failures("zipfile.ZipFile", {"1": "w"})
    assert "zipfile.BadZipFile" in failures("zipfile.ZipFile", {})
    assert failures("subprocess.run", {}) == {"FileNotFoundError": Likelihood.RARE}
    assert set(failures("subprocess.run", {"check": "True", "timeout": "5"})) == {
        "subprocess.CalledProcessError",
        "subprocess.TimeoutExpired",
        "FileNotFoundError",
    }
    assert set(failures("subprocess.run", {"check": "True", "shell": "True"})) == {"subprocess.CalledProcessError"}
    assert failures("pandas.to_numeric", {"errors": "coerce"}) == {}
    assert failures("smtplib.SMTP", {}, given="") == {}
    assert failures("asyncio.wait_for", {"timeout": "None"}) == {}
    assert failures("pathlib.Path.unlink", {"missing_ok": "True"}, given="") == {"OSError": Likelihood.RARE}
    assert "sqlite3.IntegrityError" not in failures("sqlite3.Connection.execute", {"0": "INSERT OR IGNORE INTO t"})
    assert "sqlite3.IntegrityError" in failures("sqlite3.Connection.execute", {"0": "INSERT INTO t VALUES (?)"})


def test_calls_raise_what_their_rows_say(tmp_path: Path) -> None:
    cases = list(real_failures(tmp_path))
    assert [fault for row, action in cases if (fault := fault_of_row(row, action))] == []
    assert len(cases) > 180
