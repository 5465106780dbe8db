from __future__ import annotations

from collections.abc import Iterator

from shipworthy import replies, ways
from shipworthy.facts.model import ABSENT, Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py


@escape_rule(
    "unhandled-upstream-failure",
    severity=Severity.HINT,
    cwe=(755,),
    bad=(
        py("""
            from fastapi import Depends, FastAPI
            from pydantic import BaseModel
            from sqlalchemy import select
            from sqlalchemy.orm import Session

            app = FastAPI()

            class Line(BaseModel):
                sku: str

            @app.post("/price")
            def price(line: Line, session: Session = Depends(opened)):
                product = «session.scalar(select(Product).where(Product.sku == line.sku))»
                return product.price
        """),
        py("""
            from rest_framework import serializers
            from rest_framework.response import Response
            from rest_framework.views import APIView

            from .models import Coupon

            class Asked(serializers.Serializer):
                code = serializers.CharField(max_length=24)

            class Redeem(APIView):
                def post(self, request):
                    asked = Asked(data=request.data)
                    asked.is_valid(raise_exception=True)
                    coupon = «Coupon.objects.get(code=asked.validated_data["code"])»
                    return Response({"percent": coupon.percent})
        """),
        py("""
            import stripe
            from rest_framework.decorators import api_view

            from .models import Bill

            @api_view(["POST"])
            def paid(request):
                try:
                    event = stripe.Webhook.construct_event(request.body, request.headers["Stripe-Signature"], KEY)
                except stripe.SignatureVerificationError:
                    return Response(status=400)
                settle(event["data"]["object"])

            def settle(sent):
                «Bill.objects.get(charge=sent["id"])».settle()
        """),
        py(
            """
            import requests
            from fastapi import FastAPI, HTTPException

            app = FastAPI()

            @app.get("/weather")
            def weather(city: str):
                response = «requests.get("https://weather.example/" + city, timeout=5)»
                return response.text
            """,
            fixed="""
            import requests
            from fastapi import FastAPI, HTTPException

            app = FastAPI()

            @app.get("/weather")
            def weather(city: str):
                try:
                    response = requests.get("https://weather.example/" + city, timeout=5)
                except requests.RequestException as error:
                    raise HTTPException(status_code=502, detail="an upstream service failed") from error
                return response.text
            """,
        ),
        py(
            """
            import requests
            from flask import Flask

            app = Flask(__name__)

            @app.get("/rates")
            def rates():
                answer = «requests.get("https://rates.example", timeout=5)»
                answer.raise_for_status()
                found = answer.json()
                return {"rates": found}
            """,
            fixed="""
            import requests
            from flask import Flask, abort

            app = Flask(__name__)

            @app.get("/rates")
            def rates():
                try:
                    answer = requests.get("https://rates.example", timeout=5)
                    answer.raise_for_status()
                    found = answer.json()
                except requests.RequestException:
                    abort(502, "an upstream service failed")
                return {"rates": found}
            """,
        ),
        py(
            """
            import requests
            from django.shortcuts import render

            def weather(request):
                answer = «requests.get("https://weather.example", timeout=5)»
                return render(request, "weather.html", {"text": answer.text})
            """,
            fixed="""
            import requests
            from django.http import HttpResponse
            from django.shortcuts import render

            def weather(request):
                try:
                    answer = requests.get("https://weather.example", timeout=5)
                except requests.RequestException:
                    return HttpResponse("an upstream service failed", status=502)
                return render(request, "weather.html", {"text": answer.text})
            """,
        ),
        py(
            """
            from rest_framework.response import Response
            from rest_framework.views import APIView

            from shop.models import Order

            class Show(APIView):
                def get(self, request, number):
                    return Response(«Order.objects.get(number=request.query_params["number"])».total)
            """,
            fixed="""
            from django.core.exceptions import ObjectDoesNotExist
            from django.http import Http404
            from rest_framework.response import Response
            from rest_framework.views import APIView

            from shop.models import Order

            class Show(APIView):
                def get(self, request, number):
                    try:
                        return Response(Order.objects.get(number=request.query_params["number"]).total)
                    except ObjectDoesNotExist as error:
                        raise Http404 from error
            """,
        ),
        py(
            """
            from django.http import HttpResponse
            from django.views import View

            from shop.models import Order

            class Show(View):
                def get(self, request, number):
                    return HttpResponse(«Order.objects.get(number=request.GET["number"])»)
            """,
            fixed="""
            from django.core.exceptions import ObjectDoesNotExist
            from django.http import Http404, HttpResponse
            from django.views import View

            from shop.models import Order

            class Show(View):
                def get(self, request, number):
                    try:
                        return HttpResponse(Order.objects.get(number=request.GET["number"]))
                    except ObjectDoesNotExist as error:
                        raise Http404 from error
            """,
        ),
    ),
    good=(
        py("""
            from uuid import UUID
            from celery import shared_task

            @shared_task
            def work(job):
                run(UUID(job))
        """),
        py("""
            from fastapi import FastAPI
            from sqlmodel import Session, func, select

            app = FastAPI()

            @app.get("/notes/count")
            def count():
                with Session(engine) as session:
                    return session.exec(select(func.count()).select_from(Note)).one()
        """),
        py("""
            import requests
            from fastapi import FastAPI, HTTPException

            app = FastAPI()

            @app.get("/weather")
            def weather(city: str):
                try:
                    response = requests.get("https://weather.example/" + city, timeout=5)
                except requests.RequestException as error:
                    raise HTTPException(502, "The weather service does not answer.") from error
                return response.text
        """),
    ),
)
def unhandled_upstream_failure(run: Pass, escape: Escape) -> Iterator[Found]:
    """A view or a task depends on another service, and nobody is there for the case that it fails.

    Services fail every week: they are deployed, overloaded, cut off. Each time this one fails along,
    with a bare 500 that says nothing of the cause. So does a row that a request asks for and that is not there.

    Instead, catch the failure, say what did not answer (502, 503, a retry), and keep the cause in the log.
    """
    if escape.kind not in {"view", "connection"}:
        if not escape.is_missing:  # what was deleted since the task was queued is no failure
            yield ways.told(run, escape, "the task fails with it")
    elif escape.kind == "connection":
        subject = "what does not exist" if escape.is_missing else "an outage there"
        yield ways.told(run, escape, f"{subject} ends the connection")
    elif escape.is_missing:
        offers = () if escape.call == ABSENT else replies.not_found(run, escape)
        yield ways.told(run, escape, "what does not exist is answered with 500 instead of 404", offers=offers)
    else:
        offers = replies.bad_gateway(run, escape)
        yield ways.told(run, escape, "an outage there is a bare 500 here", offers=offers)
