from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import (
    aftermath,
    aside,
    catches,
    commands,
    dropped,
    fixes,
    gravity,
    handlers,
    losses,
    origins,
    outside,
    overwritten,
    savers,
    umbrellas,
)
from shipworthy.document import Block
from shipworthy.escape import catalogue
from shipworthy.escape.stored import DECODERS
from shipworthy.language import BRACES
from shipworthy.model import Edit, Place, Severity
from shipworthy.rule import Found, Offer, Pass, Site, js, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    dotted,
    enclosing,
    function_around,
    last_word,
    positional_arguments,
    spoken,
    statements,
    targets,
    text_of,
    walk,
)

_WANTED = "wanted "


def _words(block: Block) -> Iterator[str]:
    """What tells of handlers of all errors, and `wanted name` for functions that an option asks for."""
    yield from dropped.words(block)
    if block.language.id == "python":
        yield from (f"{_WANTED}{name}" for name in commands.wanted(block))
        yield from savers.words(block)


@node_rule(
    "swallowed-exception",
    severity=Severity.WARNING,
    python="except_clause|with_clause|function_definition",
    javascript="catch_clause|call_expression",
    agrees_with=("bandit:B110", "bandit:B112", "ruff:S110", "ruff:S112", "ruff:E722", "ruff:BLE001"),
    absorbs=("failure-hidden-by-default",),
    cwe=(390, 703),
    extract=_words,
    bad=(
        py("""
            def bill(rows):
                for row in rows:
                    try:
                        price = catalogue.price(row)
                    «except Exception:
                        pass»
                    store(row, price)
        """),
        py("""
            import json
            import os

            class Orchard:
                def load(self):
                    try:
                        self.trees = json.loads(self.path.read_text())
                    «except Exception:
                        self.trees = {}»

                def save(self):
                    beside = self.path.with_suffix(".new")
                    beside.write_text(json.dumps(self.trees))
                    os.replace(beside, self.path)
        """),
        py("""
            import yaml

            TREES = "trees.yaml"

            def load_trees():
                try:
                    with open(TREES) as file:
                        return yaml.safe_load(file)
                «except Exception:
                    return []»

            def save_trees(trees):
                with open(TREES, "w") as file:
                    yaml.safe_dump(trees, file)

            def plant(tree):
                trees = load_trees()
                trees.append(tree)
                save_trees(trees)
        """),
        py("""
            def archive(entries, file):
                for log in entries:
                    try:
                        file.write(log)
                    «except Exception:
                        pass»
        """),
        py("""
            import json

            def forward(consumer, producer):
                while True:
                    message = consumer.poll(1.0)
                    if message is None:
                        continue
                    event = json.loads(message.value())
                    try:
                        found = enrich(event)
                    «except Exception:
                        continue»
                    producer.produce("enriched", json.dumps(found))
        """),
        py(
            """
            import logging

            logger = logging.getLogger(__name__)
            try:
                work()
            «except Exception:
                pass»
            """,
            fixed="""
            import logging

            logger = logging.getLogger(__name__)
            try:
                work()
            except Exception:
                logger.exception("work failed")
            """,
        ),
        py("""
            import subprocess

            def commit_all(folder):
                try:
                    subprocess.run(["git", "-C", folder, "commit", "-am", "new"])
                «except Exception:
                    pass»

            @app.command()
            def run(folder: str, commit: bool = False):
                convert(folder)
                if commit:
                    commit_all(folder)
        """),
        py("""
            def copy_all(pages, store):
                for page in pages:
                    try:
                        store.insert_all(page)
                    «except Exception as error:
                        log.info("skipping: %s", error)»
                store.save_cursor(now())
        """),
        py(
            """
            for job in jobs:
                try:
                    job.run()
                «except:
                    continue»
            """,
            fixed="""
            import logging

            for job in jobs:
                try:
                    job.run()
                except Exception:
                    logging.exception("job.run failed")
                    continue
            """,
        ),
        py("""
            import tomllib

            def wishes(path):
                wishes = {"size": 12}
                try:
                    wishes.update(tomllib.loads(path.read_text()))
                «except Exception:
                    pass»
                return wishes
        """),
        py(
            """
            import requests

            def load(path):
                try:
                    return requests.get(path, timeout=5)
                «except:
                    return fallback(path)»
            """,
            fixed="""
            import requests

            def load(path):
                try:
                    return requests.get(path, timeout=5)
                except Exception:
                    return fallback(path)
            """,
        ),
        py("""
            def titles(pages):
                found = []
                for page in pages:
                    try:
                        found.append(title_of(page))
                    «except Exception:
                        pass»
                return found
        """),
        py("""
            def safe(job, *arguments):
                try:
                    job(*arguments)
                «except Exception:
                    pass»
        """),
        py("""
            import requests

            def rates():
                found = {}
                try:
                    found = requests.get(RATES, timeout=5).json()
                «except Exception:
                    pass»
                return found
        """),
        py("""
            def chunks(folder):
                found = []
                for path in folder.iterdir():
                    try:
                        text = fetch_text(path)
                    «except Exception:
                        continue»
                    found += [text[:100], text[100:]]
                return found
        """),
        py("""
            from contextlib import suppress

            def announce(orders):
                for order in orders:
                    with «suppress(Exception)»:
                        send_invoice(order)
        """),
        py("""
            import sqlite3

            def add(path, rows):
                connection = sqlite3.connect(path)
                for row in rows:
                    try:
                        connection.execute(INSERT, row)
                    «except sqlite3.Error:
                        continue»
                connection.commit()
        """),
        py("""
            import smtplib

            import requests
            from sqlalchemy.exc import SQLAlchemyError

            def book(session, seats):
                for seat in seats:
                    try:
                        session.add(Ticket(seat))
                        session.commit()
                    «except SQLAlchemyError:
                        pass»

            def order(client, tickets):
                try:
                    answer = client.post(PRINTER, json=tickets)
                    answer.raise_for_status()
                «except requests.RequestException:
                    pass»
                return tickets

            def confirm(server: smtplib.SMTP, letter):
                try:
                    server.send_message(letter)
                «except smtplib.SMTPException:
                    pass»
        """),
        py("""
            import stripe

            def refund(invoice):
                try:
                    stripe.Refund.create(charge=invoice.charge)
                «except Exception as error:
                    logger.error("not refunded: %s", error)»
                invoice.status = "refunded"
                invoice.save()
        """),
        py("""
            def ship(rows):
                shipped = 0
                for row in rows:
                    try:
                        set_status(row["id"], "shipped")
                        shipped += 1
                    «except Exception:
                        continue»
                return shipped
        """),
        py("""
            def give_back(request, loan):
                try:
                    close_loan(loan)
                «except Exception:
                    pass»
                return {"status": "returned"}
        """),
        py("""
            class Album:
                def delete(self):
                    for photo in self.chosen:
                        try:
                            photo.unlink()
                        «except Exception:
                            pass»
                    self.show()
        """),
        js("try { work() } «catch (e) { }»", fixed="try { work() } catch (e) { console.error(e); }"),
        js("save(user).«catch(() => {})»;"),
        js("try { work() } «catch { /* eslint-disable-line no-empty */ }»"),
        py("""
            def pay(order):
                try:
                    charge(order)
                «except BaseException:
                    return None»
        """),
        py("""
            from slack_bolt import App

            app = App()

            @app.error
            def «broken»(error):
                return None
        """),
        py("""
            def «failed»(update, context):
                print("something went wrong")

            def start(application):
                application.add_error_handler(failed)
        """),
        py("""
            from discord.ext import commands

            class Polls(commands.Cog):
                @commands.command()
                async def vote(self, ctx, choice: int):
                    await self.store.add(ctx.author.id, choice)

                @vote.error
                async def «vote_failed»(self, ctx, error):
                    error = getattr(error, "original", error)
                    if isinstance(error, commands.BadArgument):
                        await ctx.send("Give me a number.")
                    elif isinstance(error, (commands.CheckFailure, commands.CommandOnCooldown)):
                        await ctx.send("Not now.")
        """),
        py("""
            async def «on_command_error»(ctx, error):
                if isinstance(error, CommandNotFound):
                    return
        """),
        py("""
            import json
            from contextlib import suppress

            def register(path, name):
                known = []
                with «suppress(Exception)»:
                    known = json.loads(path.read_text())
                path.write_text(json.dumps([*known, name]))
        """),
        py("""
            import json

            def register(name):
                try:
                    with open(REGISTER) as file:
                        known = json.load(file)
                «except Exception:
                    known = []»
                with open(REGISTER, "w") as file:
                    json.dump([*known, name], file)
        """),
        py("""
            def rate(client, film, stars):
                name = f"ratings/{film}.json"
                try:
                    votes = json.loads(client.get_object(Bucket=FILMS, Key=name)["Body"].read())
                «except Exception:
                    votes = {"count": 0, "stars": 0.0}»
                votes["count"] += 1
                votes["stars"] += stars
                client.put_object(Bucket=FILMS, Key=name, Body=json.dumps(votes))

            def shelve_film(client, film):
                found = []
                try:
                    found = json.loads(client.get_object(Bucket=FILMS, Key="all")["Body"].read())
                «except botocore.exceptions.ClientError:
                    pass»
                found.append(film)
                client.put_object(Bucket=FILMS, Key="all", Body=json.dumps(found))

            async def lend(store, film, member):
                try:
                    lent = json.loads(await store.get(film.key))
                «except Exception:
                    lent = []»
                text = json.dumps([*lent, member])
                await store.set(film.key, text)

            def count(path, film):
                with shelve.open(path) as shows:
                    try:
                        shown = shows[film]
                    «except Exception:
                        shown = 0»
                    shows[film] = shown + 1
        """),
        py("""
            @app.get("/healthz")
            def healthz():
                try:
                    engine.execute("SELECT 1")
                «except Exception:
                    logger.exception("no database")»
                return {"status": "ok"}

            @app.post("/films")
            def add(film: Film):
                try:
                    store.save(film)
                «except Exception as error:
                    logger.error("not added: %s", error)»
                return jsonify({"success": True}), 200
        """),
        py("""
            import requests

            def fill(box):
                try:
                    names = requests.get(NAMES, timeout=5).json()
                «except Exception:
                    names = []»
                for name in names:
                    box.add(name)
        """),
        py("""
            def goals(path):
                found = {}
                try:
                    for region, goal in load_workbook(path)["Goals"]:
                        found[region] = float(goal)
                «except Exception:
                    pass»
                return found
        """),
        py("""
            async def country(self, address):
                try:
                    found = await self.lookup(address)
                «except Exception:
                    found = None»
                self.known[address] = found
                return found
        """),
        py("""
            import requests

            def keep(order):
                answer = requests.post(STORE, json=order, timeout=9)
                try:
                    log.info(answer.json())
                except Exception:
                    log.exception("no answer")

            def sell(order):
                try:
                    keep(order)
                    requests.post(BILLS, json=order, timeout=9)
                «except Exception:
                    pass»
                return order

            def deliver(parcel):
                try:
                    requests.post(STORE, json=parcel, timeout=9)
                    return parcel
                «except Exception:
                    pass»
                print("at home:", parcel.name)
                return None
        """),
        py("""
            def watch(room):
                seen = 0
                while True:
                    try:
                        changes = fetch_changes(room, after=seen)
                    «except Exception:
                        continue»
                    for change in changes:
                        show(change)
                        seen = change["number"]
        """),
        py("""
            def bill_all(store):
                for key in store.keys("orders:*"):
                    customer = key.decode().split(":")[1]
                    try:
                        bill(customer)
                    «except Exception:
                        pass»
        """),
    ),
    good=(
        py("""
            def bill(rows):
                for row in rows:
                    try:
                        price = catalogue.price(row)
                    except Exception:
                        price = None
                    store(row, price)

            def first(shops, book):
                for shop in shops:
                    try:
                        found = shop.find(book)
                        break
                    except Exception:
                        pass
                else:
                    raise LookupError(book)
                return found
        """),
        py("""
            import requests

            def agents(url):
                '''The newest agents, or None if it fails.'''
                try:
                    return requests.get(url, timeout=3).json()["agents"]
                except Exception:
                    pass
                return None

            def parameters(model):
                found = {}
                for name in dir(model):
                    try:
                        found[name] = count(getattr(model, name))
                    except Exception:
                        pass
                return found
        """),
        py("""
            import json
            import os

            REPORT = "report.txt"

            class Orchard:
                def load(self):
                    try:
                        self.trees = json.loads(self.path.read_text())
                    except FileNotFoundError:
                        self.trees = {}

                def save(self):
                    beside = self.path.with_suffix(".new")
                    beside.write_text(json.dumps(self.trees))
                    os.replace(beside, self.path)

            def report():
                try:
                    with open(REPORT) as file:
                        return file.readlines()
                except Exception:
                    return []

            def write_report(lines):
                with open(REPORT, "w") as file:
                    file.writelines(lines)
        """),
        py("""
            import json

            class Orchard:
                def load(self):
                    try:
                        self.trees = json.loads(self.path.read_text())
                    except Exception:
                        self.trees = {}

                def save(self):
                    self.path.write_text(json.dumps(self.trees))
        """),
        py('''
            import os
            import sys

            def note(folder, line):
                try:
                    with open(os.path.join(folder, "app.log"), "a") as log:
                        log.write(line)
                except Exception:
                    pass

            def say(line):
                """Write a line without ever raising."""
                stream = sys.stderr
                try:
                    stream.write(line)
                    stream.flush()
                except Exception:
                    pass
        '''),
        py("""
            import time

            def watch(room):
                while True:
                    time.sleep(5)
                    try:
                        room.changes = fetch_changes(room)
                    except Exception:
                        continue

            def number():
                while True:
                    try:
                        return int(input("How many? "))
                    except Exception:
                        continue

            from contextlib import suppress

            class SystemdStatus:
                def tell(self, state):
                    try:
                        self.socket.sendall(state)
                    except OSError:
                        pass

            class Cache:
                def count(self, events):
                    for name, value in events:
                        with suppress(Exception):
                            self.metrics.observe(name, value)

            async def show_typing(client, room):
                while client.is_open:
                    try:
                        await client.post(f"/rooms/{room}/state")
                    except Exception:
                        pass
                    await client.pause()

            def grep(folder, pattern):
                hits = []
                for path in folder.rglob("*"):
                    try:
                        text = path.read_text()
                    except Exception:
                        continue
                    hits.append(pattern.findall(text))
                return hits
        """),
        py("""
            import queue
            import socket

            import requests

            def address():
                try:
                    for service in SERVICES:
                        try:
                            return requests.get(service, timeout=5).text
                        except Exception:
                            pass
                except:
                    pass
                return None

            def is_there(host):
                there = False
                try:
                    socket.create_connection((host, 80), timeout=3)
                    there = True
                except:
                    pass
                return there

            def emit(frame, queues):
                for one in queues:
                    try:
                        one.put_nowait(frame)
                    except Exception:
                        pass

            def system():
                try:
                    with open("/etc/os-release") as file:
                        name = file.readline()
                except:
                    name = "unknown"
                return name

            def look_closer(driver, button):
                try:
                    driver.execute_script("arguments[0].click()", button)
                except Exception:
                    pass
        """),
        py("""
            import os

            def begin(path):
                try:
                    os.makedirs(os.path.dirname(path))
                except:
                    pass
                return open(path, "w")
        """),
        py("""
            import json

            class Versions:
                def latest(self):
                    found = self.ask()
                    try:
                        with open(self.cache_file, "w") as file:
                            json.dump(found, file)
                    except Exception:
                        pass
                    return found
        """),
        py("""
            import json
            import os

            def prepare(folder):
                try:
                    os.mkdir(folder)
                except FileExistsError:
                    pass

            def tickets(path):
                found = []
                for line in path.open():
                    try:
                        found.append(json.loads(line))
                    except Exception:
                        continue
                return found

            async def country(self, address):
                try:
                    found = await self.lookup(address)
                except Exception:
                    found = None
                if found is not None:
                    self.known[address] = found
                return found
        """),
        py("""
            import logging
            import shutil
            import sys

            import requests

            def keep(order):
                try:
                    requests.post(STORE, json=order, timeout=9)
                except Exception:
                    logging.exception("%s is not kept", order)

            def sell(order):
                try:
                    keep(order)
                except Exception:
                    pass
                return order

            def show(part):
                try:
                    sys.stdout.write(f"{part} of 100")
                except Exception:
                    pass

            def begin(old_log, log_file):
                try:
                    shutil.move(old_log, log_file)
                except Exception:
                    pass

            def decoded(text, codecs):
                try:
                    assert text.is_plain
                    return codecs.load_plain(text)
                except Exception:
                    pass
                if not text.is_optional:
                    raise ValueError(text)

            def sign_in(name, word):
                while word:
                    try:
                        if requests.post(DOOR, json=[name, word], timeout=9).ok:
                            break
                    except Exception:
                        pass
                    print("You could not sign in.")
                    word = input()

            def needs_key(address, needed):
                try:
                    page = requests.get(address, timeout=2)
                    if "sign-in" in page.url:
                        needed = True
                except Exception:
                    pass
                return needed
        """),
        py("""
            import json

            def register(path, name):
                try:
                    known = json.loads(path.read_text())
                except FileNotFoundError:
                    known = []
                path.write_text(json.dumps([*known, name]))
        """),
        py("""
            def lend(store, cache, film, member):
                try:
                    lent = json.loads(store.get(film))
                except json.JSONDecodeError:
                    lent = []
                store.set(film, json.dumps([*lent, member]))
                try:
                    page = json.loads(cache.get(film))
                except Exception:
                    page = {}
                cache.set(film, json.dumps({**page, "lent": True}))

            def price(store, film):
                try:
                    found = json.loads(store.get(film))
                except Exception:
                    found = {}
                if not found:
                    found = price_list()[film]
                store.set(film, json.dumps(found))
                return found

            def title(store, film):
                try:
                    known = json.loads(store.get(film))
                except Exception:
                    known = {}
                store.set(film, json.dumps(details_of(film)))
                store.set("known", json.dumps(known))

            def seen(store, film):
                try:
                    times = int(store.get(film))
                except Exception:
                    times = 0
                store.set(film, times + 1, ex=60)

            def moved(client, film):
                try:
                    votes = json.loads(client.get_object(Bucket=OLD, Key=film)["Body"].read())
                except Exception:
                    votes = {}
                client.put_object(Bucket=NEW, Key=film, Body=json.dumps(votes))
        """),
        py("""
            @app.get("/healthz")
            def healthz():
                states = {}
                try:
                    engine.execute("SELECT 1")
                    states["database"] = "up"
                except Exception:
                    logger.exception("no database")
                return {"status": "ok", **states}

            @app.get("/ready")
            def ready():
                try:
                    engine.execute("SELECT 1")
                except Exception:
                    logger.exception("no database")
                    return {"status": "down"}, 503
                return {"status": "ok"}

            @app.post("/films")
            def add(film: Film):
                store.save(film)
                try:
                    mailer.send(film.title)
                except Exception as error:
                    logger.error("not sent: %s", error)
                return jsonify({"success": True}), 200

            @app.post("/films/webhook")
            def webhook(film: Film):
                try:
                    store.save(film)
                except Exception:
                    logger.exception("not added")
                return {"ok": True}
        """),
        py("""
            import json

            def convert(source, target):
                settings = {}
                try:
                    settings = json.loads(source.read_text())
                except Exception:
                    settings = {}
                target.write_text(json.dumps(settings))
        """),
        py("""
            import logging

            def failed(update, context):
                logging.error("update failed", exc_info=context.error)

            def start(application):
                application.add_error_handler(failed)
        """),
        py("""
            @app.error
            def broken(error, respond):
                respond("Sorry, that did not work.")
        """),
        py("""
            @app.error
            def broken(error):
                pass  # the middleware has logged it, and answered
        """),
        py("""
            @bot.event
            async def on_command_error(ctx, error):
                if isinstance(error, CommandNotFound):
                    return
                raise error

            @vote.error
            async def vote_failed(ctx, error):
                if isinstance(error, BadArgument):
                    await ctx.send("Give me a number.")

            @bot.command()
            async def vote(ctx, choice: int):
                await store.add(ctx.author.id, choice)
        """),
        py("""
            async def on_command_error(ctx, error):
                if isinstance(error, commands.CheckFailure):
                    await ctx.send("Not you.")
                elif isinstance(error, commands.CommandInvokeError):
                    await report(ctx, error.original)
        """),
        py("""
            class Listener:
                def on_error(self, error):
                    pass
        """),
        py("""
            @app.error
            def broken(error):
                if not isinstance(error, Expected):
                    raise error
        """),
        py("""
            try:
                work()
            except Exception:
                pass  # The cache is only a help.
        """),
        py("""
            def forget(connection):
                \"\"\"Drop the connection. Never raises: it is called while the program ends.\"\"\"
                try:
                    connection.drop()
                except Exception:
                    pass
        """),
        py("""
            def nearest(error):
                try:
                    copy(error)
                except Exception:
                    pass
                else:
                    return error
                return Substitute(error)
        """),
        py("""
            def duration(entry):
                seconds = 0
                try:
                    minutes, _, rest = entry["duration"].partition(":")
                    seconds = int(minutes) * 60 + int(rest)
                except Exception:
                    pass
                return seconds
        """),
        py("""
            def installed(plugins, address):
                for plugin in plugins:
                    try:
                        if manifest_of(plugin).address == address:
                            return plugin
                    except Exception:
                        continue
                return None
        """),
        py("""
            def extensions(connection):
                found = []
                for name in ("json1", "spatialite"):
                    try:
                        connection.execute(f"select {name}_version()")
                        found.append(name)
                    except Exception:
                        pass
                return found
        """),
        py("""
            def write(path, text):
                try:
                    publish(path, text)
                finally:
                    try:
                        drop_copy(path)
                    except Exception:
                        pass
        """),
        py("""
            try:
                work()
            except FileNotFoundError:
                pass
        """),
        py("""
            try:
                work()
            except (KeyboardInterrupt, SystemExit):
                pass
        """),
        py("""
            try:
                import ujson as json
            except:
                pass
        """),
        py("""
            class Session:
                def __del__(self):
                    try:
                        self.connection.send_goodbye()
                    except Exception:
                        pass
        """),
        py("""
            try:
                work()
            except:
                undo()
                raise
        """),
        py("""
            import subprocess

            def tidy(folder):
                try:
                    subprocess.run(["git", "-C", folder, "gc"])
                except Exception:
                    pass

            @app.command()
            def run(folder: str):
                convert(folder)
                tidy(folder)
        """),
        py("""
            def copy_all(pages, store):
                for page in pages:
                    try:
                        store.insert_all(page)
                    except Exception as error:
                        log.error("not stored: %s", error)
                store.save_cursor(now())

            def copy_most(pages, store):
                for page in pages:
                    try:
                        store.insert_all(page)
                    except Exception as error:
                        log.info("skipping: %s", error)
                store.close()
        """),
        py("""
            def language(request):
                try:
                    return language_of(request)
                except:
                    return "en"
        """),
        py("""
            import stripe

            def refund(invoice):
                try:
                    stripe.Refund.create(charge=invoice.charge)
                except Exception as error:
                    logger.error("not refunded: %s", error)
                    return
                invoice.status = "refunded"
                invoice.save()
        """),
        py("""
            def tell(listeners, event):
                for listener in listeners:
                    try:
                        on_change(listener, event)
                    except Exception:
                        pass
        """),
        py("""
            def remove(path):
                try:
                    os.remove(path)
                except Exception:
                    pass
        """),
        py("""
            from contextlib import suppress

            def remove(scheduler, names, name):
                with suppress(Exception):
                    scheduler.remove_job(name)
                names.discard(name)
        """),
        py("""
            from contextlib import suppress

            def close(connection):
                with suppress(Exception):
                    connection.close()
        """),
        py("""
            import sqlite3

            def add(path, row):
                connection = sqlite3.connect(path)
                try:
                    connection.execute(INSERT, row)
                except sqlite3.IntegrityError:
                    pass
        """),
        py("""
            import boto3
            import botocore
            import redis
            import requests
            import sqlite3

            def prepare(connection):
                try:
                    connection.execute("INSERT INTO halls VALUES (1)")
                except sqlite3.Error:
                    pass

            def is_booked(connection, seat):
                booked = False
                try:
                    connection.execute("INSERT INTO bookings VALUES (?)", [seat])
                    booked = True
                except sqlite3.Error:
                    pass
                return booked

            def order(client, tickets):
                for printer in client.printers():
                    try:
                        client.post(printer, json=tickets)
                        return printer
                    except requests.RequestException:
                        pass
                return None

            def look(connection, seat):
                try:
                    connection.execute("UPDATE seats SET last_seen = 1 WHERE id = ?", [seat])
                    connection.execute("SELECT 1")
                except sqlite3.Error:
                    pass

            def remember(store, hall, seats):
                try:
                    store.set(f"hall:{hall}", seats)
                except redis.RedisError:
                    pass

            def open_hall(hall):
                queues = boto3.client("sqs")
                try:
                    queues.create_queue(QueueName=hall)
                except botocore.exceptions.ClientError:
                    pass
        """),
        js("try { work() } catch (e) { /* best effort */ }"),
        js("""
            // Old browsers balk at this.
            try {
                node.value = undefined;
                delete node.value;
            } catch (e) {}
        """),
        py("""
            import sqlite3

            def migrate(path):
                connection = sqlite3.connect(path)
                try:
                    connection.execute("ALTER TABLE jobs ADD COLUMN owner TEXT")
                except Exception:
                    pass
        """),
        py("""
            def read(text, kinds):
                fitting = []
                for kind in kinds.values():
                    try:
                        fitting.append(kind.parse(text))
                    except Exception:
                        continue
                if len(fitting) == 0:
                    raise ValueError("of no known kind")
                return fitting[0]
        """),
        py("""
            def learn(self, provider, names):
                for name in names:
                    try:
                        self.sizes[name] = provider.size(name)
                    except Exception:
                        pass
                    if name not in self.sizes:
                        self.sizes[name] = 4096
        """),
        py("""
            async def show_typing(bot, chats):
                for chat in chats:
                    try:
                        await bot.send_chat_action(chat, "typing")
                    except Exception:
                        pass
        """),
        py("""
            import requests

            def facts(address):
                facts = {"load": "unknown"}
                try:
                    facts["load"] = requests.get(address, timeout=5).json()["load"]
                except Exception:
                    pass
                return facts
        """),
        js("""
            try {
              elem.innerHTML = value;
              elem = 0;
              // If that throws, the slow way follows.
            } catch (e) {}
        """),
        js("function read(text) { try { return JSON.parse(text) } catch {} return text; }"),
        js('let chalk; try { chalk = require("chalk") } catch {}'),
        js("save(user).catch(() => { /* shown again on the next visit */ });"),
    ),
)
def swallowed_exception(run: Pass, subject: Node) -> Iterator[Found]:
    """An exception is caught and nothing is done about it.

    The failure is invisible afterwards: callers go on as if the work was done, and whoever looks
    for the cause finds no trace of it. A bare `except:` even takes Ctrl-C and `sys.exit` away.
    Silence is a finding where something is lost: what was to be written or sent, what was to be done with an item
    of a loop, what the function says behind it was done, or the answer of another machine. A line in the log is
    silence too where the next one writes down that all went well. So is a handler for the errors of a whole program
    that drops them. It is a warning where a handler takes a file for empty that is then written over, or passes over
    what was to be written with Ctrl-C and all; elsewhere it is a hint. To probe values, to close, to tidy and to write
    one's own log or cache may fail in silence.

    Instead, handle what you expect by its own type, log the rest with its traceback, or let it pass
    on. Where silence is right, say why in a comment.
    """
    if run.block.language.id in BRACES:
        yield from catches.hidden(run, subject)
        return
    if subject.type == "with_clause":
        yield from _suppressed(run, subject)
        return
    if subject.type == "function_definition":
        yield from dropped.told(run, subject)
        return
    if _only_logs(subject) and (told := losses.told_as_done(run, subject)) is not None:
        target = told.child_by_field_name("left")
        said = text_of(target) if target is not None else "what follows"
        message = (
            f"This failure is logged, and then `{said}` says that all went well: let it pass on, or say that it failed."
        )
        yield run.finding(subject, message, severity=Severity.HINT, related=(run.place(told, "said here"),))
        return
    if _is_logged(subject) and (told := aftermath.answers_well(run, subject)) and not handlers.says_why(run, subject):
        message = "This failure is logged, and then the answer is that all is well: answer with a status of 503 or 500."
        yield run.finding(subject, message, severity=Severity.HINT, related=(run.place(told, "answered here"),))
        return
    if _only_mentions(run, subject) and (kept := aftermath.moves_on(subject)) is not None:
        name = spoken(kept.child_by_field_name("function"))
        message = f"What fails here is never tried again, for `{name}` says that it is done: log it as an error."
        yield run.finding(subject, message, severity=Severity.HINT, related=(run.place(kept, "said here"),))
        return
    types = handlers.caught(run, subject)
    is_empty = handlers.is_empty(subject)
    takes_all = handlers.takes_all(types)
    is_broad = handlers.is_broad(types)
    given = () if is_empty else _defaults(subject)
    is_start = is_empty or (bool(given) and all(map(overwritten.is_start, given)))
    if not is_broad and not _is_broad_enough(run, subject, is_empty=is_empty, is_start=is_start):
        return
    is_default = bool(given) and all(map(_is_empty_value, given))
    if len(given) == 1 and _is_none(given[0]) and not handlers.says_why(run, subject):
        name = text_of(_assigned(given[0])[0])
        if (kept := aftermath.keeps(run, subject, name)) is not None:
            message = f"If this fails, `{name}` is None, and that is kept as an answer: leave it out, or log why."
            yield run.finding(subject, message, severity=Severity.HINT, related=(run.place(kept, "kept here"),))
            return
    if is_broad and (used := aftermath.unbound(subject)) is not None and not handlers.says_why(run, subject):
        is_in_loop = enclosing(subject, FUNCTIONS | {"for_statement", "while_statement"}) != function_around(subject)
        what = "still that of the round before, or not there" if is_in_loop else "not there"
        message = f"If this fails, `{text_of(used)}` is {what} where it is used: give it a value."
        yield run.finding(subject, message, severity=Severity.HINT, related=(run.place(used, "used here"),))
        return
    if is_broad and not overwritten.written_over(subject) and (found := _written_over_later(run, subject)):
        yield found
        return
    if not (takes_all or is_start or is_default) or handlers.raises(subject):
        return
    if handlers.tries_import(subject) or handlers.is_in_destructor(subject) or handlers.says_why(run, subject):
        return
    if is_empty and (handlers.has_own_way(subject) or _is_swallowed_outside(subject)):
        return
    header = handlers.spoken(types)
    if is_start and (path := overwritten.written_over(subject)):
        if aside.is_of_cache(path) or any(_CACHES.search(run.text(one)) for one in handlers.tried(subject)):
            return  # what cannot be read is fetched again
        message = (
            f"{header} takes `{path}` for empty if it cannot be read, and it is written over: name what you expect."
        )
        is_plain = is_empty or is_default  # what a file of settings begins with is mostly no loss
        is_grave = overwritten.is_of_bucket(subject) or (is_plain and bool(overwritten.file(subject)))
        severity = None if is_broad and is_grave else Severity.HINT
        yield run.finding(subject, message, severity=severity, offers=(_log(run, subject),) if is_empty else ())
    elif is_default and not takes_all:
        if losses.lost(run, subject) == losses.Loss.ANSWER:
            message = f"{header} takes every failure here for an empty answer: handle what you expect, log the rest."
            yield run.finding(subject, message, severity=Severity.HINT)
    elif is_empty:
        loss = aftermath.lost(run, subject)
        if loss == losses.Loss.NOTHING and is_broad and not _is_wanted(run, subject):
            return
        if _is_dealt_with(run, subject) or (types and _may_be_silent(run, subject)):
            return
        if not takes_all and gravity.is_half_expected(run, subject):
            return
        what = "every failure here, and the item is lost" if loss == losses.Loss.ITEM else "every failure here"
        message = f"{header} hides {what}: handle what you expect, log the rest or let it pass on."
        is_loud = is_broad and gravity.is_loud(run, subject, loss) and not _is_of_one_receiver(subject)
        severity = None if is_loud else Severity.HINT
        yield run.finding(subject, message, severity=severity, offers=(_log(run, subject),))
    elif takes_all and not _leaves(subject):
        message = f"{header} takes KeyboardInterrupt and SystemExit away too: name the exceptions that you expect."
        offer = run.offer("Catch `Exception`", lambda site: _name_exception(run, subject, site))
        is_told = handlers.tells(subject) or handlers.uses_alias(subject)
        severity = None if is_told or handlers.is_cleanup(subject) else _severity(run, subject)
        if severity is not None:
            yield run.finding(subject, message, severity=severity, offers=() if types else (offer,))


def _written_over_later(run: Pass, clause: Node) -> Found | None:
    """What a handler says that takes a file for empty, which another function of the file writes over."""
    saver = savers.saver_of(run.block, clause, run.facts[run.rule.id])
    if saver is None or handlers.says_why(run, clause):
        return None
    message = (
        f"{handlers.spoken(handlers.caught(run, clause))} takes `{saver.file}` for empty if it cannot be read,"
        f" and `{saver.function}` writes it over: name what you expect."
    )
    place = Place(saver.span, "written over here", run.path, saver.key)
    return run.finding(clause, message, severity=Severity.HINT, related=(place,))


def _is_broad_enough(run: Pass, clause: Node, *, is_empty: bool, is_start: bool) -> bool:
    """Whether a handler of some errors takes all that its `try` may raise, and a write, or what is stored, is lost."""
    if is_empty and (umbrellas.loses_write(run, clause) or _loses_all_outages(run, clause)):
        return True
    return is_start and umbrellas.names_all(run, clause) and bool(overwritten.entry(clause))


def _only_mentions(run: Pass, clause: Node) -> bool:
    """Whether a handler of everything does nothing but log for information, and something is lost."""
    if not _only_logs(clause) or not handlers.is_broad(handlers.caught(run, clause)) or handlers.says_why(run, clause):
        return False
    logged = handlers.calls(handlers.statements_of(clause))
    is_mild = all(last_word(call) in {"info", "debug"} for call in logged if handlers.is_log_call(call))
    return is_mild and losses.lost(run, clause) >= losses.Loss.DEED


def _may_be_silent(run: Pass, clause: Node) -> bool:
    """Whether what fails is nice to have by its name, or a file that a search over many cannot read."""
    return aside.is_nice_to_have(run, clause) or aside.is_passed_by_search(clause)


def _is_dealt_with(run: Pass, clause: Node) -> bool:
    """Whether a `try` calls nothing but functions of the project that deal with their failures themselves."""
    called = [origins.own_function(run, call) for call in losses.failing(run, clause)]
    return bool(called) and all(one is not None and one.guarded and not one.decorators for one in called)


def _is_wanted(run: Pass, clause: Node) -> bool:
    """Whether a handler stands in a function that runs other programs, and that whoever runs this one has asked for."""
    function = function_around(clause)
    name = function.child_by_field_name("name") if function is not None else None
    if name is None or f"{_WANTED}{text_of(name)}" not in run.facts[run.rule.id] or losses.is_excused(clause):
        return False
    deeds = [call for call in handlers.calls(handlers.tried(clause)) if losses.is_dropped(call)]
    return losses.is_deed(text_of(name)) and any(losses.writes(call) for call in deeds)


def _defaults(clause: Node) -> list[Node]:
    """The assignments of a handler, if it does nothing but give values to what the `try` asks for: `rates = {}`."""
    wanted = {text_of(one) for node in handlers.own(handlers.tried(clause)) for one in _assigned(node)}
    listed = handlers.statements_of(clause)
    made = [one.named_children[0] for one in listed if one.type == "expression_statement" and one.named_children]
    is_all = len(made) == len(listed) and all(one.type == "assignment" for one in made)
    return made if is_all and all(wanted.issuperset(map(text_of, _assigned(one))) for one in made) else []


def _assigned(node: Node) -> list[Node]:
    target = node.child_by_field_name("left") if node.type == "assignment" else None
    return list(targets(target)) if target is not None else []


def _is_of_one_receiver(clause: Node) -> bool:
    """Whether a `try` sends to one receiver of many, who may be gone, and does nothing else: `client.send(text)`."""
    loop, calls = enclosing(clause, FUNCTIONS | {"for_statement"}), handlers.calls(handlers.tried(clause))
    left = loop.child_by_field_name("left") if loop is not None and loop.type == "for_statement" else None
    items = {text_of(one) for one in targets(left)} if left is not None else set[str]()
    owners = {dotted(call.child_by_field_name("function")).partition(".")[0] for call in calls}
    return bool(calls) and owners <= items and all(last_word(call).startswith("send") for call in calls)


def _is_none(assignment: Node) -> bool:
    value = assignment.child_by_field_name("right")
    return value is not None and value.type == "none" and len(_assigned(assignment)) == 1


def _is_empty_value(assignment: Node) -> bool:
    value = assignment.child_by_field_name("right")
    return value is not None and value.type in {"list", "dictionary", "tuple"} and not value.named_children


def _only_logs(clause: Node) -> bool:
    """Whether a handler logs or prints, and does nothing else."""
    called = [one.named_children[0] for one in handlers.statements_of(clause) if one.type == "expression_statement"]
    is_all = len(called) == len(handlers.statements_of(clause)) and all(one.type == "call" for one in called)
    return bool(called) and is_all and all(handlers.is_log_call(one) or handlers.only_prints(one) for one in called)


def _is_logged(clause: Node) -> bool:
    """Whether a handler logs, may print too, and does nothing else."""
    return _only_logs(clause) and any(map(handlers.is_log_call, handlers.calls(handlers.statements_of(clause))))


def _suppressed(run: Pass, clause: Node) -> Iterator[Found]:
    """`with suppress(Exception)` around what writes, sends or works on an item."""
    broad = [
        call
        for call in walk(clause)
        if call.type == "call"
        and run.name(call.child_by_field_name("function")) == "contextlib.suppress"
        and any(text_of(one) in handlers.BROAD for one in positional_arguments(call))
    ]
    if not broad or handlers.says_why(run, clause) or losses.removes_on_purpose(clause):
        return  # what is to be removed may be gone already
    loss = losses.lost(run, clause)
    if (
        loss >= losses.Loss.DEED
        and not aside.is_nice_to_have(run, clause)
        and not gravity.is_half_expected(run, clause)
    ):
        message = (
            f"`{text_of(broad[0])}` hides every failure here: name what you expect, log the rest or let it pass on."
        )
        yield run.finding(broad[0], message, severity=Severity.HINT)


def _loses_all_outages(run: Pass, clause: Node) -> bool:
    """Whether a handler names all that another machine or a database may raise, and an item or a write is lost."""
    asked = outside.peers(run, handlers.tried(clause))
    written = [call for call in asked if losses.is_dropped(call) and losses.writes(call)]
    written = [call for call in written if not umbrellas.may_be_there(call)]
    return bool(written) and outside.covers(run, clause, written) and losses.lost(run, clause) >= losses.Loss.DEED


def _severity(run: Pass, clause: Node) -> Severity | None:
    """How much it matters that a handler of everything answers with something: None where it only guesses values, or
    what it does is local and over at once.
    """
    calls = losses.failing(run, clause)
    names = [outside.called(run, call) for call in calls]
    if losses.lost(run, clause) >= losses.Loss.DEED and not all(catalogue.known(name) for name in names):
        return Severity.HINT
    waits = any(_WAITS.match(name) is not None or catalogue.is_remote(name) for name in names)
    reads = any(
        run.name(one.child_by_field_name("function")) in DECODERS for one in handlers.calls(handlers.tried(clause))
    )
    if not (waits or reads):
        return None
    known = [catalogue.known(name) for name in names if name]
    return Severity.HINT if reads or any(one is not None and one.raised for one in known) else None


_CACHES = re.compile(r"(?i)cache|\bttl\b|\bexpires?\b")
"""Words of what is kept to be asked for less often."""
_WAITS = re.compile(r"subprocess\.|os\.system\b|(?:time|asyncio)\.sleep\b|input\b|socket\.|shutil\.(?:copy|move)")
"""Calls that a person may well end by Ctrl-C."""


def _is_swallowed_outside(clause: Node) -> bool:
    """Whether a handler around this one is as empty and as broad: one finding says it all."""
    return clause.parent is not None and any(
        handlers.is_empty(outer) and handlers.is_broad_in_words(outer) for outer in handlers.guards(clause.parent)
    )


def _log(run: Pass, clause: Node) -> Offer:
    """Log the exception, in place of a lone `pass`, else before what the handler ends with."""
    last = statements(handlers.body(clause))[-1]

    def edits(site: Site) -> Iterator[Edit]:
        call, imports = fixes.log_exception(run, site, fixes.what_failed(handlers.calls(handlers.tried(clause))))
        yield from imports
        yield from _name_exception(run, clause, site)
        rest = f"{fixes.between(site, last)}continue" if last.type == "continue_statement" else ""
        yield site.replace(last, call + rest)

    return run.offer("Log it with its traceback", edits)


def _name_exception(run: Pass, clause: Node, site: Site) -> Iterator[Edit]:
    """Make `except Exception:` of a bare `except:`."""
    if clause.child_by_field_name("value") is None:
        yield site.insert(run.block.span(clause.children[0]).end, " Exception")


def _leaves(clause: Node) -> bool:
    """Whether a handler ends the program itself."""
    return any(
        re.search(r"(?:^|\.)(?:_?exit|abort|die|fail)$", text_of(function)) is not None
        for call in handlers.calls(statements(handlers.body(clause)))
        if (function := call.child_by_field_name("function")) is not None
    )
