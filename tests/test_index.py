"""Names across files: what an import stands for in the project."""

from __future__ import annotations

import pytest

from shipworthy import facts
from shipworthy.document import Document
from shipworthy.facts.model import Import
from shipworthy.index import Index
from shipworthy.testing import MemoryFiles

PROJECT = {
    "src/shop/__init__.py": "from .orders import place as place_order\n",
    "src/shop/orders.py": "async def place(): ...\n\n\nclass Cart:\n    async def pay(self): ...\n",
    "src/shop/deep/inner.py": "",
    "other/json.py": "def loads(text): ...\n",
    "web/api.ts": "export async function load() { }\nexport class Client { async get() { } }\n",
    "web/index.js": "",
}


@pytest.mark.parametrize(
    ("path", "target", "rest", "found"),
    [
        ("app.py", Import("place", "shop.orders", "place"), "", "place"),
        ("app.py", Import("shop", "shop"), "orders.place", "place"),
        ("app.py", Import("Cart", "shop.orders", "Cart"), "pay", "Cart.pay"),
        ("app.py", Import("orders", "shop", "orders"), "Cart.pay", "Cart.pay"),
        ("app.py", Import("place_order", "shop", "place_order"), "", "place"),
        ("src/shop/deep/inner.py", Import("place", "..orders", "place"), "", "place"),
        ("src/shop/orders.py", Import("place_order", ".", "place_order"), "", "place"),
        ("app.py", Import("loads", "json", "loads"), "", None),
        ("app.py", Import("place", "elsewhere.orders", "place"), "", None),
        ("app.py", Import("absent", "shop.orders", "absent"), "", None),
        ("web/index.js", Import("load", "./api", "load"), "", "load"),
        ("web/index.js", Import("Client", "./api.js", "Client"), "get", "Client.get"),
        ("web/index.js", Import("load", "api", "load"), "", None),
    ],
)
def test_an_import_leads_to_its_definition(path: str, target: Import, rest: str, found: str | None) -> None:
    definition = Index(MemoryFiles(PROJECT)).find(path, target, rest)
    assert (definition.name if definition is not None else None) == found


def test_imports_in_a_circle_end() -> None:
    files = {"a.py": "from b import x\n", "b.py": "from a import x\n"}
    assert Index(MemoryFiles(files)).find("c.py", Import("x", "a", "x"), "") is None


def test_what_is_listed_of_a_broken_file_can_be_asked_for() -> None:
    text = "def ) f():\n    pass\n\n\n# def f\nclass A:\n    def g(self): ...\n"
    definitions = facts.later(Document("a.py", text)).definitions
    assert dict(definitions) == {name: definitions[name] for name in definitions}
    assert {"A", "A.g"} <= set(definitions)
