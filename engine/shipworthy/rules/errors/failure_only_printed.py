from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import aftermath, aside, commands, fixes, handlers, hollow, losses, origins, outside, promised, services
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    assigned,
    does_nothing,
    enclosing,
    function_around,
    last_word,
    name_of,
    names_in,
    positional_arguments,
    text_of,
)

_SAYS = re.compile(r"(?i)error|fail|problem|warn")
"""Names of functions that tell of a failure."""
_WARNS = re.compile(r"(?i)\bwarning\b|\boptional\b|\bnot (?:used|configured|enabled|installed)\b")
"""What a printed line says of a failure that was thought of."""


_COLOURED = re.compile(
    r"""(?i)\[(?:bold |dim )?(?:yellow|orange\d*|dim)\b|\b(?:fg|style|color)=[\w.]*['"]?(?:bold )?(?:\w+\.)*yellow"""
    r"""|\u26a0"""
)
"""How a line is shown that is a warning, and no error."""
_CONSEQUENCE = re.compile(
    r"(?i)\b(?:skip(?:s|ped|ping)?|continu(?:e|es|ing)|(?:may|will) be slow\w*|manually|by hand|instead|without"
    r"|fall(?:s|ing)? back)\b"
)
"""What a printed line says of what is done without what has failed."""
_UNTIL_STOPPED = re.compile(
    r"not [\w.]*(?:stop|shut_?down|exit|quit|cancel|terminat)\w*(?:\.is_set\(\))?|[\w.]*running(?:\.is_set\(\))?"
)
"""On which condition a loop goes on until somebody stops it."""
_PRIVATE = re.compile(r"_[a-z]\w*")
_MENTIONS = re.compile(r"(?<!def )(?<!\w)_[a-z]\w*")
_TASK = re.compile(r"@(?:\w+\.)*(?:task|shared_task|periodic_task|actor|db_task|db_periodic_task|background_task)\b")
"""Decorators of what a queue runs, and runs again if it raises."""
_CHANGES = re.compile(r"""(?i)[rbuf]*['"]{1,3}\s*(?:insert|update|delete|replace)\b""")
"""How statements of SQL begin that change rows."""
_SAID_DONE = "done "
_TAKEN_AWAY = "taken "
_NAMED = "names "


def _words(block: Block) -> Iterator[str]:
    """What variables hold, how the program runs, `done name` for functions that are said to have worked,
    `taken name` for collections whose items are moved or removed, and `names name` for private names that are used.
    """
    if block.language.id == "python":
        yield from origins.bindings(block)
        yield from services.words(block)
        yield from (f"{_SAID_DONE}{name}" for name in aftermath.said_done(block))
        yield from (f"{_TAKEN_AWAY}{name}" for name in aftermath.taken_away(block))
        yield from (f"{_NAMED}{name}" for name in sorted(set(_MENTIONS.findall(block.text))))


@node_rule(
    "failure-only-printed",
    severity=Severity.HINT,
    python="except_clause",
    agrees_with=("ruff:BLE001",),
    cwe=(390, 778),
    extract=_words,
    bad=(
        py(
            """
            def notify(watchers):
                try:
                    send_mails(watchers)
                «except Exception as error:
                    print("mail error:", error)»
                count(watchers)
            """,
            fixed="""
            import logging

            def notify(watchers):
                try:
                    send_mails(watchers)
                except Exception as error:
                    logging.exception("send_mails failed")
                count(watchers)
            """,
        ),
        py("""
            def merge(sources):
                merged = []
                for source in sources:
                    try:
                        merged.extend(rows_of(source))
                    «except Exception:
                        print(f"skipping {source}")»
                return merged
        """),
        py("""
            import shutil

            def merge(papers):
                merged = []
                for paper in papers:
                    try:
                        merged.extend(rows_of(paper))
                    «except Exception as error:
                        print(f"skipping {paper}: {error}")»
                return merged

            def archive(papers):
                for paper in papers:
                    shutil.move(paper, ARCHIVE)
        """),
        py("""
            import logging
            import sys

            def main():
                try:
                    rows = read(sys.argv[1])
                    store(rows)
                «except Exception as error:
                    logging.error("not stored: %s", error)»
        """),
        py("""
            import requests

            def announce(text):
                try:
                    requests.post(HOOK, json={"text": text}, timeout=5).raise_for_status()
                «except requests.RequestException as error:
                    print("not announced", error)»
        """),
        py("""
            @app.task
            def bill(order):
                try:
                    invoice = invoice_of(order)
                    deliver(invoice)
                «except Exception as error:
                    print("not billed:", error)
                    return None»
                return invoice.number
        """),
        py("""
            def sync(source, target):
                try:
                    count = target.update_all(source.changes())
                «except Exception as error:
                    print("not synced:", error)
                    count = 0»
                save_position(source.position)
                return count
        """),
        py("""
            from flask import Blueprint

            def fulfil(order):
                try:
                    mail_key(order.mail)
                «except Exception as error:
                    print("mail failed", error)»
        """),
        py("""
            import redis

            @app.route("/ready")
            def is_ready():
                try:
                    queue.ping()
                «except redis.RedisError as error:
                    print(f"no queue: {error}")»
                return jsonify(status="ok")

            class Till:
                async def health_check(self) -> bool:
                    try:
                        await self.printer.ask_state()
                    «except Exception as error:
                        print(error)»
                    return True
        """),
        py("""
            import asyncio

            async def watch(site):
                while True:
                    await check(site)
                    await asyncio.sleep(60)

            async def tell(client, text):
                try:
                    await client.post(HOOK, json=text)
                «except Exception as error:
                    print(error)»
        """),
        py("""
            import click

            def style(path):
                try:
                    book = load(path)
                    book.save(path)
                «except Exception as error:
                    print(error)»

            @click.command()
            def main(path):
                write(path)
                style(path)
                click.echo(f"done: {path}")
        """),
        py("""
            async def ban(channel, member):
                try:
                    await member.ban()
                «except Exception as error:
                    print(error)»
                await channel.send(f"{member} was banned.")
        """),
        py("""
            class Log:
                def note(self, mail):
                    database = self.connect()
                    try:
                        database.execute("INSERT INTO sent (mail) VALUES (?)", [mail])
                        database.commit()
                    «except Exception as error:
                        print(error)»
        """),
    ),
    good=(
        py("""
            import requests

            def fetch(url, path):
                done = False
                while not done:
                    try:
                        path.write_bytes(requests.get(url, timeout=9).content)
                        done = True
                    except Exception as error:
                        print(error)
        """),
        py("""
            import requests

            def preheat(ovens):
                for oven in ovens:
                    print(oven)
                try:
                    requests.post(OVENS, timeout=5).raise_for_status()
                except Exception as error:
                    console.print(f"[yellow]Not preheated: {error}[/yellow]")
                bake()

            def label(loaves):
                try:
                    requests.post(LABELS, json=loaves, timeout=5).raise_for_status()
                except Exception as error:
                    print(f"No labels ({error}), continuing without them")
                bake()

            def loaf(kind):
                if kind in STORED:
                    try:
                        return requests.get(STORED[kind], timeout=5).json()
                    except Exception as error:
                        print(f"not in the store: {error}")
                return None

            class Bakery:
                def _deliver(self, loaf):
                    try:
                        requests.post(CUSTOMERS, json=loaf, timeout=5).raise_for_status()
                    except Exception as error:
                        print(f"not delivered: {error}")
                    self.count += 1

                def watch(self, stopped):
                    while not stopped.is_set():
                        try:
                            requests.post(CUSTOMERS, json=self.loaves, timeout=5)
                        except Exception as error:
                            print(f"not delivered: {error}")
                        stopped.wait(5)
        """),
        py(
            """
            def main():
                try:
                    oven = connect()
                    oven.preheat()
                except Exception as error:
                    print(f"cold: {error}")
            """,
            path="examples/oven.py",
        ),
        py("""
            import requests

            def send(url, data):
                for _ in range(3):
                    try:
                        return requests.post(url, data=data, timeout=5)
                    except Exception as error:
                        print("not sent:", error)
                raise RuntimeError("not sent")
        """),
        py("""
            import requests

            def merge(sources):
                merged = []
                for source in sources:
                    try:
                        merged.extend(rows_of(source))
                    except Exception as error:
                        print(f"skipping {source}: {error}")
                return merged

            def send(address, text):
                for attempt in range(3):
                    try:
                        requests.post(address, text, timeout=5).raise_for_status()
                        return {"status": "sent"}
                    except Exception as error:
                        print(f"attempt {attempt}: {error}")
                return {"status": "failed"}

            def add_usage_stats(connection, name):
                try:
                    connection.execute("insert into usage values (?)", (name,))
                except Exception:
                    print("not counted")
                connection.close()

            if __name__ == "__main__":
                try:
                    save_report()
                    print(report())
                except KeyboardInterrupt:
                    print("stopped")
                except Exception as error:
                    print(f"failed: {error}")
        """),
        py("""
            import shutil

            import inquirer

            def copy_all(parts, target):
                for part in parts:
                    try:
                        shutil.copy(part, target)
                    except Exception as error:
                        print("not copied:", part, error)

            def main():
                copy_all(inquirer.prompt(QUESTIONS)["parts"], "parts")
                print("done")
        """),
        py("""
            import requests

            def rates():
                try:
                    return requests.get(RATES, timeout=5).json()
                except Exception as error:
                    print("no rates:", error)
                return None

            def offer_to_keep(settings):
                if input("Keep them? ") == "y":
                    try:
                        save_settings(settings)
                        print("Kept.")
                    except Exception as error:
                        print("Not kept:", error)
        """),
        py("""
            @app.task
            def bill(order):
                try:
                    deliver(invoice_of(order))
                except OutOfStock as error:
                    print("not billed:", error)
                    return None

            @app.task
            def bill_all(orders):
                for order in orders:
                    try:
                        show(order)
                    except Exception as error:
                        print("not billed:", error)

            def sync(source, target):
                try:
                    count = target.update_all(source.changes())
                except Exception as error:
                    print("not synced:", error)
                    count = None
                if count is not None:
                    save_position(source.position)

            async def ban(channel, member):
                try:
                    await member.ban()
                except Exception as error:
                    print(error)
                await channel.send("Anybody else?")
        """),
        py("""
            from flask import Blueprint

            def greet(visitor):
                try:
                    show_progress(visitor)
                except Exception as error:
                    print(error)

            def count(visitors):
                try:
                    print(len(visitors))
                except Exception as error:
                    print(error)
        """),
        py("""
            import click

            def style(path):
                try:
                    load(path).save(path)
                except Exception as error:
                    print(error)

            @click.command()
            def main(path):
                style(path)
                click.echo("Have a look whether it is styled.")
        """),
        py("""
            @app.route("/ready")
            def is_ready():
                state = "ok"
                try:
                    queue.ping()
                except Exception as error:
                    print(error)
                    state = "no queue"
                return jsonify(status=state)

            @app.route("/live")
            def is_alive():
                try:
                    queue.ping()
                except Exception as error:
                    print(error)
                return {"status": "ok"}

            def is_ready_to_print(pages):
                try:
                    size = int(pages)
                except ValueError as error:
                    print(error)
                return True
        """),
        py("""
            def serve(server):
                while True:
                    client = server.accept()
                    try:
                        send_all(client.requests())
                    except Exception as error:
                        print("client failed:", error)

            def keep(path, settings):
                try:
                    with open(path, "w") as file:
                        file.write(settings)
                except Exception as error:
                    print("not saved:", error)
        """),
        py("""
            import click

            def merge(sources):
                merged = []
                for source in sources:
                    try:
                        merged.extend(rows_of(source))
                    except Exception as error:
                        click.echo(f"skipping {source}: {error}")
                return merged
        """),
        py("""
            import click

            def merge(sources):
                failed = 0
                for source in sources:
                    try:
                        show(rows_of(source))
                    except Exception as error:
                        click.echo(f"skipping {source}: {error}")
                        failed += 1
                raise SystemExit(1 if failed else 0)
        """),
        py("""
            import sys

            def notify(watchers):
                try:
                    send_mails(watchers)
                except Exception as error:
                    print("mail error:", error, file=sys.stderr)
        """),
        py("""
            import click
            import requests

            def ping(address):
                try:
                    answer = requests.get(address, timeout=5)
                    if answer.ok:
                        click.echo("it is there")
                    else:
                        show_error(answer)
                except Exception as error:
                    click.echo(f"it is not there: {error}")

            def listen(feed, address):
                def on_news(news):
                    try:
                        requests.post(address, json=news, timeout=5).raise_for_status()
                    except requests.RequestException as error:
                        click.echo(f"not passed on: {error}")

                feed.follow(on_news)
        """),
        py("""
            import logging
            import sys

            def main():
                try:
                    store(read(sys.argv[1]))
                except Exception:
                    logging.exception("not stored")
                    sys.exit(1)

            def watch():
                try:
                    store(read(sys.argv[1]))
                except Exception:
                    logging.exception("not stored")

            async def async_main():
                try:
                    await connect()
                    await bot.run_for_ever()
                except Exception:
                    logging.exception("disconnected")
        """),
        py("""
            def ask():
                try:
                    return int(input("How many? "))
                except ValueError:
                    print("That is no number.")
        """),
        py("""
            def notify(watchers):
                try:
                    send_mails(watchers)
                except Exception as error:
                    logger.error("mail error: %s", error)
        """),
    ),
)
def failure_only_printed(run: Pass, clause: Node) -> Iterator[Found]:
    """Something is lost, a line on the standard output says so, and the program goes on as if all was well.

    A service has nobody who reads it, and whoever runs a command in a script or a job gets the exit status
    of success. What was to be written or sent, or an item of the loop, is missing all the same.

    Instead, log the exception, and let a command end with a status other than 0, or let the error pass on.
    """
    listed = [one for one in handlers.statements_of(clause) if not does_nothing(one)]
    if promised.is_best_effort(function_around(clause)) or services.is_attended(run.facts[run.rule.id]):
        return
    if commands.ends_well(run, clause, listed):
        message = "After this failure the program ends with the exit status of success: a job takes it for done."
        yield run.finding(clause, message, related=(run.place(listed[-1], "nothing behind it says that it failed"),))
        return
    if _ends_a_task(clause, listed) and losses.failing(run, clause) and not handlers.says_why(run, clause):
        message = "The queue takes this task for done although it failed, and never tries again: let the error pass on."
        yield run.finding(clause, message, offers=_offers(run, clause, listed))
        return
    others = [one for one in listed if not _prints(one)]
    if listed and not others and (said := aftermath.answers_well(run, clause)) and not handlers.says_why(run, clause):
        message = (
            "This failure is printed, and then the answer is that all is well: answer with a status of 503 or 500."
        )
        place = run.place(said, "answered here")
        yield run.finding(clause, message, related=(place,), offers=_offers(run, clause, listed))
        return
    if len(others) == len(listed) or handlers.says_why(run, clause):
        return
    if others and (not all(map(_gives_value, others)) or not hollow.drops(clause)):
        return
    if _is_result(clause) or _is_of_a_session(clause, listed) or any(_WARNS.search(run.text(one)) for one in listed):
        return
    if _is_tried_again(clause) or _is_uncalled(run, clause):
        return
    tried = handlers.tried(clause)
    asked = outside.peers(run, tried)
    is_broad = handlers.is_broad(handlers.caught(run, clause))
    stores = is_broad and any(map(_stores, handlers.calls(tried)))
    if _serves(clause) or aftermath.is_answered(clause) or aftermath.is_answered_behind_loop(clause):
        return
    if aside.is_nice_to_have(run, clause):
        return
    behind = (aftermath.writes_on(clause) or aftermath.says_done(clause)) if is_broad else None
    known = run.facts[run.rule.id]
    is_spared = behind is None and not _is_taken_away(clause, known)
    if is_spared and _tells_what_comes_of_it(run, clause, listed):
        return
    is_undone = is_broad and services.is_unwatched(known) and any(map(_is_deed, losses.failing(run, clause)))
    if not asked and not stores and aftermath.is_last(clause):
        if is_broad and (is_undone or _is_said_done(clause, known)):
            what = "nobody reads what a service prints" if is_undone else "whoever calls this says that it is done"
            message = f"This failure is printed, and {what}: log it, or let it pass on."
            yield run.finding(clause, message, offers=_offers(run, clause, listed))
        return
    if behind is None and (others or (not stores and services.is_one_shot(run.facts[run.rule.id]))):
        return  # a line on the screen is how a command tells whoever has started it
    loss = losses.lost(run, clause) if is_broad else losses.Loss.NOTHING
    if (
        behind is None
        and loss == losses.Loss.ITEM
        and handlers.uses_alias(clause)
        and not _is_taken_away(clause, known)
    ):
        return  # one item is left out on purpose, and whoever runs this reads why
    is_lost = loss in {losses.Loss.ITEM, losses.Loss.WRITE}
    if not (is_lost or stores or behind is not None) and not (asked and outside.covers(run, clause, asked)):
        return
    message = "This failure is printed, and then the program goes on as if it had worked: log it, or let it pass on."
    related = (run.place(behind, "here it goes on"),) if behind is not None else ()
    yield run.finding(clause, message, related=related, offers=_offers(run, clause, listed))


def _is_uncalled(run: Pass, clause: Node) -> bool:
    """Whether a handler stands in a private function that nothing else in its file names."""
    function = function_around(clause)
    name = name_of(function) if function is not None else None
    is_private = name is not None and _PRIVATE.fullmatch(text_of(name)) is not None
    return is_private and name is not None and f"{_NAMED}{text_of(name)}" not in run.facts[run.rule.id]


def _tells_what_comes_of_it(run: Pass, clause: Node, listed: list[Node]) -> bool:
    """Whether a warning, by its colour or sign, or the error is shown with what is done without it, or what to do."""
    said = " ".join(run.text(one) for one in listed)
    return _COLOURED.search(said) is not None or (handlers.uses_alias(clause) and _CONSEQUENCE.search(said) is not None)


def _is_tried_again(clause: Node) -> bool:
    """Whether the loop around a handler tries once more, until it is done, or what stands behind it raises where all
    attempts fail.
    """
    loop = enclosing(clause, FUNCTIONS | {"for_statement", "while_statement"})
    condition = loop.child_by_field_name("condition") if loop is not None else None
    bound = {text_of(target) for one in handlers.tried(clause) for target, _ in assigned(one)}
    if condition is not None and condition.type == "not_operator" and names_in(condition) & bound:
        return True
    behind = loop.next_named_sibling if loop is not None and loop.type not in FUNCTIONS else None
    return behind is not None and behind.type == "raise_statement"


def _is_taken_away(clause: Node, known: frozenset[str]) -> bool:
    """Whether the program moves or removes all items of the loop around, those that were left out among them."""
    loop = enclosing(clause, FUNCTIONS | {"for_statement"})
    over = loop.child_by_field_name("right") if loop is not None and loop.type == "for_statement" else None
    return over is not None and f"{_TAKEN_AWAY}{text_of(over)}" in known


def _is_said_done(clause: Node, known: frozenset[str]) -> bool:
    """Whether a caller says that all is done behind a function that does something, whatever came of it."""
    function = function_around(clause)
    name = name_of(function) if function is not None else None
    is_known = name is not None and f"{_SAID_DONE}{text_of(name)}" in known
    return is_known and any(map(_is_deed, handlers.calls(handlers.tried(clause))))


def _is_deed(call: Node) -> bool:
    """Whether a call is made for what it does, and neither shows something nor tidies up."""
    return losses.is_dropped(call) and losses.is_deed(last_word(call)) and not losses.is_shown(call)


def _offers(run: Pass, clause: Node, listed: list[Node]) -> tuple[Offer, ...]:
    return (_log(run, clause, listed[0]),) if len(listed) == 1 and _prints(listed[0]) else ()


def _gives_value(statement: Node) -> bool:
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    return inner is not None and inner.type == "assignment"


def _ends_a_task(clause: Node, handled: list[Node]) -> bool:
    """Whether a task of a queue prints whatever failed and ends, so that the queue has nothing to try again."""
    function = function_around(clause)
    siblings = function.parent.children if function is not None and function.parent is not None else ()
    is_task = any(_TASK.match(text_of(one)) is not None for one in siblings if one.type == "decorator")
    if not is_task or not handled or enclosing(clause, FUNCTIONS | {"for_statement", "while_statement"}) != function:
        return False
    *said, last = handled
    is_ended = last.type == "return_statement" and all(child.type in {"none", "false"} for child in last.named_children)
    printed = said if is_ended else handled
    ends = is_ended or aftermath.is_last(clause)
    return ends and bool(printed) and all(map(_prints, printed)) and handlers.is_broad_in_words(clause)


def _stores(call: Node) -> bool:
    """Whether a call changes rows of a database, as its text says."""
    given = positional_arguments(call)
    return (
        last_word(call) in {"execute", "executemany"} and bool(given) and _CHANGES.match(text_of(given[0])) is not None
    )


def _is_result(clause: Node) -> bool:
    """Whether a printed line is what the `try` is for: success is printed too, and nothing else comes of it."""
    dropped = [call for call in handlers.calls(handlers.tried(clause)) if losses.is_dropped(call)]
    told = [call for call in dropped if _SAYS.search(last_word(call)) is not None]
    printed = [call for call in dropped if handlers.only_prints(call)]
    return bool(printed) and len({*told, *printed}) == len(dropped) and not losses.loses_item(clause)


def _serves(clause: Node) -> bool:
    """Whether a handler stands in a loop without end, or until somebody stops it, which is to go on whatever one round
    comes to.
    """
    loop = enclosing(clause, FUNCTIONS | {"for_statement", "while_statement"})
    condition = loop.child_by_field_name("condition") if loop is not None else None
    return condition is not None and (
        text_of(condition) in {"True", "1"} or _UNTIL_STOPPED.fullmatch(text_of(condition)) is not None
    )


def _is_of_a_session(clause: Node, handled: list[Node]) -> bool:
    """Whether a command tells its user of a failure in a function that it is called back by, and stays connected."""
    function = function_around(clause)
    around = function_around(function) if function is not None else None
    name = name_of(function) if function is not None else None
    if around is None or name is None or not text_of(name).startswith("on_"):
        return False
    return all(last_word(call) != "print" for one in handled for call in handlers.calls([one])[:1])


def _prints(statement: Node) -> bool:
    call = statement.named_children[0] if statement.type == "expression_statement" else None
    return call is not None and call.type == "call" and handlers.only_prints(call)


def _log(run: Pass, clause: Node, statement: Node) -> Offer:
    def edits(site: Site) -> Iterator[Edit]:
        call, imports = fixes.log_exception(run, site, fixes.what_failed(handlers.calls(handlers.tried(clause))))
        yield from imports
        yield site.replace(statement, call)

    return run.offer("Log it with its traceback", edits)
