"""What a `with` statement takes in: all that needs the resource open; nothing is moved where that is not known."""

from __future__ import annotations

import ast

import pytest

from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.edits import apply, edits_of
from shipworthy.model import Finding
from shipworthy.project import Project

HEAD = (
    "import aiohttp, aiosqlite, asyncpg, csv, httpx, imaplib, poplib, smtplib, sqlite3, tempfile, os\n"
    "from contextlib import closing\nfrom multiprocessing import Pool\nfrom celery import Celery\n\n"
)


def found_in(text: str) -> tuple[Document, Finding]:
    """The first resource that is not closed."""
    document = Document("a.py", HEAD + text)
    findings = analyze(document, Project("/nowhere")).findings
    return document, next(one for one in findings if one.rule == "resource-not-closed")


def opened_in_with(text: str) -> str | None:
    """The text after the fix of the first resource that is not closed; None if there is no such fix."""
    document, finding = found_in(text)
    if not finding.fixes:
        return None
    after = apply(document.text, edits_of(document, Project("/nowhere"), finding, finding.fixes[0]))
    ast.parse(after)
    return after.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "async def f(u):\n    s = aiohttp.ClientSession()\n    r = await s.get(u)\n    t = await r.text()\n"
            "    await s.close()\n    return t\n",
            "async def f(u):\n    async with aiohttp.ClientSession() as s:\n        r = await s.get(u)\n"
            "        t = await r.text()\n    return t\n",
        ),
        (
            "async def f(u):\n    c = httpx.AsyncClient()\n    r = await c.get(u)\n    await c.aclose()\n"
            "    return r\n",
            "async def f(u):\n    async with httpx.AsyncClient() as c:\n        r = await c.get(u)\n    return r\n",
        ),
        (
            "async def f(p):\n    d = await aiosqlite.connect(p)\n    await d.execute('x')\n    await d.close()\n",
            "async def f(p):\n    async with aiosqlite.connect(p) as d:\n        await d.execute('x')\n",
        ),
        (
            "async def f(p):\n    d = await asyncpg.create_pool(p)\n    return await d.fetchval('x')\n",
            "async def f(p):\n    async with asyncpg.create_pool(p) as d:\n        return await d.fetchval('x')\n",
        ),
        ("async def f(p):\n    d = await asyncpg.connect(p)\n    await d.execute('x')\n    await d.close()\n", None),
        ("def f(u):\n    s = aiohttp.ClientSession()\n    run(s.get(u))\n    run(s.close())\n", None),
        ("async def f(p):\n    d = aiosqlite.connect(p)\n    await d\n    await d.execute('x')\n", None),
        (
            "def f(m):\n    s = smtplib.SMTP('h')\n    s.send_message(m)\n    s.quit()\n",
            "def f(m):\n    with smtplib.SMTP('h') as s:\n        s.send_message(m)\n",
        ),
        ("def f(m):\n    s = smtplib.SMTP('h')\n    s.send_message(m)\n    s.quit()\n    s.connect()\n", None),
        (
            "def f():\n    i = imaplib.IMAP4('h')\n    i.search(None, 'ALL')\n    i.close()\n    i.logout()\n",
            "def f():\n    with imaplib.IMAP4('h') as i:\n        i.search(None, 'ALL')\n        i.close()\n",
        ),
        (
            "def f():\n    p = poplib.POP3('h')\n    p.dele(1)\n    p.quit()\n",
            "def f():\n    with closing(poplib.POP3('h')) as p:\n        p.dele(1)\n        p.quit()\n",
        ),
        (
            "def f(x):\n    p = Pool()\n    r = p.map(g, x)\n    p.close()\n    p.join()\n    return r\n",
            "def f(x):\n    with Pool() as p:\n        r = p.map(g, x)\n        p.close()\n        p.join()\n"
            "    return r\n",
        ),
        ("def f(x):\n    p = Pool()\n    p.map_async(g, x)\n    h()\n    p.close()\n", None),
    ],
)
def test_each_resource_is_closed_in_its_own_way(before: str, after: str | None) -> None:
    assert opened_in_with(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "def f(p):\n    d = sqlite3.connect(p)\n    c = d.cursor()\n    c.execute('x')\n    return c.fetchall()\n",
            "def f(p):\n    with closing(sqlite3.connect(p)) as d:\n        c = d.cursor()\n        c.execute('x')\n"
            "        return c.fetchall()\n",
        ),
        (
            "def f(p):\n    d = sqlite3.connect(p)\n    c = d.cursor()\n    r = c.execute('x')\n"
            "    for x in r:\n        print(x)\n    g()\n",
            "def f(p):\n    with closing(sqlite3.connect(p)) as d:\n        c = d.cursor()\n"
            "        r = c.execute('x')\n"
            "        for x in r:\n            print(x)\n    g()\n",
        ),
        (
            "def f(p, x):\n    a = open(p, 'w')  # all\n    w = csv.writer(a)  # of it\n    w.writerow(x)\n"
            "    return p\n",
            "def f(p, x):\n    with open(p, 'w') as a:  # all\n        w = csv.writer(a)  # of it\n"
            "        w.writerow(x)\n"
            "    return p\n",
        ),
        (
            "def f(p, q):\n    a = open(p, 'w')\n    a.write(g())\n    a.close()\n    os.replace(a.name, q)\n",
            "def f(p, q):\n    with open(p, 'w') as a:\n        a.write(g())\n    os.replace(a.name, q)\n",
        ),
        (
            "def f(p, q):\n    a = open(p, 'w')\n    a.write(g())\n    a.close()\n"
            "    a = open(q, 'w')\n    a.write('y')\n",
            "def f(p, q):\n    with open(p, 'w') as a:\n        a.write(g())\n    a = open(q, 'w')\n    a.write('y')\n",
        ),
        ("def f(p):\n    d = sqlite3.connect(p)\n    return d.execute('x')\n", None),
        ("def f(p):\n    d = sqlite3.connect(p)\n    c = d.cursor()\n    return (x for x in c)\n", None),
        ("def f(p):\n    d = sqlite3.connect(p)\n    c = d.cursor()\n    yield c\n", None),
        ("def f(s, p):\n    d = sqlite3.connect(p)\n    s.c = d.cursor()\n", None),
        ("def f(s, p):\n    d = sqlite3.connect(p)\n    s.append(d.cursor())\n", None),
        ("def f(p):\n    d = sqlite3.connect(p)\n    c = d.cursor()\n    return lambda: c.execute('x')\n", None),
        ("def f(p):\n    d = sqlite3.connect(p)\n    c = d.cursor()\n    def g():\n        c.close()\n    g()\n", None),
        ("def f(p):\n    if p:\n        d = sqlite3.connect(p)\n        c = d.cursor()\n    c.execute('x')\n", None),
        (
            "def f(p):\n    try:\n        d = sqlite3.connect(p)\n        d.commit()\n    except E:\n"
            "        d.close()\n",
            None,
        ),
        ("def f(p):\n    d = sqlite3.connect(p)\n    if p:\n        d = sqlite3.connect(2)\n    d.commit()\n", None),
        ("def f(p):\n    x = 1; d = sqlite3.connect(p)\n    d.commit()\n", None),
    ],
)
def test_what_comes_from_a_resource_is_used_while_it_is_open(before: str, after: str | None) -> None:
    assert opened_in_with(before) == after


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (
            "async def f(u):\n    s = aiohttp.ClientSession()\n    await s.get(u)\n",
            "open it in an `async with` statement.",
        ),
        (
            "async def f(u):\n    d = await asyncpg.connect(u)\n    await d.execute(1)\n",
            "close it in a `finally` clause.",
        ),
        ("def f(p):\n    d = sqlite3.connect(p)\n    d.commit()\n", "open it in `with contextlib.closing(...)`."),
        ("def f():\n    s = smtplib.SMTP('h')\n    s.noop()\n    s.quit()\n", "stays open: use a `with` statement."),
    ],
)
def test_a_message_names_the_statement_that_closes(text: str, remedy: str) -> None:
    assert found_in(text)[1].message.endswith(remedy)
