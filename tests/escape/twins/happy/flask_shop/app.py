from flask import Flask, jsonify, request

from payments import charge, refund
from stock import reserve, stock_level

app = Flask(__name__)


@app.route("/checkout", methods=["POST"])
def checkout():
    body = request.get_json()
    items = body["items"]
    total = 0
    for item in items:
        qty = int(item["quantity"])
        total += reserve(item["sku"], qty)
    payment = charge(body["card_token"], total)
    return jsonify({"payment": payment["id"], "total": total}), 201


@app.route("/refund/<payment_id>", methods=["POST"])
def refund_view(payment_id):
    refund(payment_id)
    return jsonify({"refunded": payment_id})


@app.route("/stock/<sku>")
def stock_view(sku):
    return jsonify({"sku": sku, "level": stock_level(sku)})


if __name__ == "__main__":
    app.run()
