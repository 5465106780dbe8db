from __future__ import annotations

import re
from collections.abc import Iterator

from shipworthy import replies, schemas, ways
from shipworthy.escape.refusals import is_refused
from shipworthy.facts.model import Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py
from shipworthy.syntax import ancestors, assigned, function_around, positional_arguments, text_of


@escape_rule(
    "unvalidated-request-input",
    severity=Severity.HINT,
    cwe=(20, 755),
    extract=schemas.words,
    bad=(
        py("""
            import bottle

            @bottle.get("/shelves/<number>")
            def shelf(number):
                return SHELVES[«int(number)»].label
        """),
        py("""
            import sqlite3
            import uuid

            from flask import Flask, request

            app = Flask(__name__)
            connection = sqlite3.connect("library.db")

            @app.post("/loans")
            def lend():
                loan = request.json.get("loan") or uuid.uuid4().hex
                «connection.execute("INSERT INTO loans VALUES (?, ?)", (loan, request.values["reader"]))»
                return {"loan": loan}
        """),
        py("""
            from fastapi import FastAPI, UploadFile

            app = FastAPI()

            def lines(content: bytes) -> list[str]:
                return «content.decode()».splitlines()

            @app.post("/lists")
            def upload(file: UploadFile):
                return lines(file.file.read())
        """),
        py(
            """
            from rest_framework.viewsets import ModelViewSet

            class Bills(ModelViewSet):
                def get_queryset(self):
                    least = «int(self.request.query_params.get("least", "0"))»
                    return super().get_queryset().filter(amount__gte=least)
            """,
            fixed="""
            from rest_framework.exceptions import ValidationError
            from rest_framework.viewsets import ModelViewSet

            class Bills(ModelViewSet):
                def get_queryset(self):
                    try:
                        least = int(self.request.query_params.get("least", "0"))
                    except ValueError as error:
                        raise ValidationError("the request is not valid") from error
                    return super().get_queryset().filter(amount__gte=least)
            """,
        ),
        py(
            """
            from django.views.generic import ListView

            class Bills(ListView):
                def get_context_data(self, **given):
                    least = «int(self.request.GET.get("least", "0"))»
                    return {**super().get_context_data(**given), "least": least}
            """,
            fixed="""
            from django.core.exceptions import BadRequest
            from django.views.generic import ListView

            class Bills(ListView):
                def get_context_data(self, **given):
                    try:
                        least = int(self.request.GET.get("least", "0"))
                    except ValueError as error:
                        raise BadRequest("the request is not valid") from error
                    return {**super().get_context_data(**given), "least": least}
            """,
        ),
        py(
            """
            from flask import Flask, request

            app = Flask(__name__)

            @app.get("/items")
            def items():
                page = «int(request.args.get("page", "1"))»
                return {"page": page}
            """,
            fixed="""
            from flask import Flask, abort, request

            app = Flask(__name__)

            @app.get("/items")
            def items():
                try:
                    page = int(request.args.get("page", "1"))
                except ValueError:
                    abort(400, "the request is not valid")
                return {"page": page}
            """,
        ),
        py(
            """
            from django.http import HttpRequest, JsonResponse
            from fastapi import APIRouter

            router = APIRouter()

            @router.get("/pages")
            def pages(number: int):
                return {"page": number}

            def shown(request: HttpRequest):
                return JsonResponse({"page": «int(request.GET.get("page", "1"))»})
            """,
            fixed="""
            from django.core.exceptions import BadRequest
            from django.http import HttpRequest, JsonResponse
            from fastapi import APIRouter

            router = APIRouter()

            @router.get("/pages")
            def pages(number: int):
                return {"page": number}

            def shown(request: HttpRequest):
                try:
                    return JsonResponse({"page": int(request.GET.get("page", "1"))})
                except ValueError as error:
                    raise BadRequest("the request is not valid") from error
            """,
        ),
        py(
            """
            from flask import Flask, request

            app = Flask(__name__)

            @app.get("/jobs")
            def jobs():
                page = «int(request.args.get("page", "1"))»
                return {"page": page}

            def abort(job):
                job.stop()
            """,
            fixed="""
            from flask import Flask, request
            from flask import abort as flask_abort

            app = Flask(__name__)

            @app.get("/jobs")
            def jobs():
                try:
                    page = int(request.args.get("page", "1"))
                except ValueError:
                    flask_abort(400, "the request is not valid")
                return {"page": page}

            def abort(job):
                job.stop()
            """,
        ),
        py(
            """
            from flask import Flask, request

            app = Flask(__name__)

            @app.post("/pages")
            def pages():
                try:
                    book = request.form["book"]
                    return {"book": book, "page": «int(request.json["page"])»}
                except UnicodeDecodeError:
                    return "pages are in UTF-8", 400
            """,
            fixed="""
            from flask import Flask, abort, request

            app = Flask(__name__)

            @app.post("/pages")
            def pages():
                try:
                    book = request.form["book"]
                    return {"book": book, "page": int(request.json["page"])}
                except UnicodeDecodeError:
                    return "pages are in UTF-8", 400
                except (KeyError, TypeError, ValueError):
                    abort(400, "the request is not valid")
            """,
        ),
        py(
            """
            import base64

            from flask import Flask, request

            app = Flask(__name__)

            @app.post("/pictures")
            def pictures():
                picture = «base64.b64decode(request.form["picture"])»
                return {"size": len(picture)}
            """,
            fixed="""
            import base64
            import binascii

            from flask import Flask, abort, request

            app = Flask(__name__)

            @app.post("/pictures")
            def pictures():
                try:
                    picture = base64.b64decode(request.form["picture"])
                except binascii.Error:
                    abort(400, "the request is not valid")
                return {"size": len(picture)}
            """,
        ),
        py("""
            import csv
            import io

            from flask import Flask, request

            app = Flask(__name__)

            @app.post("/stock")
            def stock():
                lines = io.TextIOWrapper(request.files["stock"], encoding="utf-8")
                return {"total": sum(count(line) for line in csv.DictReader(lines))}

            def count(line):
                return «int(line["count"])»
        """),
    ),
    good=(
        py("""
            import bottle

            @bottle.get("/shelves/<number:int>")
            def shelf(number):
                return SHELVES[int(number)].label
        """),
        py("""
            from starlette.applications import Starlette
            from starlette.requests import Request
            from starlette.routing import Route

            async def names(request: Request):
                return answer({name.decode(): value for name, value in request.headers.raw})

            app = Starlette(routes=[Route("/", names)])
        """),
        py("""
            import sqlite3
            import uuid

            from flask import Flask, request

            app = Flask(__name__)
            connection = sqlite3.connect("library.db")

            @app.post("/loans")
            def lend():
                loan = uuid.uuid4().hex
                connection.execute("INSERT INTO loans VALUES (?, ?)", (loan, request.values["reader"]))
                return {"loan": loan}
        """),
        py("""
            import sqlite3

            from flask import Flask, request

            app = Flask(__name__)
            connection = sqlite3.connect("library.db")
            connection.execute("CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY AUTOINCREMENT, reader TEXT)")

            @app.post("/visits")
            def visit():
                connection.execute("INSERT INTO visits (reader) VALUES (?)", (request.values["reader"],))
                return {"noted": True}
        """),
        py("""
            import yaml
            from pathlib import Path

            from fastapi import FastAPI

            app = FastAPI()

            class Shelves:
                def __init__(self, folder):
                    self.folder = Path(folder)

                def of(self, name):
                    path = self.folder / name / "config.yaml"
                    if not path.exists():
                        return None
                    with open(path) as file:
                        return yaml.safe_load(file)

            shelves = Shelves("/srv/shelves")

            @app.get("/shelves/{name}")
            def shelf(name: str):
                return shelves.of(name)
        """),
        py("""
            from flask import Flask, request

            app = Flask(__name__)

            @app.get("/longest")
            def longest():
                return max(request.args.getlist("word"), key=len, default=None) or ""
        """),
        py("""
            import json
            from pathlib import Path

            from fastapi import FastAPI

            app = FastAPI()

            def load(name):
                path = Path("/srv/lists") / name
                return json.loads(path.read_text()) if path.exists() else None

            @app.get("/lists/{name}")
            async def listed(name: str):
                return load(name)
        """),
        py("""
            import json
            import os
            from flask import Flask

            app = Flask(__name__)

            @app.get("/parcels/<number>")
            def parcel(number):
                path = os.path.join(PARCELS, number, "parcel.json")
                if not os.path.exists(path):
                    return "none of ours", 404
                with open(path) as file:
                    known = json.load(file)
                return known["weight"]
        """),
        py("""
            import csv
            from flask import Flask, abort, request

            app = Flask(__name__)

            @app.post("/rows")
            def rows():
                reader = csv.DictReader(request.files["file"].stream)
                if "name" not in (reader.fieldnames or []):
                    abort(400)
                return [row["name"] for row in list(reader)]
        """),
        py("""
            from fastapi import FastAPI, Request

            app = FastAPI()

            @app.get("/costs")
            async def costs(request: Request, days: int = 30):
                shop = request.app
                rows = await shop.orders.of_last(days=days)
                return [float(row.totals["net"]) for row in rows]
        """),
        py(r"""
            from rest_framework.decorators import action
            from rest_framework.viewsets import ModelViewSet

            class Pages(ModelViewSet):
                @action(detail=True, methods=["post"], url_path=r"restore/(?P<number>[0-9]+)")
                def restore(self, request, pk=None, number=None):
                    return self.get_object().restored(int(number))
        """),
        py("""
            from flask import Flask, request

            app = Flask(__name__)

            @app.get("/items")
            def items():
                return {"page": request.args.get("page", default=1, type=int)}
        """),
        py("""
            from flask import Flask, request

            app = Flask(__name__)

            @app.errorhandler(ValueError)
            def refused(error):
                return {"error": "bad request"}, 400

            @app.get("/items")
            def items():
                return {"page": int(request.args.get("page", "1"))}
        """),
        py("""
            from starlette.applications import Starlette
            from starlette.requests import Request
            from starlette.routing import Route

            async def page(request: Request):
                return secure(request) if request.scope["scheme"] == "https" else plain(request)

            app = Starlette(routes=[Route("/", page)])
        """),
    ),
)
def unvalidated_request_input(run: Pass, escape: Escape) -> Iterator[Found]:
    """What a client sent is parsed, and nobody is there for the case that it does not parse.

    A typing error in a form, or a scanner that tries its luck, is then answered with 500, counted as
    a failure of the server, and wakes whoever is on call.

    Instead, let the framework convert and refuse (typed parameters, a schema), or answer 400 yourself.
    """
    if _is_header_name(run, escape) or _has_own_key(run, escape):
        return
    if is_refused(escape.exceptions):
        yield ways.told(run, escape, "what exists already is answered with 500 instead of 409")
        return
    offers = replies.bad_request(run, escape)
    answered = "is answered with 500 instead of 400" if escape.kind == "view" else "ends the connection"
    yield ways.told(run, escape, f"bad input {answered}", offers=offers)


def _is_header_name(run: Pass, escape: Escape) -> bool:
    """Whether the name of a header is decoded, which every server that takes it has found to be ASCII."""
    call = run.block.smallest(escape.span) if escape.exceptions == ("UnicodeDecodeError",) else None
    found = re.match(r"(\w+)\.decode\(", text_of(call)) if call is not None else None
    if call is None or found is None:
        return False
    listed = (one for around in ancestors(call) for one in (around, *around.named_children))
    loops = (one for one in listed if one.type in {"for_in_clause", "for_statement"})
    heads = (text_of(one).partition(":")[0] for one in loops)
    return any(re.search(rf"\bfor\s+\(?{found[1]}\s*,[^\n]*\bin\b.*header", head) is not None for head in heads)


_MADE = re.compile(r"\buuid[1457]\(|\btoken_(?:hex|urlsafe|bytes)\(|\bulid\b|\bULID\(|\bObjectId\(\)|\bnanoid\b")
"""What makes a key that there has never been before."""


def _has_own_key(run: Pass, escape: Escape) -> bool:
    """Whether the first value of the row that is written is a key which the function has made itself, or no row is
    refused at all.
    """
    call = run.block.smallest(escape.span) if is_refused(escape.exceptions) else None
    if call is not None and schemas.takes_any_row(run, call):
        return True
    scope = function_around(call) if call is not None and call.type == "call" else None
    given = positional_arguments(call)[1:2] if call is not None and scope is not None else []
    if scope is None or not given or given[0].type not in {"list", "tuple"} or not given[0].named_children:
        return False
    first = given[0].named_children[0]
    values = [value for target, value in assigned(scope) if text_of(target) == text_of(first)]
    made = [one for one in (first, *values) if one.type in {"attribute", "call", "subscript"}]
    return any(_MADE.search(text_of(value)) is not None for value in made)
