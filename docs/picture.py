"""Draws docs/check.svg, the picture in the README: what `shipworthy check` says of a small shop.

`python docs/picture.py`, in the environment of `dev.py`. The password in the example is made while it runs.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import CONSOLE_SVG_FORMAT, Console  # type: ignore[attr-defined]
from rich.text import Text

WIDTH = 112
SHOP = {
    "shop/payments.py": """\
def confirm(mail, order):
    try:
        mail.send(order.customer, "Thank you!")
    except:
        pass


def orders_of(database, name):
    return database.execute(f"SELECT * FROM orders WHERE customer = '{name}'")
""",
    "shop/receipts.py": """\
import json


def parse(body):
    return json.loads(body)
""",
    "shop/web.py": """\
from flask import Flask, request

from shop.receipts import parse

app = Flask(__name__)
app.config["SECRET_KEY"] = "<secret>"


@app.post("/receipts")
def create():
    return {"receipt": parse(request.data)}
""",
}


def main() -> None:
    """Run the command on the example and write the picture."""
    with tempfile.TemporaryDirectory() as place:
        for path, text in SHOP.items():
            file = Path(place) / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text.replace("<secret>", secrets.token_urlsafe(24)), encoding="utf-8")
        (Path(place) / "pyproject.toml").touch()
        said = subprocess.run(
            [sys.executable, "-m", "shipworthy_hooks", "check", "--no-cache"],
            cwd=place,
            env={**os.environ, "FORCE_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ shipworthy check\n", style="bold"))
    console.print(Text.from_ansi(said))
    # The reader's own fonts: a picture loads nothing from the network.
    plain = re.sub(r"@font-face \{.*?\}\s*\n(?=\s*(?:@font-face|\.))", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    plain = plain.replace("Fira Code, monospace", "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace")
    plain = re.sub(r"<!--.*?-->", "", plain)
    svg = console.export_svg(title="shipworthy", code_format=plain, unique_id="check")
    (Path(__file__).parent / "check.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
