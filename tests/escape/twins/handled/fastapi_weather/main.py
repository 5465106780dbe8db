"""Weather gateway: geocodes a city and asks an upstream for the forecast."""
import json
import logging
import os
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

log = logging.getLogger("weather")
GEO_URL = "https://geo.example.com/v1/search"
FORECAST_URL = "https://weather.example.com/v1/forecast"
HISTORY_FILE = os.getenv("HISTORY_FILE", "history.jsonl")


class UpstreamError(Exception):
    def __init__(self, service: str):
        super().__init__(service)
        self.service = service


class Place(BaseModel):
    lat: float
    lon: float


class GeoAnswer(BaseModel):
    results: list[Place] = []


class Forecast(BaseModel):
    daily: list[dict]


class Comparison(BaseModel):
    cities: list[str] = Field(min_length=1, max_length=10)


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient(timeout=httpx.Timeout(10, connect=3)) as client:
        app.state.client = client
        yield


app = FastAPI(title="Weather gateway", lifespan=lifespan)
router = APIRouter(prefix="/weather")


def get_client(request: Request) -> httpx.AsyncClient:
    return request.app.state.client


Client = Annotated[httpx.AsyncClient, Depends(get_client)]


@app.exception_handler(UpstreamError)
async def upstream_failed(request: Request, exc: UpstreamError):
    log.error("%s failed for %s", exc.service, request.url.path, exc_info=exc)
    return JSONResponse({"detail": f"{exc.service} is unavailable"}, status_code=502)


async def geocode(client: httpx.AsyncClient, city: str) -> Place:
    try:
        r = await client.get(GEO_URL, params={"name": city})
        r.raise_for_status()
        answer = GeoAnswer.model_validate_json(r.content)
    except (httpx.HTTPError, ValidationError) as exc:
        raise UpstreamError("geocoder") from exc
    if not answer.results:
        raise HTTPException(404, f"unknown city: {city}")
    return answer.results[0]


async def fetch_forecast(client: httpx.AsyncClient, place: Place, days: int) -> Forecast:
    try:
        r = await client.get(FORECAST_URL, params={**place.model_dump(), "days": days})
        r.raise_for_status()
        return Forecast.model_validate_json(r.content)
    except (httpx.HTTPError, ValidationError) as exc:
        raise UpstreamError("forecast service") from exc


def remember(city: str, forecast: Forecast) -> None:
    try:
        with open(HISTORY_FILE, "a", encoding="utf-8") as f:
            f.write(json.dumps({"city": city, "forecast": forecast.daily}) + "\n")
    except OSError:
        log.exception("could not append %s to %s", city, HISTORY_FILE)


@router.get("/{city}")
async def forecast(
    city: str, client: Client, tasks: BackgroundTasks, days: Annotated[int, Query(ge=1, le=14)] = 3
):
    place = await geocode(client, city)
    data = await fetch_forecast(client, place, days)
    tasks.add_task(remember, city, data)
    return {"city": city, "days": data.daily}


@router.post("/compare")
async def compare(body: Comparison, client: Client):
    out: dict[str, dict | None] = {}
    for city in body.cities:
        place = await geocode(client, city)
        data = await fetch_forecast(client, place, 1)
        out[city] = data.daily[0] if data.daily else None
    return out


app.include_router(router)
