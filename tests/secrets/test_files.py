"""The files in which programs keep credentials: of each, the secret is found as it really stands there."""

from __future__ import annotations

import base64
import json

import pytest

from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.model import Lane, Severity
from shipworthy.project import Project
from shipworthy.testing import expand

PROJECT = Project("/nowhere", Config(select=("secrets",)))
PASSWORD = expand("q7<alnum*10>!")
SECRET = expand("<alnum*40>")
AWS_ID = expand("AKIA<base32*16>")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


KEY = f"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI{expand('<alnum*43>')}\n-----END PRIVATE KEY-----\n"
LOGIN = encoded(f"me:{PASSWORD}")
AUTHS = json.dumps({"auths": {"ghcr.io": {"auth": LOGIN}}})
SAS = f"{expand('<alnum*20>')}%2B{expand('<alnum*22>')}%3D"
FILES = {
    "aws/credentials": (f"[default]\naws_access_key_id = {AWS_ID}\naws_secret_access_key = {SECRET}\n", SECRET),
    "service-account.json": (json.dumps({"type": "service_account", "private_key": KEY}), json.dumps(KEY)[1:-3]),
    "kubeconfig": (f"users:\n- user:\n    client-key-data: {encoded(KEY)}\n", encoded(KEY)),
    ".netrc": (f"machine api.acme.io\n  login me\n  password {PASSWORD}\n", PASSWORD),
    ".pgpass": (f"db.acme.io:6432:app:me:{PASSWORD}\n*:*:*:me:{SECRET}\n", PASSWORD),
    ".npmrc": (f"_auth={LOGIN}\n", LOGIN),
    ".yarnrc.yml": (f'npmRegistries:\n  "https://npm.acme.io":\n    npmAuthToken: "{SECRET}"\n', SECRET),
    ".pypirc": (f"[acme]\nusername = me\npassword = {PASSWORD}\n", PASSWORD),
    "pip.conf": (f"[global]\nindex-url = https://me:{SECRET}@pypi.acme.io/simple\n", SECRET),
    ".dockercfg": (json.dumps({"https://index.docker.io/v1/": {"auth": LOGIN}}), LOGIN),
    ".docker/config.json": (AUTHS, LOGIN),
    "pull.yaml": (f"kind: Secret\ndata:\n  .dockerconfigjson: {encoded(AUTHS)}\n", encoded(AUTHS)),
    ".git-credentials": (f"https://me:{SECRET}@git.acme.io\n", SECRET),
    "settings.xml": (f"<server><username>me</username><password>{PASSWORD}</password></server>\n", PASSWORD),
    "terraform.tfstate": (json.dumps({"attributes": {"username": "me", "password": PASSWORD}}), PASSWORD),
    "wg0.conf": (f"[Interface]\nPrivateKey = {expand('<alnum*43>')}=\n", expand("<alnum*43>") + "="),
    "upload.sh": (f'curl "https://acme.blob.core.windows.net/c?sv=2022-11-02&sp=rw&sig={SAS}"\n', SAS),
}


@pytest.mark.parametrize("path", FILES)
def test_finds_the_secret(path: str) -> None:
    text, secret = FILES[path]
    found = [
        one for one in analyze(Document(path, text), PROJECT, None, Lane.FAST).findings if one.severity > Severity.HINT
    ]
    assert secret in [text[one.span.start : one.span.end] for one in found]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("sealed.yaml", f"kind: SealedSecret\nspec:\n  encryptedData:\n    password: Ag{expand('<alnum*120>')}\n"),
        ("secrets.yaml", f"password: {SECRET}\nsops:\n    version: 3.9.0\n"),
        ("secret.yaml", f"kind: Secret\ndata:\n  password: {encoded('change-me')}\n"),
        (".htpasswd", f"me:$apr1${expand('<alnum*8>')}${expand('<alnum*22>')}\n"),
        (".docker/config.json", '{"auths": {"ghcr.io": {}}, "credsStore": "desktop"}'),
        ("kubeconfig", f"client-certificate-data: {encoded('-----BEGIN CERTIFICATE-----' + SECRET)}\n"),
    ],
)
def test_says_nothing_of_what_is_encrypted_or_stands_for_another(path: str, text: str) -> None:
    assert analyze(Document(path, text), PROJECT, None, Lane.FAST).findings == ()
