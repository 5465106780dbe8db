import os
import smtplib
from email.message import EmailMessage


def send_report(to, text):
    msg = EmailMessage()
    msg["Subject"] = "Your nightly report"
    msg["From"] = "reports@example.net"
    msg["To"] = to
    msg.set_content("Attached.")
    msg.add_attachment(text, subtype="csv", filename="report.csv")
    smtp = smtplib.SMTP(os.environ.get("SMTP_HOST", "localhost"))
    smtp.send_message(msg)
    smtp.quit()
