import csv
import io
import logging
import os

from celery import Celery, group

from client import ReportClient
from mailer import send_report

logger = logging.getLogger(__name__)
app = Celery("reports", broker=os.environ.get("BROKER", "redis://localhost/0"))
client = ReportClient(os.environ.get("REPORT_API", "https://reports.example.net"))


@app.task
def build_report(customer_id):
    rows = client.fetch_rows(customer_id)
    buf = io.StringIO()
    writer = csv.DictWriter(buf, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    send_report(client.email_of(customer_id), buf.getvalue())
    return len(rows)


@app.task
def nightly(customer_ids):
    group(build_report.s(c) for c in customer_ids).apply_async()
    archive.delay(customer_ids)


@app.task
def archive(customer_ids):
    for customer_id in customer_ids:
        rows = client.fetch_rows(customer_id)
        path = f"/archive/{customer_id}.csv"
        try:
            with open(path, "w") as f:
                for row in rows:
                    f.write(",".join(str(v) for v in row.values()) + "\n")
        except OSError as e:
            logger.info("problem with %s", path)
