#!/usr/bin/env python3
"""Summarise a sales CSV export per region and month, write a JSON report."""
import argparse
import csv
import json
import sys
from collections import defaultdict
from datetime import datetime

REQUIRED = {"date", "region", "currency", "amount"}


class ReportError(Exception):
    """Something the user can fix; shown without a traceback."""


def load_rows(path):
    try:
        with open(path, newline="", encoding="utf-8") as f:
            reader = csv.DictReader(f)
            missing = REQUIRED - set(reader.fieldnames or ())
            if missing:
                raise ReportError(f"{path}: missing columns: {', '.join(sorted(missing))}")
            return list(reader)
    except OSError as exc:
        raise ReportError(f"cannot read {path}: {exc.strerror}") from exc
    except (UnicodeDecodeError, csv.Error) as exc:
        raise ReportError(f"{path} is not a UTF-8 CSV file: {exc}") from exc


def load_rates(path):
    try:
        with open(path, encoding="utf-8") as f:
            raw = json.load(f)
    except OSError as exc:
        raise ReportError(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:  # JSONDecodeError and UnicodeDecodeError
        raise ReportError(f"{path} is not valid JSON: {exc}") from exc
    if not isinstance(raw, dict):
        raise ReportError(f"{path}: expected an object of currency -> rate")
    try:
        return {currency: float(rate) for currency, rate in raw.items()}
    except (TypeError, ValueError) as exc:
        raise ReportError(f"{path}: a rate is not a number: {exc}") from exc


def month_of(text):
    return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m")


def summarise(rows, rates):
    """Return (totals, number of rejected rows)."""
    totals = defaultdict(lambda: defaultdict(float))
    rejected = 0
    for number, row in enumerate(rows, start=2):
        try:
            region = row["region"].strip()
            amount = float(row["amount"].replace(",", ""))
            month = month_of(row["date"])
            rate = rates[row["currency"]]
        except (ValueError, TypeError, AttributeError) as exc:
            print(f"line {number}: skipped: {exc}", file=sys.stderr)
            rejected += 1
            continue
        except KeyError as exc:
            print(f"line {number}: skipped: no rate for currency {exc}", file=sys.stderr)
            rejected += 1
            continue
        totals[region][month] += amount * rate
    return totals, rejected


def write_report(totals, out):
    report = {
        region: {month: round(value, 2) for month, value in sorted(months.items())}
        for region, months in sorted(totals.items())
    }
    try:
        with open(out, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=2)
    except OSError as exc:
        raise ReportError(f"cannot write {out}: {exc.strerror}") from exc


def main():
    parser = argparse.ArgumentParser(description="Sales per region and month")
    parser.add_argument("sales", help="CSV with date, region, currency, amount")
    parser.add_argument("--rates", required=True, help="JSON file: currency -> EUR rate")
    parser.add_argument("--out", default="report.json")
    args = parser.parse_args()

    try:
        rows = load_rows(args.sales)
        rates = load_rates(args.rates)
        totals, rejected = summarise(rows, rates)
        write_report(totals, args.out)
    except ReportError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    print(f"{len(rows) - rejected} of {len(rows)} rows -> {args.out}")
    return 2 if rejected else 0


if __name__ == "__main__":
    sys.exit(main())
