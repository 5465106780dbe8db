from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import aftermath, fixes, handlers, losses, origins
from shipworthy.facts.model import Definition, Told
from shipworthy.model import Place, Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import FUNCTIONS, is_within, last_word, spoken, text_of, walk
from shipworthy.upkeep import is_occasional, is_upkeep


@node_rule(
    "ignored-failure",
    severity=Severity.HINT,
    default=False,
    python="call",
    cwe=(252,),
    extract=origins.bindings,
    bad=(
        py("""
            def mark(order, state):
                try:
                    database.update(order, state)
                except Exception:
                    return False
                return True

            def ship(order):
                parcel = pack(order)
                «mark(order, "shipped")»
                return parcel
        """),
        py("""
            class Shop:
                def __init__(self, client):
                    self.client = client

                def publish(self, offer):
                    try:
                        self.client.upload(offer)
                        return offer.id
                    except Exception as error:
                        print("not published:", error)
                        return None

            def main():
                shop = Shop(connect())
                «shop.publish(newest())»
                print("done")
        """),
        py("""
            def publish(offer):
                try:
                    client.upload(offer)
                    return True
                except Exception as error:
                    print("not published:", error)
                return False

            def main():
                «publish(newest())»
                print("done")
        """),
        py("""
            def prepare_bed(name):
                try:
                    garden.dig(name)
                    return True
                except OSError as error:
                    print(f"no bed: {error}")
                    return False

            def sow(name, seeds):
                if name not in garden.beds:
                    «prepare_bed(name)»
                place = garden.path / name
                seeds.scatter(place)

            def dig_all(garden):
                global is_dug
                «prepare_bed("all")»
                is_dug = True
        """),
    ),
    good=(
        py('''
            def turn_quietly(valve):
                try:
                    valve.client.send("closed")
                    return True
                except Exception:
                    return False

            def water(valve):
                """Open a valve, best-effort."""
                try:
                    valve.client.send("open")
                    return True
                except Exception:
                    return False

            def stop(pump):
                try:
                    pump.client.send("stop")
                    return True
                except Exception:
                    return False

            def fertilise(bed):
                """Send fertiliser to a bed (optional)."""
                try:
                    bed.client.send("fertiliser")
                    return True
                except Exception:
                    return False

            def feed(bed):
                try:
                    bed.pump.send("feed")
                    return True
                except Exception:  # noqa: BLE001 - a bed without a pump is fed by hand
                    return False

            def send_warning(bed):
                try:
                    bed.client.send("too dry")
                    return True
                except Exception:
                    return False

            def tend(valve, bed):
                turn_quietly(valve)
                stop(valve)
                fertilise(bed)
                water(valve)
                feed(bed)
                send_warning(bed)
                count(bed)
        '''),
        py("""
            def trim(hedge):
                try:
                    hedge.cutter.run()
                    return True
                except Exception as error:
                    print("not trimmed:", error)
                    return False

            def walk_around(hedges):
                for hedge in hedges:
                    if ask("Trim it?"):
                        trim(hedge)
                    print("Have a look at it.")
                    hedge.photograph()
        """),
        py(
            """
            def light(lamp):
                try:
                    lamp.client.send("on")
                    return True
                except Exception:
                    return False

            light(lamp)
            show(lamp)
            """,
            path="examples/lamps.py",
        ),
        py('''
            class Updates:
                def run(self, lock):
                    self.look_up(lock)

                def look_up(self, lock):
                    """Look for updates. False if somebody else does so, or none is due."""
                    try:
                        lock.take()
                    except OSError:
                        return False
                    self.store.fetch()
                    return True
        '''),
        py("""
            def mark(order, state):
                try:
                    database.update(order, state)
                except DatabaseError as error:
                    log.error("%s is not marked: %s", order, error)
                    return False
                return True

            def ship(order):
                mark(order, "shipped")
        """),
        py("""
            def mark(order, state):
                try:
                    database.update(order, state)
                    return True
                except Exception:
                    return False

            def ship(order):
                if not mark(order, "shipped"):
                    raise RuntimeError(f"{order} is not marked")
        """),
        py("""
            def publish(offer):
                try:
                    client.upload(offer)
                    return True
                except Exception as error:
                    print("not published:", error)
                    return False

            def main():
                publish(newest())
        """),
        py("""
            def publish(offer):
                try:
                    client.upload(offer)
                    return True
                except Exception as error:
                    print("not published:", error)
                    return False

            def main(offers):
                if offers:
                    publish(offers[0])
                else:
                    print("nothing to publish")
        """),
        py("""
            def give_back(lock):
                try:
                    lock.path.unlink()
                    return True
                except OSError:
                    return False

            def build(lock):
                try:
                    make()
                finally:
                    give_back(lock)
                say("built")
        """),
        py("""
            def forget(name):
                try:
                    del known[name]
                    return True
                except KeyError:
                    return False

            def leave(name):
                forget(name)
                say_goodbye(name)
        """),
    ),
)
def ignored_failure(run: Pass, call: Node) -> Iterator[Found]:
    """A function tells of a failure by what it gives back alone, and the caller does not look at it.

    It catches the error, and gives False or None. The caller goes on, and says that all is done: nobody ever hears of
    the failure.

    Instead, look at the answer, or let the error pass on to the caller.
    """
    function = call.child_by_field_name("function")
    if function is None or not losses.is_dropped(call) or not losses.is_deed(last_word(call)) or is_upkeep(run.path):
        return
    if _ENDS.match(last_word(call)) is not None:
        return  # what is not needed any more
    found = origins.own_function(run, call)
    if found is None or found.told is None or found.decorators or is_occasional(run.path):
        return
    if is_within(call, "finally_clause"):
        return  # what is done there must not stand in the way of an error that is on its way
    if any(map(handlers.is_empty, handlers.guards(call))) or handlers.is_foreseen(run, call):
        return
    if found.told.printed and not _builds_on(call):
        return
    unheard = "" if found.told.printed else ", and tells nobody else"
    what = _ANSWERS[found.told.answer]
    message = f"`{spoken(function)}` {what}{unheard}; nothing looks at the answer here."
    yield run.finding(call, message, related=_places(run, found, found.told))


_ENDS = re.compile(
    r"_*(?:cancel|clean_?up|close|disconnect|evict|expire|forget|kill|release|stop|terminate|unlock)(?:_|$)"
)
"""Names of functions that end or clear away something."""
_MAKES = re.compile(r"_*(?:create|make|ensure|prepare|set_?up|init\w*|build|register|install)(?:_|$)")
"""Names of functions that make what others need."""
_ANSWERS = {"False": "answers False if it fails", "None": "gives None if it fails"}


def _builds_on(call: Node) -> bool:
    """Whether what stands behind a call takes it for done: it says so, notes it, or works on with what it was told.

    Whoever runs the program reads of the failure; what is done with other things is their choice.
    """
    statement, given = fixes.statement_of(call), _names(call)
    behind = statement.next_named_sibling if statement is not None else None
    if behind is not None and (aftermath.says_done_behind(statement) is not None or _notes_success(behind)):
        return True
    following = [*_following(statement, is_made=_MAKES.match(last_word(call)) is not None)]
    shown = {name.id for one in handlers.calls(following) if handlers.only_prints(one) for name in _identifiers(one)}
    return any(name.id not in shown and text_of(name) in given for one in following for name in _identifiers(one))


def _following(statement: Node | None, *, is_made: bool) -> Iterator[Node]:
    """The statements behind one in its block; where it makes something, those behind the branches around it too."""
    inner = statement
    while inner is not None and inner.type not in FUNCTIONS | {"for_statement", "while_statement"}:
        behind = inner.next_named_sibling
        while behind is not None:
            if behind.type not in {"elif_clause", "else_clause"}:
                yield behind
            behind = behind.next_named_sibling
        inner = inner.parent if is_made else None


def _names(call: Node) -> set[str]:
    """The variables among the arguments of a call."""
    arguments = call.child_by_field_name("arguments")
    return set(map(text_of, _identifiers(arguments))) if arguments is not None else set()


def _identifiers(node: Node) -> list[Node]:
    return [one for one in walk(node) if one.type == "identifier"]


def _notes_success(statement: Node) -> bool:
    """Whether a statement notes that something is done: `changed = True`, `sent += 1`, `return True`."""
    inner = statement.named_children[0] if statement.named_children else None
    value = inner.child_by_field_name("right") if inner is not None and "assignment" in inner.type else inner
    return value is not None and text_of(value) in {"True", "1"}


def _places(run: Pass, found: Definition, told: Told) -> tuple[Place, ...]:
    """Where the failure becomes an answer, if that is in the same file."""
    if run.facts.defined(found.name) != found:
        return ()
    return (Place(told.span, "the failure becomes an answer here", run.path, told.block),)
