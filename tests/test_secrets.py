"""The secret rules together: one finding for one literal, the right fate for each place, and no value shown."""

from __future__ import annotations

import pytest

from shipworthy import registry
from shipworthy.analyze import analyze
from shipworthy.backends.detect_secrets import CODES
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.model import Family, Report, Severity
from shipworthy.project import Project
from shipworthy.secrets.checksums import check_digits
from shipworthy.testing import expand, prepare

GITHUB = "ghp_" + expand("<alnum*30>") + check_digits(expand("<alnum*30>"))
PASSWORD = expand("q7<alnum*9>!")
RANDOM = expand("<alnum*40>")
KEY = expand("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI<alnum*43>\n-----END PRIVATE KEY-----\n")
URL = f"postgres://app:{PASSWORD}@db.acme.io/app"


def report_on(path: str, text: str) -> Report:
    return analyze(Document(path, text), Project("/nowhere", Config(select=("secrets",))))


def verdict(path: str, text: str) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity.label) for finding in report_on(path, text).findings]


def test_every_code_of_the_backend_leads_to_exactly_one_rule() -> None:
    entries = registry.entries().values()
    for code in CODES:
        assert len([entry.id for entry in entries if code in entry.hits]) == 1, code


@pytest.mark.parametrize("number", [105, 106, 107])
def test_the_password_codes_of_bandit_and_ruff_lead_here(number: int) -> None:
    assert registry.by_code()[f"bandit:B{number}"] == registry.by_code()[f"ruff:S{number}"] == {"hardcoded-password"}


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        (f'PASSWORD = "{PASSWORD}"\n', {"bandit:B105", "detect-secrets:secret-keyword", "ruff:S105"}),
        (f'connect(password="{PASSWORD}")\n', {"bandit:B106", "detect-secrets:secret-keyword", "ruff:S106"}),
        (f'def f(password="{PASSWORD}"): ...\n', {"bandit:B107", "detect-secrets:secret-keyword", "ruff:S107"}),
        (f'if password == "{PASSWORD}": ...\n', {"bandit:B105", "detect-secrets:secret-keyword", "ruff:S105"}),
    ],
)
def test_what_three_tools_say_of_a_literal_is_one_finding(text: str, sources: set[str]) -> None:
    (finding,) = report_on("app.py", text).findings
    assert finding.rule == "hardcoded-password"
    assert set(finding.sources) == sources
    assert text[finding.span.start : finding.span.end] == PASSWORD


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f'API_KEY = "{GITHUB}"\n', "hardcoded-token"),
        (f'URL = "https://me:{GITHUB}@github.com/x/y"\n', "hardcoded-token"),
        (f'PASSWORD = "{URL}"\n', "connection-string"),
        (f'SECRET_KEY = "{RANDOM}"\n', "hardcoded-password"),
        (f'PRIVATE_KEY = """{KEY}"""\n', "private-key"),
        (f'client = Client("{RANDOM}")\n', "high-entropy-string"),
    ],
)
def test_the_rule_that_knows_most_speaks_alone(text: str, rule: str) -> None:
    assert [finding.rule for finding in report_on("app.py", text).findings] == [rule]


FATES = {
    f'TOKEN = "{GITHUB}"\n': {
        "app.py": "error",
        "app.ts": "error",
        "conf.yml": "error",
        ".env": "error",
        "README.md": "error",
        "tests/test_app.py": "error",
    },
    f'TOKEN = "{GITHUB[:-1]}_"\n': {"tests/test_app.py": ""},
    KEY: {"server.key": "error", "docs/server.key": "warning", "tests/server.key": "hint"},
    f'URL = "{URL}"\n': {"app.py": "error", "README.md": "hint", "tests/test_app.py": "", "conf.ini": "error"},
    f'URL = "{URL.replace("db.acme.io", "localhost")}"\n': {"app.py": "hint", "README.md": ""},
    f'URL = "{URL.replace("db.acme.io", "postgres")}"\n': {"app.py": "warning"},
    f'password = "{PASSWORD}"\n': {
        "app.py": "warning",
        "app.js": "warning",
        "README.md": "",
        "tests/test_app.py": "",
        "examples/a.py": "",
    },
    f'secret_key = "{RANDOM}"\n': {"app.py": "warning", "docs/a.rst": "hint", "test_app.py": "", "poetry.lock": ""},
    f'value = "{RANDOM}"\n': {"app.py": "hint", "docs/a.rst": "", "test_app.py": "", "poetry.lock": ""},
}


@pytest.mark.parametrize(
    ("text", "path", "label"), [(text, *fate) for text, fates in FATES.items() for fate in fates.items()]
)
def test_fates(text: str, path: str, label: str) -> None:
    assert [severity for _, severity in verdict(path, text)] == ([label] if label else [])


EVERYWHERE = r"""
    connect(\n    password=(\n        "VALUE"\n    ),\n)
    connect(user="a", password="", api_key="VALUE")
    password: str = "VALUE"
    def f(a, password: Optional["str"] = "VALUE", b=1): ...
    settings["db"]["password"] = "VALUE"
    token = a.b()\nif c: "VALUE"
    d = {"pass\x77ord": "VALUE", "a\x5fpassword": "VALUE"}
    d = {"db" "_password": "VALUE"}
    d = {"password":\n "VALUE"}
    if (\n    password\n    == "VALUE"\n): ...
    password = x = "VALUE"
    self.token = "VALUE" "VALUE"
    KEY = "VALUE"\nf(secret=KEY)
    def f(password="VALUE", KEY="VALUE"):\n    g(api_key=KEY)
    password = f("VALUE") or "VALUE"
    paſſword = "VALUE"
    password = "it's-VALUE"
    token_url = "VALUE"
    password = \\n    "VALUE"
    f('password="VALUE"')
    x = '{"password":"VALUE"}'
    password  # why\nis "VALUE"
    passwords = {"a": "VALUE", "b": "c"}
    u = "pg://a:VALUE@db.acme.io"
    f(a, "VALUE")
"""
"""Programs in which values stand in unusual places."""

_EXAMPLES = [
    (prepared.path, prepared.text)
    for entry in registry.entries().values()
    if entry.family is Family.SECRETS
    for example in (*entry.load().bad, *entry.load().good)
    if (prepared := prepare(example).document)
]
_PROGRAMS = [line.strip() for line in EVERYWHERE.strip().splitlines()]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        *_EXAMPLES,
        *((path, text) for text, fates in FATES.items() for path in fates),
        *(
            ("app.py", text.replace(r"\n", "\n").replace("VALUE", value))
            for text in _PROGRAMS
            for value in (PASSWORD, RANDOM, "brigitte", "word", "a-b")
        ),
    ],
)
def test_who_asks_about_secrets_alone_hears_what_everybody_hears(path: str, text: str) -> None:
    """Where secrets alone are asked about, most texts are passed over before anybody looks at their syntax."""
    everything = analyze(Document(path, text), Project("/nowhere")).findings
    assert report_on(path, text).findings == tuple(one for one in everything if one.family is Family.SECRETS)


def test_a_number_of_random_values_is_a_table_and_no_heap_of_secrets() -> None:
    rows = "".join(f'    "name{at}::ApiKey": "{expand("<hex*16>", at)}",\n' for at in range(20))
    assert verdict("regions.py", f"TABLE = {{\n{rows}}}\n") == []


def test_a_google_key_of_a_web_page_is_meant_to_be_seen() -> None:
    key = expand("AIza<alnum*35>")
    assert verdict("app.py", f'KEY = "{key}"\n') == [("hardcoded-token", "error")]
    page = f'const config = {{\n  apiKey: "{key}",\n  authDomain: "acme.firebaseapp.com",\n}};\n'
    assert verdict("app.js", page) == [("hardcoded-token", "hint")]


@pytest.mark.parametrize("length", [3700, 3900, 3990])
def test_a_key_is_found_wherever_a_long_text_is_cut(length: int) -> None:
    text = "setting: 12345\n" * (length // 15) + KEY + "more: 1\n"
    assert verdict("settings.yaml", text) == [("private-key", "error")]


def test_a_literal_that_is_allowed_by_name_or_by_the_tools_pragma_is_hidden() -> None:
    for comment in (
        "# pragma: allowlist secret",
        "# noqa: S105",
        "# nosec B105",
        "# shipworthy: allow hardcoded-password -- made up",
    ):
        assert verdict("app.py", f'PASSWORD = "{PASSWORD}"  {comment}\n') == []


@pytest.mark.parametrize("secret", [GITHUB, PASSWORD, RANDOM, KEY.split("\n")[1]])
@pytest.mark.parametrize(
    "text",
    [
        'API_PASSWORD = "VALUE"\n',
        "api_password: VALUE\n",
        'f("VALUE")\n',
        "postgres://u:VALUE@db.acme.io\n",
        "# VALUE\n",
        '"-----BEGIN PRIVATE KEY-----\\nVALUE\\n-----END PRIVATE KEY-----"\n',
        'def f(x, password="VALUE"): return x ==\n',
    ],
)
def test_no_value_is_in_a_report(secret: str, text: str) -> None:
    for path in ("app.py", "app.ts", "app.yml"):
        report = report_on(path, text.replace("VALUE", secret))
        assert secret not in repr(report)
        assert all(finding.family is Family.SECRETS for finding in report.findings)
        assert all(finding.fingerprint for finding in report.findings)


def test_a_fix_is_never_made_without_being_looked_at() -> None:
    (finding,) = report_on("app.py", f'import os\nTOKEN = "{GITHUB}"\n').findings
    assert [fix.safe for fix in finding.fixes] == [False]
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.yaml", "id: AKIA<base32*16>\nregion: eu\nsecret: <alnum*40>\n", [("hardcoded-token", "error")]),
        ("a.cfg", "AKIA<base32*16>" + 7 * "\n" + "<alnum*40>\n", [("hardcoded-token", "error")]),
        ("a.py", 'TWILIO = Client("AC<hex*32>", auth_token="<hex*32>")\n', [("hardcoded-token", "error")]),
        ("a.py", 'CLIENT_ID = "<digit*12>"\nCLIENT_SECRET = "<alnum*40>"\n', [("hardcoded-password", "error")]),
        ("a.py", 'CLIENT_SECRET = "<alnum*40>"\n', [("hardcoded-password", "warning")]),
        ("a.py", 'CLIENT_ID = "<digit*12>"\nPASSWORD = "<alnum*40>"\n', [("hardcoded-password", "warning")]),
    ],
)
def test_an_identifier_and_its_secret_are_one_finding_that_blocks(
    path: str, text: str, expected: list[tuple[str, str]]
) -> None:
    assert verdict(path, expand(text)) == expected


def test_findings_of_one_value_in_a_file_name_each_other() -> None:
    text = f'TOKEN = "{GITHUB}"\n\n\ndef f():\n    return "{GITHUB}"\n\n\nOTHER = "{RANDOM}"\n'
    found = report_on("app.py", text).findings
    assert [[one.range.start.line for one in finding.related] for finding in found[:2]] == [[5], [1]]
    assert not any(finding.related for finding in found[2:])
