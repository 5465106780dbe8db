import logging
import sqlite3

from flask import Flask, abort, jsonify, request

from payments import PaymentDeclined, PaymentUnavailable, charge, refund
from stock import OutOfStock, UnknownSku, release, reserve, stock_level

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.errorhandler(PaymentDeclined)
def declined(exc):
    return jsonify(error=str(exc)), 402


@app.errorhandler(PaymentUnavailable)
def unavailable(exc):
    log.error("payment provider failed", exc_info=exc)
    return jsonify(error="payment provider unavailable, try again"), 502


@app.errorhandler(UnknownSku)
def unknown_sku(exc):
    return jsonify(error=f"no such article: {exc}"), 404


@app.errorhandler(OutOfStock)
def out_of_stock(exc):
    return jsonify(error=f"not enough of {exc} left"), 409


@app.errorhandler(sqlite3.Error)
def database(exc):
    log.error("stock database failed", exc_info=exc)
    return jsonify(error="stock database unavailable"), 503


def parse_order(body):
    try:
        token = body["card_token"]
        wanted = [(str(item["sku"]), int(item["quantity"])) for item in body["items"]]
    except (KeyError, TypeError, ValueError):
        abort(400, "need card_token and items, each with sku and a whole quantity")
    if not wanted or any(qty < 1 for _, qty in wanted):
        abort(400, "quantities must be positive")
    return token, wanted


@app.route("/checkout", methods=["POST"])
def checkout():
    token, wanted = parse_order(request.get_json())
    total = reserve(wanted)
    try:
        payment_id = charge(token, total)
    except (PaymentDeclined, PaymentUnavailable):
        release(wanted)
        raise
    return jsonify({"payment": payment_id, "total": total}), 201


@app.route("/refund/<payment_id>", methods=["POST"])
def refund_view(payment_id):
    refund(payment_id)
    return jsonify({"refunded": payment_id})


@app.route("/stock/<sku>")
def stock_view(sku):
    return jsonify({"sku": sku, "level": stock_level(sku)})
