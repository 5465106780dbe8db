"""Weather gateway: geocodes a city and asks an upstream for the forecast."""
import asyncio
import json
import os

import httpx
from fastapi import APIRouter, FastAPI, Request

GEO_URL = "https://geo.example.com/v1/search"
FORECAST_URL = "https://weather.example.com/v1/forecast"
HISTORY_FILE = os.getenv("HISTORY_FILE", "history.jsonl")

app = FastAPI(title="Weather gateway")
router = APIRouter(prefix="/weather")


async def geocode(city: str) -> tuple[float, float]:
    async with httpx.AsyncClient() as client:
        r = await client.get(GEO_URL, params={"name": city})
        results = r.json()["results"]
    return results[0]["lat"], results[0]["lon"]


async def fetch_forecast(lat: float, lon: float, days: int) -> dict:
    async with httpx.AsyncClient(timeout=None) as client:
        r = await client.get(FORECAST_URL, params={"lat": lat, "lon": lon, "days": days})
        return r.json()


async def remember(city: str, forecast: dict) -> None:
    await asyncio.sleep(0)
    with open(HISTORY_FILE, "a") as f:
        f.write(json.dumps({"city": city, "forecast": forecast}) + "\n")


@router.get("/{city}")
async def forecast(city: str, request: Request):
    days = int(request.query_params.get("days", "3"))
    lat, lon = await geocode(city)
    data = await fetch_forecast(lat, lon, days)
    asyncio.create_task(remember(city, data))
    return {"city": city, "days": data["daily"]}


@router.post("/compare")
async def compare(request: Request):
    body = await request.json()
    out = {}
    for city in body["cities"]:
        lat, lon = await geocode(city)
        out[city] = (await fetch_forecast(lat, lon, 1))["daily"][0]
    return out


app.include_router(router)
