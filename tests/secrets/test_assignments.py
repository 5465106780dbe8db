"""A value is found in every place in which people write secrets, and only where it looks like one."""

from __future__ import annotations

import pytest

from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.model import Finding, Lane, Severity
from shipworthy.project import Project
from shipworthy.testing import expand

from .places import MISSED, PLACES

SEEN = [pytest.param(path, text, id=f"{path}: {text}") for path, texts in PLACES.items() for text in texts]
LOOKS = {"a password": "q7<alnum*10>", "a random value": "<alnum*40>", "a hexadecimal value": "<hex*32>"}
PLACEHOLDERS = (
    "change-me",
    "your-api-key",
    "${API_KEY}",
    "xxxxxxxxxxxxxxxx",
    "password",
    "some_setting_name",
    "<secret>",
)


def found(path: str, text: str) -> list[Finding]:
    project = Project("/nowhere", Config(select=("secrets",)))
    return list(analyze(Document(path, text + "\n"), project, None, Lane.FAST).findings)


@pytest.mark.parametrize(("path", "text"), [one for one in SEEN if one.values[1] not in MISSED])
@pytest.mark.parametrize("look", LOOKS)
def test_finds_a_value_in_its_place(path: str, text: str, look: str) -> None:
    if look == "a password" and "Bearer" in text:
        return
    value = expand(LOOKS[look])
    whole = text.replace("VALUE", value)
    findings = [one for one in found(path, whole) if one.severity > Severity.HINT]
    assert [whole[one.span.start : one.span.end] for one in findings] == [value]


@pytest.mark.parametrize(("path", "text"), SEEN)
def test_finds_no_placeholder(path: str, text: str) -> None:
    for value in PLACEHOLDERS:
        assert not [one for one in found(path, text.replace("VALUE", value)) if one.severity > Severity.HINT], value


@pytest.mark.parametrize(("path", "text"), SEEN)
def test_warns_of_nothing_in_tests_and_documentation(path: str, text: str) -> None:
    for folder in ("tests", "docs"):
        findings = found(f"{folder}/{path}", text.replace("VALUE", expand("q7<alnum*10>")))
        assert not [one for one in findings if one.severity > Severity.HINT]


SWITCHED_OFF = {
    "app.yml": "#   password: {}",
    "run.sh": "# export API_TOKEN={}",
    "app.ini": "; token = {}",
    ".env": "#TOKEN={}",
}


@pytest.mark.parametrize(("path", "text"), SWITCHED_OFF.items())
def test_hints_at_most_at_what_is_commented_out(path: str, text: str) -> None:
    assert found(path, text.format(expand("q7<alnum*10>"))) == []
    assert all(one.severity is Severity.HINT for one in found(path, text.format(expand("<alnum*40>"))))
    assert found(path, text.format(expand("dop_v1_<hex*64>")))[0].severity is Severity.ERROR


NO_SECRETS = (
    'password = password.encode("latin1")',
    'passphrase = options.cert_passphrase.encode("utf8")',
    'HEADERS = ("authorization", "x-amz-content-sha256", "x-amz-security-token")',
    'verify_token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."',
    'KINDS = {credentials.ISSHPrivateKey: b"publickey"}',
    'def f():\n    """Reset the password of the given user, and the secret behind it."""',
    'raise Error("--registry-password requires --registry-username.")',
)


@pytest.mark.parametrize("text", NO_SECRETS)
def test_says_nothing_of_what_clean_code_holds(text: str) -> None:
    assert found("app.py", text) == []
