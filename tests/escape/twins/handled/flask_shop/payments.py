import os

import requests

API = os.environ.get("PAYMENTS_URL", "https://payments.internal.example")


class PaymentDeclined(Exception):
    pass


class PaymentUnavailable(Exception):
    pass


def _post(path, payload):
    try:
        resp = requests.post(API + path, json=payload, timeout=(3, 15))
        if resp.status_code == 402:
            raise PaymentDeclined("the card was declined")
        resp.raise_for_status()
        return resp.json()["id"]
    except (requests.RequestException, KeyError, TypeError) as exc:
        raise PaymentUnavailable(path) from exc


def charge(token, amount):
    return _post("/charges", {"source": token, "amount": amount})


def refund(payment_id):
    return _post("/refunds", {"charge": payment_id})
