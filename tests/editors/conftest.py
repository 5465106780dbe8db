"""A project that has something to find, and the programs of Shipworthy as they are in this checkout."""

from __future__ import annotations

import os
import random
import string
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

ORDERS = '''"""The orders of a shop."""

import requests


def refund(order, gateway):
    try:
        gateway.refund(order)
    except:
        pass


def orders_of(cursor, customer):
    cursor.execute(f"SELECT * FROM orders WHERE customer = '{customer}'")
    return cursor.fetchall()


def exchange_rate(currency):
    return requests.get(f"https://rates.example.org/{currency}").json()


def shipping(order):
    if order.is_gift or order.is_sample:
        return 0
    if order.weight > 20:
        return 30
    if order.country != "GB":
        return 20 if order.weight > 5 else 12
    return 8 if order.is_express else 4
'''


@dataclass
class Project:
    """A folder under git, with a swallowed exception, among others, in `orders.py` and a credential in `client.py`."""

    folder: Path
    token: str

    def text(self, name: str) -> str:
        """What a file says now, or nothing while it does not exist."""
        file = self.folder / name
        return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "shop"
    folder.mkdir()
    token = _token()
    (folder / "orders.py").write_text(ORDERS)
    (folder / "client.py").write_text(f'"""Talks to the forge."""\n\nTOKEN = "{token}"\n')
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return Project(folder, token)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the commands `shipworthy` and `shipworthy-server`."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, module in (("shipworthy", "shipworthy_hooks"), ("shipworthy-server", "shipworthy_server")):
        path = os.pathsep.join(one for one in sys.path if one)
        (folder / name).write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" -m {module} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def _token() -> str:
    """A credential of the forge's form, checksum included, that never was one."""
    body = "".join(random.choices(_DIGITS, k=30))
    checksum, rest = "", zlib.crc32(body.encode())
    while len(checksum) < 6:
        rest, digit = divmod(rest, len(_DIGITS))
        checksum = _DIGITS[digit] + checksum
    return f"ghp_{body}{checksum}"


_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
