#!/usr/bin/env python3
"""Summarise a sales CSV export per region and month, write a JSON report."""
import argparse
import csv
import json
from collections import defaultdict
from datetime import datetime


def load_rows(path):
    f = open(path, newline="", encoding="utf-8")
    return list(csv.DictReader(f))


def load_rates(path):
    with open(path) as f:
        return json.load(f)


def month_of(text):
    return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m")


def summarise(rows, rates):
    totals = defaultdict(lambda: defaultdict(float))
    for row in rows:
        amount = float(row["amount"].replace(",", ""))
        rate = rates[row["currency"]]
        totals[row["region"]][month_of(row["date"])] += amount * rate
    return totals


def write_report(totals, out):
    report = {
        region: {month: round(value, 2) for month, value in sorted(months.items())}
        for region, months in sorted(totals.items())
    }
    with open(out, "w") as f:
        json.dump(report, f, indent=2)


def main():
    parser = argparse.ArgumentParser(description="Sales per region and month")
    parser.add_argument("sales", help="CSV with date, region, currency, amount")
    parser.add_argument("--rates", required=True, help="JSON file: currency -> EUR rate")
    parser.add_argument("--out", default="report.json")
    args = parser.parse_args()

    rows = load_rows(args.sales)
    rates = load_rates(args.rates)
    totals = summarise(rows, rates)
    write_report(totals, args.out)
    print(f"{len(rows)} rows -> {args.out}")


if __name__ == "__main__":
    main()
