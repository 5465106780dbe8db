import os
import smtplib
from email.message import EmailMessage


def send_report(to, text):
    """Raises smtplib.SMTPException or OSError; the calling task is retried on both."""
    msg = EmailMessage()
    msg["Subject"] = "Your nightly report"
    msg["From"] = "reports@example.net"
    msg["To"] = to
    msg.set_content("Attached.")
    msg.add_attachment(text, subtype="csv", filename="report.csv")
    with smtplib.SMTP(os.environ.get("SMTP_HOST", "localhost"), timeout=30) as smtp:
        smtp.send_message(msg)
