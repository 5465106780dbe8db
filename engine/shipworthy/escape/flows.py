"""Whether a value comes from outside the program: from a user, a peer, a request."""

from __future__ import annotations

from shipworthy.escape import catalogue
from shipworthy.escape.ir import PARAMETER, Flow, Function
from shipworthy.escape.names import External, Instance, Names, ProjectFunction
from shipworthy.escape.program import Unit

OUTSIDE: frozenset[str] | None = None
"""A condition that is fulfilled: the value comes from outside whoever calls."""

NOWHERE: frozenset[str] = frozenset()
"""A condition that never is: the value is the program's own."""

_SOURCES = (
    "sys.argv",
    "sys.stdin",
    "input",
    "flask.request",
    "quart.request",
    "bottle.request",
    "starlette.requests.Request",
    "fastapi.Request",
    "aiohttp.web.Request",
    "django.http.HttpRequest",
    "argparse.Namespace",
    "argparse.ArgumentParser.parse_args",
    "argparse.ArgumentParser.parse_known_args",
    "tkinter.Entry.get",
    "tkinter.filedialog",
    "click.prompt",
    "typer.prompt",
    "getpass.getpass",
    "socket.socket.recv",
    "socket.socket.recvfrom",
)
"""Names of libraries whose values, and whose members' values, come from outside."""

_TYPES = frozenset({"outside", "argparse.Namespace", "requests.Response", "httpx.Response", "aiohttp.ClientResponse"})
"""Types whose objects hold what somebody else wrote."""

_PASSING = frozenset(
    [
        "str",
        "bytes",
        "bytearray",
        "list",
        "sorted",
        "set",
        "frozenset",
        "enumerate",
        "zip",
        "reversed",
        "tuple",
        "dict",
        "iter",
        "next",
        "max",
        "min",
        "filter",
        "os.path.join",
        "os.path.abspath",
        "os.path.expanduser",
        "os.path.realpath",
        "os.path.normpath",
        "os.path.basename",
        "os.listdir",
        "os.walk",
        "os.scandir",
        "glob.glob",
        "glob.iglob",
        "io.StringIO",
        "io.BytesIO",
        "vars",
        "getattr",
        "pathlib.Path",
        "pathlib.PurePath",
        "urllib.parse.unquote",
        "urllib.parse.parse_qs",
        "urllib.parse.urlparse",
        "urllib.parse.urljoin",
        "csv.reader",
        "csv.DictReader",
        "json.loads",
        "json.load",
        "yaml.safe_load",
        "yaml.load",
        "copy.copy",
        "copy.deepcopy",
        "open",
        "io.open",
        "pathlib.Path.open",
        "pathlib.Path.read_text",
        "pathlib.Path.read_bytes",
        "gzip.open",
        "zipfile.ZipFile",
        "tarfile.open",
        "codecs.open",
        "asyncio.wait_for",
        "asyncio.shield",
        "concurrent.futures.as_completed",
        "tqdm.tqdm",
        "base64.b64decode",
        "dict.get",
    ]
)
"""Functions whose result holds what their arguments hold."""


class Flows:
    """Answers for the flows of functions, given what their names stand for."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def origin(self, unit: Unit, function: Function, flow: Flow) -> frozenset[str] | None:
        """OUTSIDE, or the parameters that the value comes from; NOWHERE if it is the program's own."""
        parameters: set[str] = set()
        for atom in flow:
            source, *through = atom.split("|")
            if not all(self._passes(unit, function, callee) for callee in through):
                continue
            if source.startswith(PARAMETER):
                parameters.add(source.removeprefix(PARAMETER).partition(".")[0].rstrip("[]()"))
            elif self._is_outside(unit, function, source):
                return OUTSIDE
        return frozenset(parameters)

    def _passes(self, unit: Unit, function: Function, callee: str) -> bool:
        meaning = self._names.resolve(unit, function, callee)
        return isinstance(meaning, External) and meaning.name in _PASSING

    def _is_outside(self, unit: Unit, function: Function, source: str) -> bool:
        if "parse_args()" in source or "parse_known_args()" in source:
            return True
        return self._means_outside(unit, function, source) or (
            "[]" in source and self._means_outside(unit, function, source.replace("[]", ""))
        )

    def _means_outside(self, unit: Unit, function: Function, path: str) -> bool:
        meaning = self._names.resolve(unit, function, path)
        if isinstance(meaning, Instance):
            return meaning.type in _TYPES or catalogue.is_outside(meaning.type)
        if isinstance(meaning, ProjectFunction):
            return False
        if meaning is None and path.endswith("()"):
            meaning = self._names.resolve(unit, function, path[:-2])
        if isinstance(meaning, External):
            name = meaning.name
            known = catalogue.known(name)
            if known is not None and catalogue.is_outside(known.returns):
                return True
            return any(name == known or name.startswith(f"{known}.") for known in _SOURCES) or any(
                name.startswith(f"{known}.") for known in _TYPES
            )
        return False
