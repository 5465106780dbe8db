"""Nightly ETL: meter readings from CSV drops and an API into Postgres."""
import logging
import os
import sys
from pathlib import Path

import pandas as pd
import psycopg
import requests
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

log = logging.getLogger("etl")

INBOX = Path("/data/inbox")
DONE = Path("/data/done")
REJECTED = Path("/data/rejected")


class BadDrop(Exception):
    """The file cannot be used; it is moved to the rejected folder."""


class NoTariffs(Exception):
    pass


def read_drop(path: Path) -> pd.DataFrame:
    try:
        df = pd.read_csv(path, sep=";", usecols=["meter", "at", "kwh"])
        df["at"] = pd.to_datetime(df["at"])
        df["kwh"] = df["kwh"].astype(float)
    except ValueError as exc:  # also ParserError, EmptyDataError, UnicodeDecodeError
        raise BadDrop(str(exc)) from exc
    return df


@retry(
    retry=retry_if_exception_type(requests.RequestException),
    stop=stop_after_attempt(4),
    wait=wait_exponential(max=30),
    reraise=True,
)
def request_tariffs() -> dict:
    resp = requests.get("https://tariffs.example.eu/today", timeout=(5, 30))
    resp.raise_for_status()
    return resp.json()


def fetch_tariffs() -> dict[str, float]:
    try:
        return {meter: float(price) for meter, price in request_tariffs().items()}
    except (requests.RequestException, AttributeError, TypeError, ValueError) as exc:
        raise NoTariffs("tariff service gave no usable answer") from exc


def price(df: pd.DataFrame, tariffs: dict[str, float]) -> pd.DataFrame:
    tariff = df["meter"].map(tariffs)
    if tariff.isna().any():
        unknown = sorted(df.loc[tariff.isna(), "meter"].astype(str).unique())
        raise BadDrop(f"no tariff for meters {unknown}")
    return df.assign(cost=df["kwh"] * tariff)


def load(conn: psycopg.Connection, df: pd.DataFrame) -> int:
    with conn.transaction(), conn.cursor() as cur:
        cur.executemany(
            "INSERT INTO readings (meter, at, kwh, cost) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (meter, at) DO NOTHING",
            list(df[["meter", "at", "kwh", "cost"]].itertuples(index=False, name=None)),
        )
    return len(df)


def run(conn: psycopg.Connection) -> int:
    """Load every drop; return the number of rejected files."""
    tariffs = fetch_tariffs()
    total = rejected = 0
    for path in sorted(INBOX.glob("*.csv")):
        try:
            total += load(conn, price(read_drop(path), tariffs))
        except (BadDrop, psycopg.DataError, psycopg.IntegrityError):
            log.exception("%s rejected", path.name)
            path.replace(REJECTED / path.name)
            rejected += 1
        else:
            path.replace(DONE / path.name)
            log.info("loaded %s", path.name)
    row = conn.execute("SELECT max(at) FROM readings").fetchone()
    latest = row[0] if row else None
    log.info("%d rows, latest %s", total, latest or "none")
    return rejected


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    dsn = os.environ.get("DATABASE_URL")
    if not dsn:
        log.critical("environment variable DATABASE_URL is not set")
        return 2
    try:
        with psycopg.connect(dsn, connect_timeout=10) as conn:
            rejected = run(conn)
    except (NoTariffs, psycopg.Error, OSError):
        log.critical("run aborted", exc_info=True)
        return 1
    return 3 if rejected else 0


if __name__ == "__main__":
    sys.exit(main())
