import os

import requests

API = os.environ.get("PAYMENTS_URL", "https://payments.internal.example")


def charge(token, amount):
    resp = requests.post(API + "/charges", json={"source": token, "amount": amount})
    return resp.json()


def refund(payment_id):
    try:
        requests.post(API + "/refunds", json={"charge": payment_id}, timeout=10)
    except requests.RequestException as e:
        print("refund failed", e)
