"""What a value looks like, by tables; and that no value, however long or odd, takes for ever."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipworthy.document import Document
from shipworthy.model import Span
from shipworthy.redact import redacted
from shipworthy.secrets import context, keys, names, tokens, values
from shipworthy.secrets.values import Look
from shipworthy.testing import expand

LOOKS = {
    Look.NOTHING: (
        *(
            "",
            "***",
            "xxxxxxxx",
            "password",
            "your-api-key",
            "changeme",
            "${DB_PASSWORD}",
            "{{ password }}",
            "<secret>",
        ),
        *("%(password)s", "{password}", "$PASSWORD", "Enter your password", "settings.SECRET", "get_secret()", "a[0]"),
        *("/run/secrets/db", "https://acme.io/token", "vault:secret/db", "text/html", "access_token", "accessToken"),
        *("client-secret-post", "X-Api-Key", "1234567890", "me@acme.io", "test1234", "fake-token-1", "пароль", "None"),
        *(
            "API key of the site (can be empty)",
            "zyxw x1 <alnum*8>",
            "a1b2c3d4",
            "dev-only-not-for-prod-<hex*16>",
        ),
        *("@comments.open", "name.tag-$1", "number?", "builds/<alnum*24>.zip"),
        *("U1Password", "s3_host", "v1.2.3-rc1", "$2b$12$<alnum*53>", "pbkdf2_sha256$600000$<alnum*22>$<base64*44>"),
        *("ユーザー名とパスワードの両方を指定してください", "cGFzc3dvcmQ=", "eW91ci1wYXNzd29yZC1oZXJl"),
    ),
    Look.WEAK: (
        "brigitte",
        "postgres",
        "Sommer2024",
        "P@55w0rd",
        "Password1!",
        "Letm3in_",
        "MorningCoffee41",
    ),
    Look.MADE: (
        "q7Xk29dLw!",
        "Tr0ub4dor&3",
        "j8#kPm2",
        "zqxwvkjhgfpd",
        "P@ssw0rd2024",
        "Qwerty952!",
        "cTdYazI5ZEx3IQ==",
        "M0nkey.2401",
    ),
    Look.RANDOM: ("<alnum*32>", "<hex*32>", "<base64*44>", "<alnum*64>", "<lower*40>"),
}


@pytest.mark.parametrize(("look", "value"), [(look, value) for look, shown in LOOKS.items() for value in shown])
def test_looks(look: Look, value: str) -> None:
    assert [values.look(expand(value, seed), "password") for seed in range(10)] == [look] * 10


_VALUES = st.sampled_from([value for shown in LOOKS.values() for value in shown]).map(expand)
_PARTS = st.sampled_from((*"aeZx07-_.:/=@!$ ", "pass", "Word", "s3cret", "P@55w0rd", "token", "my", "qu13t", "\u00e9"))


@settings(deadline=None, max_examples=2000)
@given(
    _VALUES | st.lists(_PARTS, max_size=9).map("".join),
    st.sampled_from(("", "x", "API_TOKEN", "db_pass", "passphrase")),
)
def test_looks_at_most_like_what_it_may_look_like(value: str, name: str) -> None:
    assert values.look(value, name) <= values.most(value)


CREDENTIALS = """
    password DB_PASSWORD dbPassword dbpassword user_passwd client_secret clientSecret API_KEY apiKey SECRET_KEY
    authToken access_token aws_secret_access_key privateKey passphrase password2 PASSWORD_PROD jwt_secret credentials
    encryption-key
"""
OTHERS = """
    password_field PASSWORD_HASH passwordLabel secret_name token_url api_key_header key primary_key sort_key tokens_used
    csrf_token next_page_token publicKey access_key_id password_min_length compass user keyboard tokenizer
"""


@pytest.mark.parametrize("name", CREDENTIALS.split())
def test_names_of_credentials(name: str) -> None:
    assert names.is_credential(name)


@pytest.mark.parametrize("name", OTHERS.split())
def test_names_of_other_things(name: str) -> None:
    assert not names.is_credential(name)


def test_a_key_of_somebody_is_one_if_nothing_else_is_called_so() -> None:
    assert all(map(names.is_key, ("openai_key", "mapsKey", "ACME_KEY_2")))
    assert not any(map(names.is_key, ("key", "primary_key", "cacheKey", "SITE_KEY", "key_name")))


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("dbPassword", "DB_PASSWORD"),
        ("api-key", "API_KEY"),
        ("password2", "PASSWORD2"),
        ("2fa_secret", "FA_SECRET"),
        ("", ""),
    ],
)
def test_environment_variables(name: str, variable: str) -> None:
    assert names.environment_variable(name) == variable


_UNITS = (
    "a",
    "_a",
    "a-",
    "a.",
    "A1",
    "aB ",
    "'",
    '"',
    "`",
    "/",
    ":",
    "://a:",
    "a@",
    "(",
    "[",
    "=",
    "= ",
    "\\n",
    "-----BEGIN ",
    "+",
)
_STARTS = ("", "password = ", "password: ", "://u:", "-----BEGIN RSA PRIVATE KEY-----", "eyJ", "SG.", "Q~", "token(")


@pytest.mark.parametrize("unit", _UNITS)
def test_nothing_takes_for_ever(unit: str) -> None:
    for start in _STARTS:
        for end in ("", "!", "\x00", "-----END", "'"):
            text = start + unit * 5000 + end
            values.look(text, "password")
            values.look(text[:500], "password")
            names.is_credential(text)
            list(tokens.in_text(text))
            list(keys.keys(text))
            context.spot(Document("a.yml", text).blocks[0], Span(len(start), len(start) + 9))
            context.spot(Document("a.yml", text).blocks[0], Span(3000, 3009))
            redacted(text)


def test_a_key_that_its_provider_publishes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    key = expand("<base64*86>==")
    assert values.look(key, "account_key") is Look.RANDOM and list(tokens.in_text(f"AccountKey={key};"))
    monkeypatch.setattr(values, "PUBLISHED", {hashlib.sha256(key.encode()).hexdigest()})
    assert values.look(key, "account_key") is Look.NOTHING and not list(tokens.in_text(f"AccountKey={key};"))
