# ruff: noqa: PTH102, PTH103, PTH104, PTH105, PTH121, PTH123, SIM115
# The calls that are tested are these very ones.
"""Calls of the standard library, and of what the tests need anyway, that fail as the catalogue says."""

from __future__ import annotations

import ast
import asyncio
import base64
import binascii
import bz2
import codecs
import concurrent.futures
import configparser
import csv
import datetime
import decimal
import email.utils
import fractions
import ftplib
import getopt
import grp
import gzip
import http.client
import http.cookies
import http.server
import imaplib
import importlib.metadata
import io
import ipaddress
import json
import locale
import lzma
import multiprocessing.pool
import os
import pathlib
import pickle
import plistlib
import poplib
import pwd
import queue
import re
import runpy
import shlex
import shutil
import smtplib
import socket
import socketserver
import sqlite3
import ssl
import struct
import subprocess
import sys
import tarfile
import tokenize
import tomllib
import urllib.request
import urllib.robotparser
import uuid
import wave
import xml.dom.minidom
import xml.etree.ElementTree
import xml.sax
import xmlrpc.client
import zipfile
import zlib
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import requests
import sqlalchemy
import sqlalchemy.orm
import urllib3
import yaml

from .real import answering, closed_port


async def _read_from(answer: bytes) -> object:
    with answering(answer) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        try:
            return await reader.readexactly(100)
        finally:
            writer.close()


async def _timeout() -> None:
    async with asyncio.timeout(0):
        await asyncio.sleep(60)


def _popped() -> object:
    return queue.Queue[int]().get(timeout=0.01)


def _future() -> object:
    return concurrent.futures.Future[int]().result(timeout=0.01)


def _answered(answer: bytes, call: Callable[[int], object]) -> Callable[[], object]:
    def act() -> object:
        with answering(answer) as port:
            return call(port)

    return act


def _existing_row() -> object:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a PRIMARY KEY)")
    connection.execute("INSERT INTO t VALUES (1)")
    return connection.execute("INSERT INTO t VALUES (1)")


class _Base(sqlalchemy.orm.DeclarativeBase):
    pass


class _Thing(_Base):
    __tablename__ = "things"
    id: sqlalchemy.orm.Mapped[int] = sqlalchemy.orm.mapped_column(primary_key=True)


def _added_twice(engine: sqlalchemy.Engine) -> object:
    _Base.metadata.create_all(engine)
    with sqlalchemy.orm.Session(engine) as session:
        session.execute(sqlalchemy.insert(_Thing).values(id=1))
        return session.execute(sqlalchemy.insert(_Thing).values(id=1))


def _committed_twice(engine: sqlalchemy.Engine) -> None:
    _Base.metadata.create_all(engine)
    for _ in range(2):
        with sqlalchemy.orm.Session(engine) as session:
            session.add(_Thing(id=2))
            session.commit()


def failures(there: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Rows, and calls that fail as the row says. `there`: an empty folder."""
    missing, folder, junk = there / "missing", there / "folder", there / "junk.bin"
    folder.mkdir()
    (folder / "file").touch()
    junk.write_bytes(b"\xff\x00 this is nothing of the kind [ < {")
    junk_bytes, path, name = junk.read_bytes(), pathlib.Path(missing), str(missing)
    closed = ("127.0.0.1", closed_port())
    elsewhere = ("198.51.100.1", 1)
    web = f"http://127.0.0.1:{closed[1]}/"
    program = [sys.executable, "-c", "raise SystemExit(3)"]
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]

    yield "open", lambda: open(name)
    yield "open", lambda: open(folder / "file" / "below", "w")
    yield "io.open", lambda: open(name)
    yield "tokenize.open", lambda: tokenize.open(name)
    yield "codecs.open", lambda: codecs.open(name)
    yield "gzip.open", lambda: gzip.open(name)
    yield "bz2.open", lambda: bz2.open(name)
    yield "lzma.open", lambda: lzma.open(name)
    for method in ("open", "read_text", "read_bytes", "stat", "lstat", "owner", "unlink", "rmdir", "readlink"):
        yield f"pathlib.Path.{method}", getattr(path, method)
    yield "pathlib.Path.iterdir", lambda: list(path.iterdir())
    yield "pathlib.Path.rename", lambda: path.rename(folder / "other")
    yield "pathlib.Path.mkdir", lambda: pathlib.Path(folder).mkdir()
    yield "pathlib.Path.write_text", lambda: pathlib.Path(folder).write_text("")
    for function in ("listdir", "scandir", "stat", "lstat", "chdir", "rmdir", "readlink", "remove", "statvfs"):
        yield f"os.{function}", lambda function=function: getattr(os, function)(name)
    for function in ("getsize", "getmtime", "getctime", "getatime"):
        yield f"os.path.{function}", lambda function=function: getattr(os.path, function)(name)
    yield "os.path.samefile", lambda: os.path.samefile(name, name)
    yield "os.rename", lambda: os.rename(name, f"{name}2")
    yield "os.replace", lambda: os.replace(name, f"{name}2")
    yield "os.mkdir", lambda: os.mkdir(folder)
    yield "os.makedirs", lambda: os.makedirs(folder)
    yield "os.open", lambda: os.open(name, os.O_RDONLY)
    yield "os.get_terminal_size", lambda: os.get_terminal_size(junk.open().fileno())
    yield "os.kill", lambda: os.kill(2**22 + 1, 0)
    yield "os.execvp", lambda: os.execvp(name, [name])
    for function in ("copy", "copy2", "copyfile", "copytree", "move"):
        yield f"shutil.{function}", lambda function=function: getattr(shutil, function)(name, f"{name}2")
    yield "shutil.rmtree", lambda: shutil.rmtree(name)
    yield "shutil.disk_usage", lambda: shutil.disk_usage(name)
    yield "shutil.unpack_archive", lambda: shutil.unpack_archive(junk, folder, "zip")
    yield "shutil.unpack_archive", lambda: shutil.unpack_archive(junk, folder, "tar")
    yield "pwd.getpwnam", lambda: pwd.getpwnam("nobody of that name")
    yield "grp.getgrnam", lambda: grp.getgrnam("no group of that name")
    yield "importlib.metadata.version", lambda: importlib.metadata.version("no-such-distribution")
    yield "importlib.import_module", lambda: importlib.import_module("no_such_module_anywhere")
    yield "runpy.run_path", lambda: runpy.run_path(name)
    yield "zipfile.ZipFile", lambda: zipfile.ZipFile(name)
    yield "zipfile.ZipFile", lambda: zipfile.ZipFile(junk)
    yield "tarfile.open", lambda: tarfile.open(name)
    yield "tarfile.open", lambda: tarfile.open(junk)
    with zipfile.ZipFile(there / "empty.zip", "w"), tarfile.open(there / "empty.tar", "w"):
        pass
    archive, tar = zipfile.ZipFile(there / "empty.zip"), tarfile.open(there / "empty.tar")
    yield "zipfile.ZipFile.read", lambda: archive.read("data.json")
    yield "zipfile.ZipFile.open", lambda: archive.open("data.json")
    yield "zipfile.ZipFile.getinfo", lambda: archive.getinfo("data.json")
    yield "zipfile.ZipFile.write", lambda: zipfile.ZipFile(there / "new.zip", "w").write(name)
    yield "tarfile.TarFile.getmember", lambda: tar.getmember("data.json")
    yield "tarfile.TarFile.extractfile", lambda: tar.extractfile("data.json")
    yield "tarfile.TarFile.add", lambda: tarfile.open(there / "new.tar", "w").add(name)
    yield "gzip.decompress", lambda: gzip.decompress(junk_bytes)
    yield "bz2.decompress", lambda: bz2.decompress(junk_bytes)
    yield "zlib.decompress", lambda: zlib.decompress(junk_bytes)
    yield "lzma.decompress", lambda: lzma.decompress(junk_bytes)
    yield "wave.open", lambda: wave.open(str(junk))

    yield "int", lambda: int("seven")
    yield "float", lambda: float("seven")
    yield "complex", lambda: complex("seven")
    yield "bytes.fromhex", lambda: bytes.fromhex("xyz")
    yield "outside.bytes.decode", junk_bytes.decode
    yield "outside.sent.decode", junk_bytes.decode
    yield "outside.encode", lambda: "\u20ac".encode("latin-1")
    yield "outside.index", lambda: name.index("nothing of the kind")
    yield "enum.Enum", lambda: http.HTTPStatus(7)
    yield "email.utils.parsedate_to_datetime", lambda: email.utils.parsedate_to_datetime("seven")
    yield "http.cookies.SimpleCookie.load", lambda: http.cookies.SimpleCookie().load({"a b": "c"})
    yield "codecs.decode", lambda: codecs.decode(junk_bytes, "utf-8")
    yield "codecs.decode", lambda: codecs.decode(b"xyz", "hex")
    yield "decimal.Decimal", lambda: decimal.Decimal("seven")
    yield "fractions.Fraction", lambda: fractions.Fraction("seven")
    yield "locale.setlocale", lambda: locale.setlocale(locale.LC_ALL, "xx_XX.nothing")
    yield "locale.atof", lambda: locale.atof("seven")
    yield "datetime.datetime.strptime", lambda: datetime.datetime.strptime("today", "%Y-%m-%d")
    yield "datetime.datetime.fromisoformat", lambda: datetime.datetime.fromisoformat("today")
    yield "datetime.date.fromisoformat", lambda: datetime.date.fromisoformat("today")
    yield "datetime.date", lambda: datetime.date(2023, 2, 31)
    yield "uuid.UUID", lambda: uuid.UUID("seven")
    yield "ipaddress.ip_address", lambda: ipaddress.ip_address("seven")
    yield "ipaddress.ip_network", lambda: ipaddress.ip_network("10.0.0.1/8")
    yield "zoneinfo.ZoneInfo", lambda: zoneinfo.ZoneInfo("Nowhere/Land")
    yield "ast.literal_eval", lambda: ast.literal_eval("name")
    yield "ast.literal_eval", lambda: ast.literal_eval("a b")
    yield "ast.parse", lambda: ast.parse("a b")
    yield "re.compile", lambda: re.compile("(")
    yield "shlex.split", lambda: shlex.split("it's")
    yield "getopt.getopt", lambda: getopt.getopt(["-x"], "a")
    yield "base64.b64decode", lambda: base64.b64decode("abc")
    yield "base64.urlsafe_b64decode", lambda: base64.urlsafe_b64decode("abc")
    yield "base64.b32decode", lambda: base64.b32decode("abc")
    yield "base64.a85decode", lambda: base64.a85decode("~")
    yield "base64.b85decode", lambda: base64.b85decode("\x00")
    yield "binascii.unhexlify", lambda: binascii.unhexlify("xyz")
    yield "struct.unpack", lambda: struct.unpack("!I", b"abc")
    yield "struct.Struct.unpack", lambda: struct.Struct("!I").unpack(b"abc")
    yield "pickle.loads", lambda: pickle.loads(junk_bytes)
    yield "pickle.loads", lambda: pickle.loads(b"")
    yield "plistlib.loads", lambda: plistlib.loads(junk_bytes)
    yield "json.loads", lambda: json.loads("{")
    yield "json.load", lambda: json.load(io.StringIO("{"))
    yield "tomllib.loads", lambda: tomllib.loads("[")
    yield "yaml.safe_load", lambda: yaml.safe_load("[")
    yield "yaml.safe_load", lambda: yaml.safe_load("a: b: c")
    yield "xml.etree.ElementTree.fromstring", lambda: xml.etree.ElementTree.fromstring("<a>")
    yield "xml.etree.ElementTree.parse", lambda: xml.etree.ElementTree.parse(name)
    yield "xml.etree.ElementTree.parse", lambda: xml.etree.ElementTree.parse(junk)
    yield "xml.dom.minidom.parseString", lambda: xml.dom.minidom.parseString("<a>")
    yield "xml.dom.minidom.parse", lambda: xml.dom.minidom.parse(name)
    yield "xml.sax.parseString", lambda: xml.sax.parseString("<a>", xml.sax.ContentHandler())
    yield "configparser.ConfigParser.read_string", lambda: configparser.ConfigParser().read_string("a = 1")
    yield "configparser.ConfigParser.get", lambda: configparser.ConfigParser().get("section", "option")
    yield "csv.reader.__iter__", lambda: list(csv.reader(["a" * (csv.field_size_limit() + 1)]))

    yield "socket.create_connection", lambda: socket.create_connection(closed)
    yield "socket.socket.connect", lambda: socket.socket().connect(closed)
    yield "socket.socket.recv", lambda: socket.socket().recv(1)
    yield "socket.socket.bind", lambda: socket.socket().bind(elsewhere)
    yield "socketserver.TCPServer", lambda: socketserver.TCPServer(elsewhere, socketserver.BaseRequestHandler)
    yield "http.server.HTTPServer", lambda: http.server.HTTPServer(elsewhere, http.server.BaseHTTPRequestHandler)
    yield "urllib.robotparser.RobotFileParser.read", lambda: urllib.robotparser.RobotFileParser(web).read()
    yield "socket.create_server", lambda: socket.create_server(elsewhere)
    yield "socket.getaddrinfo", lambda: socket.getaddrinfo("127.0.0.1", "no-such-service")
    yield "socket.inet_aton", lambda: socket.inet_aton("seven")
    yield "socket.inet_pton", lambda: socket.inet_pton(socket.AF_INET6, "seven")
    yield (
        "ssl.SSLContext.wrap_socket",
        _answered(
            b"not TLS",
            lambda port: ssl.create_default_context().wrap_socket(
                socket.create_connection(("127.0.0.1", port)), server_hostname="x"
            ),
        ),
    )
    yield "http.client.HTTPConnection.request", lambda: http.client.HTTPConnection(*closed).request("GET", "/")

    def respond(port: int) -> object:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        return connection.getresponse()

    yield "http.client.HTTPConnection.getresponse", _answered(b"junk\r\n", respond)
    yield "http.client.HTTPConnection.getresponse", _answered(b"", respond)
    yield "urllib.request.urlopen", lambda: urllib.request.urlopen(web)
    yield (
        "urllib.request.urlopen",
        _answered(b"HTTP/1.0 404 No\r\n\r\n", lambda port: urllib.request.urlopen(f"http://127.0.0.1:{port}")),
    )
    yield "urllib.request.urlretrieve", lambda: urllib.request.urlretrieve(web)
    yield "smtplib.SMTP", lambda: smtplib.SMTP(*closed)
    yield "smtplib.SMTP", _answered(b"554 go away\r\n", lambda port: smtplib.SMTP("127.0.0.1", port))
    yield (
        "smtplib.SMTP.login",
        _answered(b"220 hello\r\n", lambda port: smtplib.SMTP("127.0.0.1", port).login("a", "b")),
    )
    yield "smtplib.SMTP.send_message", lambda: smtplib.SMTP().sendmail("a@b", "c@d", "text")
    yield "ftplib.FTP.connect", lambda: ftplib.FTP().connect(*closed)
    yield "imaplib.IMAP4", lambda: imaplib.IMAP4(*closed)
    yield "poplib.POP3", lambda: poplib.POP3(*closed)
    yield "xmlrpc.client.ServerProxy.ping", lambda: xmlrpc.client.ServerProxy(web).ping()
    yield (
        "xmlrpc.client.ServerProxy.ping",
        _answered(
            b"HTTP/1.0 500 No\r\n\r\n", lambda port: xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}").ping()
        ),
    )
    yield "asyncio.wait_for", lambda: asyncio.run(asyncio.wait_for(asyncio.sleep(60), 0.01))
    yield "asyncio.timeout", lambda: asyncio.run(_timeout())
    yield "asyncio.open_connection", lambda: asyncio.run(asyncio.open_connection(*closed))
    yield "asyncio.StreamReader.readexactly", lambda: asyncio.run(_read_from(b"short"))
    yield "asyncio.Queue.get_nowait", lambda: asyncio.Queue[int]().get_nowait()
    yield "queue.Queue.get", _popped
    yield "queue.Queue.get_nowait", lambda: queue.Queue[int]().get_nowait()
    yield "concurrent.futures.Future.result", _future

    yield "subprocess.run", lambda: subprocess.run([name])
    yield "subprocess.run", lambda: subprocess.run(program, check=True)
    yield "subprocess.run", lambda: subprocess.run(sleeper, timeout=0.05)
    yield "subprocess.check_call", lambda: subprocess.check_call(program)
    yield "subprocess.check_output", lambda: subprocess.check_output(program)
    yield "subprocess.check_output", lambda: subprocess.check_output([name])
    yield "subprocess.call", lambda: subprocess.call([name])
    yield "subprocess.Popen", lambda: subprocess.Popen([name])
    yield (
        "subprocess.CompletedProcess.check_returncode",
        lambda: subprocess.run(program, check=False).check_returncode(),
    )
    yield "asyncio.create_subprocess_exec", lambda: asyncio.run(asyncio.create_subprocess_exec(name))

    def wait(pool: multiprocessing.pool.ThreadPool) -> object:
        with pool:
            return pool.apply_async(lambda: queue.Queue[int]().get(timeout=1)).get(timeout=0.01)

    yield "multiprocessing.pool.AsyncResult.get", lambda: wait(multiprocessing.pool.ThreadPool(1))

    yield "sqlite3.connect", lambda: sqlite3.connect(folder / "no" / "data.db")
    yield "sqlite3.Connection.execute", lambda: sqlite3.connect(":memory:").execute("SELECT * FROM nothing")
    yield "sqlite3.Connection.execute", _existing_row
    yield "requests.get", lambda: requests.get(web)
    yield "requests.Session.post", lambda: requests.Session().post(web)
    yield (
        "requests.Response.raise_for_status",
        _answered(
            b"HTTP/1.0 500 No\r\n\r\n",
            lambda port: requests.get(f"http://127.0.0.1:{port}").raise_for_status(),
        ),
    )
    yield (
        "requests.Response.json",
        _answered(b"HTTP/1.0 200 OK\r\n\r\n<html>", lambda port: requests.get(f"http://127.0.0.1:{port}").json()),
    )
    yield "httpx.get", lambda: httpx.get(web)
    yield "httpx.AsyncClient.get", lambda: httpx.AsyncClient().get(web)
    yield (
        "httpx.Response.raise_for_status",
        _answered(
            b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
            lambda port: httpx.get(f"http://127.0.0.1:{port}").raise_for_status(),
        ),
    )
    yield (
        "httpx.Response.json",
        _answered(
            b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
            lambda port: httpx.get(f"http://127.0.0.1:{port}").json(),
        ),
    )
    engine = sqlalchemy.create_engine("sqlite://")
    select = sqlalchemy.text("SELECT 1 WHERE 0")
    yield "sqlalchemy.Engine.connect", lambda: sqlalchemy.create_engine(f"sqlite:///{name}/data.db").connect()
    yield "sqlalchemy.Connection.execute", lambda: engine.connect().execute(sqlalchemy.text("SELECT * FROM nothing"))
    yield "sqlalchemy.Result.one", lambda: engine.connect().execute(select).one()
    yield "sqlalchemy.orm.Session.execute", lambda: _added_twice(engine)
    yield "sqlalchemy.orm.Session.commit", lambda: _committed_twice(engine)
    yield "urllib3.PoolManager.request", lambda: urllib3.PoolManager(retries=False).request("GET", web)
