from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from shipworthy import origins
from shipworthy.losses import is_dropped
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import function_around, keyword_arguments, last_word, own, text_of


class _Answer(NamedTuple):
    """What tells of failures in the answer of a call. `given`: keywords by which the call is known, one of them;
    `owners`: else, what its name begins with.
    """

    tells: str
    given: frozenset[str] = frozenset()
    owners: tuple[str, ...] = ()


def _of_aws(tells: str, given: str) -> _Answer:
    return _Answer(tells, given=frozenset(given.split()))


_FIREBASE = _Answer("failure_count", owners=("firebase_admin.",))
_ANSWERS = {
    "delete_objects": _of_aws("Errors", "Delete"),
    "put_records": _of_aws("FailedRecordCount", "Records"),
    "put_record_batch": _of_aws("FailedPutCount", "Records"),
    "put_events": _of_aws("FailedEntryCount", "Entries"),
    "send_message_batch": _of_aws("Failed", "Entries"),
    "delete_message_batch": _of_aws("Failed", "Entries"),
    "change_message_visibility_batch": _of_aws("Failed", "Entries"),
    "publish_batch": _of_aws("Failed", "PublishBatchRequestEntries"),
    "batch_write_item": _of_aws("UnprocessedItems", "RequestItems"),
    "batch_get_item": _of_aws("UnprocessedKeys", "RequestItems"),
    "send_bulk_email": _of_aws("BulkEmailEntryResults", "BulkEmailEntries"),
    "send_bulk_templated_email": _of_aws("Status", "Destinations"),
    "insert_rows_json": _Answer("errors", owners=("google.cloud.bigquery.",)),
    "insert_rows": _Answer("errors", owners=("google.cloud.bigquery.",)),
    "bulk": _Answer(
        "errors", owners=("elasticsearch.Elasticsearch", "elasticsearch.AsyncElasticsearch", "opensearchpy.")
    ),
    "send_each": _FIREBASE,
    "send_each_for_multicast": _FIREBASE,
    "send_multicast": _FIREBASE,
    "send_all": _FIREBASE,
}
"""Calls that raise nothing if part of their work fails: by their last names, what of the answer tells of it."""


@node_rule(
    "unchecked-partial-failure",
    severity=Severity.HINT,
    python="call",
    cwe=(252, 754),
    extract=origins.bindings,
    bad=(
        py("""
            def drop(s3, keys):
                «s3.delete_objects(Bucket="archive", Delete={"Objects": [{"Key": key} for key in keys]})»
                print("dropped", len(keys))
        """),
        py("""
            class Sender:
                def send(self, entries):
                    answer = «self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)»
                    self.sent += len(answer["Successful"])
        """),
        py("""
            from google.cloud import bigquery

            client = bigquery.Client()

            def add(rows):
                «client.insert_rows_json("shop.orders", rows)»
        """),
    ),
    good=(
        py("""
            def drop(s3, keys):
                answer = s3.delete_objects(Bucket="archive", Delete={"Objects": [{"Key": key} for key in keys]})
                for refused in answer.get("Errors", ()):
                    log.error("%s is still there: %s", refused["Key"], refused["Message"])
        """),
        py("""
            def drop(s3, keys):
                return s3.delete_objects(Bucket="archive", Delete={"Objects": keys})
        """),
        py("""
            def send(sqs, entries):
                answer = sqs.send_message_batch(QueueUrl=URL, Entries=entries)
                look_at(answer)
        """),
        py("""
            def drop(store, keys):
                store.delete_objects(keys)
        """),
        py("""
            from google.cloud import bigquery

            client = bigquery.Client()

            def add(rows):
                if client.insert_rows_json("shop.orders", rows):
                    raise RuntimeError("rows were refused")
        """),
    ),
)
def unchecked_partial_failure(run: Pass, call: Node) -> Iterator[Found]:
    """A call that works on many things at once says in its answer which ones failed, and nobody looks there.

    It raises nothing as long as the request as a whole is understood: what was refused or throttled is taken for
    done, is gone for good, or stays where it should be removed.

    Instead, look at that part of the answer, and try once more or report what is listed there.
    """
    known = _ANSWERS.get(last_word(call))
    if known is None or not _is_known(run, call, known):
        return
    if is_dropped(call) or _is_held_unseen(call, known.tells):
        message = f"What fails in part raises nothing here: look at `{known.tells}` of the answer."
        if known.owners and known.tells == "errors" and last_word(call).startswith("insert"):
            message = "What fails in part raises nothing here: look at the errors that this returns."
        yield run.finding(call, message)


def _is_known(run: Pass, call: Node, known: _Answer) -> bool:
    if known.given:
        return not known.given.isdisjoint(keyword_arguments(call))
    function = call.child_by_field_name("function")
    return function is not None and origins.callee(run, function).startswith(known.owners)


def _is_held_unseen(call: Node, tells: str) -> bool:
    """Whether a variable holds the answer, which is not handed on, and nobody asks it for what failed."""
    parent = call.parent.parent if call.parent is not None and call.parent.type == "await" else call.parent
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    scope = function_around(call)
    if target is None or target.type != "identifier" or scope is None or tells in text_of(scope):
        return False
    uses = (node for node in own(scope, "identifier") if node.text == target.text and node != target)
    return all(use.parent is not None and use.parent.type in {"subscript", "attribute"} for use in uses)
