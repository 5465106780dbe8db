from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import handlers, losses, order, origins
from shipworthy.facts.model import Definition, Told
from shipworthy.model import Place, Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import ancestors, is_within, last_word, own, spoken
from shipworthy.upkeep import is_occasional, is_upkeep


@node_rule(
    "ignored-failure",
    severity=Severity.HINT,
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
    ),
    good=(
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
    found = origins.own_function(run, call)
    if found is None or found.told is None or found.decorators or is_occasional(run.path):
        return
    if is_within(call, "finally_clause"):
        return  # what is done there must not stand in the way of an error that is on its way
    if any(map(handlers.is_empty, handlers.guards(call))) or handlers.is_foreseen(run, call):
        return
    if found.told.printed and not _goes_on(call):
        return
    unheard = "" if found.told.printed else ", and tells nobody else"
    what = _ANSWERS[found.told.answer]
    message = f"`{spoken(function)}` {what}{unheard}; nothing looks at the answer here."
    yield run.finding(call, message, related=_places(run, found, found.told))


_ANSWERS = {"False": "answers False if it fails", "None": "gives None if it fails"}


def _goes_on(call: Node) -> bool:
    """Whether the function around calls anything behind a call, which it takes for done."""
    scope = next((one for one in ancestors(call) if one.type in {"function_definition", "module"}), None)
    return scope is not None and any(node.type == "call" and order.may_follow(node, call) for node in own(scope))


def _places(run: Pass, found: Definition, told: Told) -> tuple[Place, ...]:
    """Where the failure becomes an answer, if that is in the same file."""
    if run.facts.defined(found.name) != found:
        return ()
    return (Place(told.span, "the failure becomes an answer here", run.path, told.block),)
