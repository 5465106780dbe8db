from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import origins
from shipworthy.document import Block
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, js, node_rule, py
from shipworthy.syntax import (
    does_nothing,
    keyword_arguments,
    last_word,
    positional_arguments,
    statements,
    text_of,
    walk,
)

_ERROR = re.compile(r"^(?:err|error)$")
_NOT_A_RESULT = frozenset(
    {"map", "forEach", "filter", "reduce", "some", "every", "find", "findIndex", "flatMap", "sort", "then", "replace"}
)


_FLUSHES = re.compile(r"\.flush\(|\bon_delivery\b|\badd_errback\(")
_TOLD = "told of deliveries"


def _words(block: Block) -> Iterator[str]:
    """What variables hold, and whether a producer of Kafka is asked what has become of its messages."""
    yield from origins.bindings(block)
    if block.language.id == "python" and _FLUSHES.search(block.text) is not None:
        yield _TOLD


@node_rule(
    "ignored-error-channel",
    severity=Severity.WARNING,
    python="if_statement|expression_statement",
    extract=_words,
    javascript="arrow_function|function_expression",
    cwe=(390,),
    bad=(
        py("""
            import json

            from confluent_kafka import Producer

            producer = Producer({"bootstrap.servers": BROKERS})

            def announce(order):
                «producer.produce("orders", json.dumps(order))»
        """),
        py("""
            from kafka import KafkaProducer

            class Feed:
                def __init__(self):
                    self.producer = KafkaProducer(bootstrap_servers=BROKERS)

                def tell(self, line):
                    «self.producer.send("lines", line)»
        """),
        js("""
            fs.readFile(path, («err», data) => {
              show(data);
            });
        """),
        js("db.query(sql, function («error», rows) { reply.send(rows); });"),
        py("""
            while True:
                message = consumer.poll(1.0)
                if message is None:
                    continue
                if «message.error()»:
                    continue
                handle(message)
        """),
    ),
    good=(
        py("""
            from confluent_kafka import Producer

            producer = Producer({"bootstrap.servers": BROKERS})

            def announce(order):
                producer.produce("orders", order, callback=delivered)

            def call(sock, text):
                sock.send(text)
        """),
        py("""
            from kafka import KafkaProducer

            producer = KafkaProducer(bootstrap_servers=BROKERS)

            def announce(lines):
                for line in lines:
                    producer.send("lines", line)
                producer.flush()
        """),
        py("""
            while True:
                message = consumer.poll(1.0)
                if message.error():
                    log.error("broker: %s", message.error())
                    continue
                handle(message)
        """),
        js("""
            fs.readFile(path, (err, data) => {
              if (err) throw err;
              show(data);
            });
        """),
        js("fs.readFile(path, (err, data) => { if (data) show(data); });"),
        js("fs.readFile(path, (_err, data) => { show(data); });"),
        js("app.use((err, request, response, next) => { response.status(500).end(); });"),
        js("problems.forEach((error, field) => { show(field); });"),
        js("fs.readFile(path, (err, ...rest) => done.apply(null, arguments));"),
    ),
)
def ignored_error_channel(run: Pass, function: Node) -> Iterator[Found]:
    """A callback takes an error as its first argument and never looks at it, or a loop passes errors over.

    If the call fails, the other arguments are undefined: the failure shows up later, somewhere
    else, or not at all. A message of a broker that `error()` says something of may be the end of all others. What a
    producer of Kafka is given it sends later, and tells of failures only whom it was told to.

    Instead, test it first: pass it on, report it, or name it `_err` where it really does not matter.
    """
    if function.type == "expression_statement":
        yield from _delivery(run, function)
    else:
        yield from _condition(run, function) if function.type == "if_statement" else _callback(run, function)


_PRODUCERS = frozenset({"confluent_kafka.Producer", "kafka.KafkaProducer"})


def _delivery(run: Pass, statement: Node) -> Iterator[Found]:
    """`producer.produce(topic, value)`: what becomes of it is told later, and nobody asks."""
    call = statement.named_children[0] if statement.named_children else statement
    function = call.child_by_field_name("function")
    if function is None or call.type != "call" or last_word(call) not in {"produce", "send"}:
        return
    if {"callback", "on_delivery"} & keyword_arguments(call).keys() or _TOLD in run.facts[run.rule.id]:
        return
    if origins.origin(run, function.child_by_field_name("object")) in _PRODUCERS:
        message = "Nobody hears whether Kafka takes this message: look at its delivery, and `flush()` before the end."
        yield run.finding(call, message, severity=Severity.HINT)


def _condition(run: Pass, statement: Node) -> Iterator[Found]:
    """`if message.error(): continue`."""
    condition, body = statement.child_by_field_name("condition"), statement.child_by_field_name("consequence")
    if (
        condition is None
        or condition.type != "call"
        or last_word(condition) != "error"
        or positional_arguments(condition)
    ):
        return
    is_alone = statement.child_by_field_name("alternative") is None
    is_explained = body is not None and any(node.type == "comment" for node in walk(statement))
    if is_alone and not is_explained and all(map(does_nothing, statements(body))):
        message = f"`{text_of(condition)}` says what failed, and nobody hears of it: log it, and end where it is fatal."
        yield run.finding(condition, message)


def _callback(run: Pass, function: Node) -> Iterator[Found]:
    parameters, body = function.child_by_field_name("parameters"), function.child_by_field_name("body")
    if parameters is None or body is None or not _is_callback(function):
        return
    names = [_name(parameter) for parameter in parameters.named_children if parameter.type != "comment"]
    if not 2 <= len(names) <= 3 or names[0] is None or names[1] is None:
        return
    first, second = text_of(names[0]), text_of(names[1])
    if _ERROR.match(first) is None or re.match(r"(?i)req|ctx|i$|idx|index|key|acc", second):
        return
    used = {text_of(node) for node in walk(body) if node.type in {"identifier", "shorthand_property_identifier"}}
    if first not in used and second in used and "arguments" not in used and not _is_tested(body, second):
        message = f"`{first}` says whether this failed, and nobody looks at it: test it before `{second}` is used."
        yield run.finding(names[0], message)


def _is_callback(function: Node) -> bool:
    """Whether a function is the last argument of a call that reports its result to it."""
    arguments = function.parent
    call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    if call is None or call.type != "call_expression" or positional_arguments(call)[-1:] != [function]:
        return False
    return last_word(call) not in _NOT_A_RESULT


def _is_tested(body: Node, name: str) -> bool:
    """Whether the result itself is looked at: where there is none, something has failed."""
    test = re.compile(rf"!\s*{name}\b|\bif\s*\(\s*{name}\b|\b{name}\s*(?:&&|\|\||\?|===?|!==?)")
    return test.search(text_of(body)) is not None


def _name(parameter: Node) -> Node | None:
    """The plain name of a parameter, TypeScript's annotation left out."""
    pattern = parameter.child_by_field_name("pattern") or parameter
    return pattern if pattern.type == "identifier" else None
