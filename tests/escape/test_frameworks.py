"""Of which framework a view is: its decorators, its class, or what it takes and gives back tell before imports do."""

from __future__ import annotations

import pytest

from shipworthy.document import Document
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of

APP = "from flask import Flask\n\napp = Flask(__name__)\n"
PLAIN = "def show(request, text):\n    return own(int(request.GET['a']))\n"
CLASS = "class Show(View):\n    def get(self, request):\n        return int(self.request.GET['a'])\n"


@pytest.mark.parametrize(
    ("head", "view", "framework"),
    [
        (
            "import django\nfrom app import app",
            "@app.get('/a/<text>')\ndef show(text):\n    return int(text)\n",
            "flask",
        ),
        ("import fastapi\nfrom django.views import View", CLASS, "django"),
        ("import django, flask\nfrom rest_framework.views import APIView as View", CLASS, "rest_framework"),
        (
            "import flask\nfrom django.http import HttpRequest",
            PLAIN.replace("request,", "request: HttpRequest,"),
            "django",
        ),
        ("import flask\nfrom django.shortcuts import render as own", PLAIN, "django"),
        ("import django\nfrom rest_framework import status", PLAIN, "django"),
        ("import rest_framework", PLAIN, "django"),
        ("import django, flask", PLAIN, ""),
        (
            "import flask\nfrom fastapi import FastAPI, Request\napp = FastAPI()",
            "@app.get('/a')\ndef show(request: Request):\n    return int(request.headers['a'])\n",
            "fastapi",
        ),
        (
            "from fastapi import Depends, Request",
            "def show(request: Request):\n    return int(request.headers['a'])\n\ndef f(a=Depends(show)): ...\n",
            "fastapi",
        ),
    ],
)
def test_a_view_is_of_the_framework_that_it_shows_itself_to_be_of(head: str, view: str, framework: str) -> None:
    files = {"app.py": APP, "shop/views.py": f"{head}\n\n{view}"}
    analysis = Analysis(unit_of(Document(path, text)) for path, text in files.items())
    found = {one.framework for escapes in analysis.of("shop/views.py").values() for one in escapes}
    assert found == {framework}
