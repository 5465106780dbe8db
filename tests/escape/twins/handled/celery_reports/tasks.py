import csv
import io
import logging
import os
import smtplib

import requests
from celery import Celery, group

from client import NoSuchCustomer, ReportClient
from mailer import send_report

logger = logging.getLogger(__name__)
app = Celery("reports", broker=os.environ.get("BROKER", "redis://localhost/0"))
app.conf.update(task_acks_late=True, task_time_limit=600)
client = ReportClient(os.environ.get("REPORT_API", "https://reports.example.net"))

# Failures that pass by themselves; everything else marks the task as failed at once.
RETRY = dict(
    autoretry_for=(requests.RequestException, smtplib.SMTPException, OSError),
    retry_backoff=True,
    retry_backoff_max=600,
    max_retries=6,
)


def to_csv(rows):
    buf = io.StringIO()
    if rows:
        writer = csv.DictWriter(buf, fieldnames=list(rows[0]), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return buf.getvalue()


@app.task(**RETRY)
def build_report(customer_id):
    try:
        email = client.email_of(customer_id)
        rows = client.fetch_rows(customer_id)
    except NoSuchCustomer:
        logger.warning("customer %s is gone, no report", customer_id)
        return 0
    if not rows:
        logger.info("customer %s: nothing to report", customer_id)
        return 0
    send_report(email, to_csv(rows))
    return len(rows)


@app.task(**RETRY)
def archive(customer_id):
    try:
        rows = client.fetch_rows(customer_id)
    except NoSuchCustomer:
        logger.warning("customer %s is gone, nothing archived", customer_id)
        return
    with open(f"/archive/{customer_id}.csv", "w", newline="", encoding="utf-8") as f:
        f.write(to_csv(rows))


@app.task
def nightly(customer_ids):
    # One task per customer: they fail and are retried separately.
    group(build_report.s(c) for c in customer_ids).apply_async()
    group(archive.s(c) for c in customer_ids).apply_async()
