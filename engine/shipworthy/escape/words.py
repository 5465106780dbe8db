"""Names of functions, methods and attributes that tell what becomes of a value or of an error."""

from __future__ import annotations

import re

PASSING_METHODS = frozenset(
    [
        "absolute",
        "assign",
        "astype",
        "capitalize",
        "casefold",
        "copy",
        "decode",
        "drop_duplicates",
        "dict",
        "dropna",
        "encode",
        "expanduser",
        "fillna",
        "format",
        "get",
        "getall",
        "getlist",
        "getone",
        "group",
        "groups",
        "items",
        "iter_rows",
        "iterdir",
        "iterrows",
        "itertuples",
        "join",
        "joinpath",
        "json",
        "keys",
        "lower",
        "lstrip",
        "model_dump",
        "open",
        "partition",
        "pop",
        "popitem",
        "read",
        "read_text",
        "readline",
        "readlines",
        "replace",
        "reset_index",
        "resolve",
        "rglob",
        "glob",
        "rpartition",
        "rsplit",
        "rstrip",
        "sort_values",
        "split",
        "splitlines",
        "strip",
        "text",
        "title",
        "to_dict",
        "upper",
        "values",
        "with_suffix",
    ]
)
"""Methods whose result holds what their object or their arguments hold."""

GUARDS = frozenset(
    [
        "access",
        "empty",
        "exists",
        "fullmatch",
        "is_dir",
        "is_file",
        "isdecimal",
        "isdigit",
        "isdir",
        "isfile",
        "isnumeric",
        "issubset",
        "issuperset",
        "setdefault",
        "lexists",
        "which",
        "is_valid",
    ]
)
"""Calls that test a value before it is used."""

ASSURING = frozenset({"is_valid", "setdefault"})
"""Those of them that see to it, so that their result need not be looked at."""

THERE = frozenset(["access", "empty", "exists", "is_dir", "is_file", "isdir", "isfile", "lexists"])
"""Those of them that ask whether something is there, and nothing of what it says."""

PARSING = frozenset(["Decimal", "float", "fromisoformat", "fromstring", "int", "loads", "safe_load", "strptime"])
"""The last names of calls that take a text apart, which may be there and yet say anything."""

ONE_OF_ALL = frozenset({"concat", "fmean", "max", "mean", "median", "min"})
"""Functions that fail if there is nothing in what they are given."""

MEASURES = frozenset({"columns", "dtypes", "index", "ndim", "shape", "size"})
"""Attributes that tell how large a table is and what its parts are called, and nothing of what is in it."""

PICKING = ("random.choice", "utils.find", "utils.get")
"""How the names end of functions that give an item of what they are given last."""

MAY_BE_EMPTY = frozenset(
    """
    PyQt6.QtWidgets.QListWidget.selectedItems PyQt6.QtWidgets.QListWidget.selectedIndexes glob.glob pathlib.Path.glob
    pathlib.Path.rglob tkinter.Listbox.curselection tkinter.ttk.Treeview.selection
    bs4.Tag.find_all bs4.Tag.select lxml.etree.Element.xpath lxml.etree.Element.cssselect
    """.split()  # noqa: SIM905
)
"""Calls that give all that there is of something, by their canonical names: there may be nothing."""

HOLDING = frozenset({"count", "endswith", "find", "startswith"})
"""Methods of a text that test whether another one is in it."""

VALIDATED = frozenset({"cleaned_data", "validated_data"})
"""Attributes of what a form or serializer has found to be in the form that it asks for: what that names may be missing
all the same.
"""

CHECKED_ATTRIBUTES = frozenset({"matchdict", "named_subpaths", "registry", "resolver_match", "url_rule"}) | VALIDATED
"""Attributes that hold what a framework has checked, or what the program told it."""

OWN_ATTRIBUTES = frozenset({"app", "config", "errors", "scope", "settings", "state", "user"})
REQUEST_NAME = re.compile(r"(?i)(?:^|[.:@])(?:request|req|context|ctx|websocket)$")
"""Attributes of a request that hold what the program put there."""
REQUEST_PARTS = frozenset(
    """
    GET POST FILES META COOKIES args body content cookies data files form headers json params path query
    query_params query_string stream text values
    """.split()  # noqa: SIM905
)
"""Attributes of a request that hold what somebody sent, whoever assigns to them too."""

ENVELOPE = frozenset(
    {"Body", "MessageId", "ReceiptHandle", "awsRegion", "eventName", "eventSource", "messageId", "receiptHandle"}
)
"""Keys that a queue itself gives to each of its messages."""

DOWNLOADING = frozenset({"download_file", "download_to_drive", "download_to_filename", "urlretrieve"})
"""The last names of calls that fetch a file, and put it where their last argument says."""

SUBSCRIBED = frozenset({"channel", "pattern"})
"""Keys of a message below which stands what the program itself has subscribed to."""

APPLICATIONS = frozenset({"app", "application", "bot", "current_app"})
"""What an application or bot is called that all its parts share, and on which a program hangs what they need."""
APPLICATION = re.compile(
    r"(?:^|\.)(?:app|application|bot_data|(?:app|current_app|application)\.(?:config|extensions))$"
)
"""What holds such things by keys."""
APPLICATION_STATE = re.compile(r"(?:^|\.)(?:app|application)\.state$")
"""What an application holds them in as attributes."""
APPLICATION_BASES = frozenset(
    {"Application", "AutoShardedBot", "Bot", "Client", "FastAPI", "Flask", "Quart", "Sanic", "Starlette"}
)
"""The last names of classes whose children are such applications."""

HANDLING_NAME = re.compile(
    r"catch|handle|error|exception|retry|retries|suppress|swallow|safe|ignore|guard|fault|backoff|resilient", re.I
)
"""Names of libraries' decorators and context managers that deal with errors."""

HANDLING_MEMBERS = frozenset({"autoretry_for", "on_failure", "on_retry"})
"""Attributes and methods of a class of tasks that say what becomes of failures."""

RUNNERS = frozenset(
    [
        "asyncio.run",
        "asyncio.wait_for",
        "asyncio.shield",
        "asyncio.gather",
        "asyncio.to_thread",
        "asyncio.wait",
        "anyio.run",
        "trio.run",
        "anyio.to_thread.run_sync",
        "asyncio.AbstractEventLoop.run_until_complete",
        "asyncio.AbstractEventLoop.run_in_executor",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
        "map",
        "functools.reduce",
        "multiprocessing.pool.Pool.map",
        "multiprocessing.pool.Pool.imap",
        "multiprocessing.pool.Pool.imap_unordered",
        "multiprocessing.pool.Pool.starmap",
        "multiprocessing.pool.Pool.apply",
        "concurrent.futures.Executor.map",
        "concurrent.futures.ThreadPoolExecutor.map",
        "concurrent.futures.ProcessPoolExecutor.map",
        "asgiref.sync.async_to_sync",
        "asgiref.sync.sync_to_async",
    ]
)
"""Functions that run what they are given, so that its errors come out here."""
MAPPING = frozenset({"map", "imap", "imap_unordered", "starmap"})
"""The last names of those that run it once for each item, so that one item ends the work on all."""
AWAITING = frozenset({"run", "gather", "run_until_complete", "shield", "wait_for"})
"""The last names of functions that await the coroutines that they are called with."""
RUNNER_METHODS = frozenset({"run_until_complete", "run_in_executor"})


COLUMNS = ".columns"
"""How a file that looks at the columns of tables says so."""
OF_TABLE = re.compile(r"(?:^|[:.])(?:\w*df\w*|\w*frames?|i?loc)(?:$|[.\[(])|read_(?:csv|excel|json|parquet|sql)\(")
"""What is, by its name, a table or a row of one."""
LASTING_PROGRAMS = ("while True", "serve_forever(", "run_forever(", "start_consuming(", "websockets.serve(")
"""How a program says that it goes on for ever: it is started again by whoever watches over it."""

MESSAGES = re.compile(
    r"(?i)(?:^|[._ ])(?:ws|websocket\w*|socket|sock|pubsub|channel|stream|queue|reader|connection|conn|client|listener"
    r"|subscription|events?|messages|listen|subscribe|iter_(?:text|json|bytes)|receive)(?:\(\))?(?:$|[. ])"
)
"""What an `async for` reads messages from: the last words of its source, or the type."""

ANSWER_PARTS = re.compile(r"(?:aiter_\w+|iter_(?:any|chunked|chunks|content|lines))\(\)$")
"""How a loop over the parts of one server's answer ends; those of a WebSocket are messages."""

CONNECTION = re.compile(
    r"(?i)(?:^|[._ ])(?:ws|websocket\w*|clientconnection|serverconnection|socket|sock|stream_?reader|reader|conn"
    r"|connection|iter_(?:text|json|bytes))(?:\(\))?(?:$|[. ])"
)
"""Those of them that are one connection."""

CHECKED_MAPPINGS = (
    "environ",
    "match_info",
    "request.form",
    "request.args",
    "request.files",
    "request.headers",
    "request.values",
    "matchdict",
    "url_vars",
    "path_params",
    "view_args",
    "self.kwargs",
    "cleaned_data",
    "validated_data",
    "request.app",
    "session",
    "headers",
    "cookies",
    "META",
)
"""Mappings whose missing keys their framework answers for, or that were checked before."""

OPTIONAL_HEADERS = frozenset(
    """
    accept-ranges age cache-control content-disposition content-encoding content-language content-length content-md5
    etag expires last-modified link retry-after
    """.split()  # noqa: SIM905
)
"""Headers that not every answer has, whatever it answers; others belong to a kind of answer or to one service."""

CONVENTIONS = {
    "context": (("telegram", "telegram.ext.CallbackContext"),),
    "ctx": (("discord", "discord.ext.commands.Context"),),
    "message": (("discord", "discord.Message"), ("paho", "paho.mqtt.client.MQTTMessage")),
    "msg": (("paho", "paho.mqtt.client.MQTTMessage"),),
    "reader": (("asyncio", "asyncio.StreamReader"),),
    "req": (("falcon", "falcon.Request"),),
    "request": (
        ("sanic", "sanic.Request"),
        ("starlette", "starlette.requests.Request"),
        ("aiohttp", "aiohttp.web.Request"),
    ),
    "update": (("telegram", "telegram.Update"),),
    "websocket": (("starlette", "fastapi.WebSocket"), ("websockets", "websockets.ClientConnection")),
    "writer": (("asyncio", "asyncio.StreamWriter"),),
    "ws": (("websockets", "websockets.ClientConnection"),),
}
"""What a parameter of this name holds in a file that imports a library, the first that it does, if nothing says
otherwise."""

CHECKED_ATOMS = ("parse_args()", "session")
"""In the origin of a mapping: a parser of arguments has filled it, or the program itself."""

SOURCES = (
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

CHECKING_NAME = re.compile(r"(?i)valid|schema|required|mandatory|sanit|ensure")
"""In the name of a function or of its parameters: what it gives back has been checked."""

PASSING_FUNCTIONS = frozenset(
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
        "os.path.splitext",
        "os.listdir",
        "os.walk",
        "os.scandir",
        "glob.glob",
        "glob.iglob",
        "io.StringIO",
        "re.search",
        "re.match",
        "re.fullmatch",
        "re.findall",
        "re.split",
        "re.sub",
        "io.BytesIO",
        "file",
        "codecs.iterdecode",
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
        "toml.load",
        "toml.loads",
        "tomli.load",
        "tomli.loads",
        "tomllib.load",
        "tomllib.loads",
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
        "openpyxl.load_workbook",
        "pandas.DataFrame",
        "pandas.concat",
        "pandas.merge",
        "pandas.read_csv",
        "pandas.read_excel",
        "pandas.read_json",
        "pandas.read_parquet",
        "email.header.decode_header",
        "string.Template",
    ]
)
"""Functions whose result holds what their arguments hold."""

WRITING = frozenset(
    """
    pandas.ExcelWriter pandas.DataFrame.to_csv pandas.DataFrame.to_excel pandas.DataFrame.to_feather
    pandas.DataFrame.to_json pandas.DataFrame.to_parquet to_csv to_excel to_feather to_parquet
    os.chdir os.chmod os.listdir os.makedirs os.mkdir os.remove os.rename os.replace os.rmdir os.scandir os.stat
    os.symlink os.unlink os.walk shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.move
    pathlib.Path.iterdir pathlib.Path.mkdir pathlib.Path.rename pathlib.Path.replace
    pathlib.Path.rmdir pathlib.Path.stat pathlib.Path.symlink_to pathlib.Path.touch pathlib.Path.unlink
    pathlib.Path.write_bytes pathlib.Path.write_text shutil.rmtree tarfile.TarFile.add zipfile.ZipFile.write
    """.split()  # noqa: SIM905
)
"""Calls that change files and folders or look after them. They fail for what the user named, and hardly for what
the program names below it."""

READING = frozenset(
    """
    codecs.open fileinput.input gzip.open io.open open pathlib.Path.open pathlib.Path.read_bytes pathlib.Path.read_text
    """.split()  # noqa: SIM905
)
"""Calls that open files."""

MAKING = frozenset(
    """
    PIL.Image.Image.save openpyxl.Workbook.save pandas.ExcelWriter pandas.DataFrame.to_csv pandas.DataFrame.to_excel
    pandas.DataFrame.to_feather pandas.DataFrame.to_json pandas.DataFrame.to_parquet to_csv to_excel to_feather
    to_parquet pathlib.Path.touch pathlib.Path.write_bytes pathlib.Path.write_text write_bytes write_text
    """.split()  # noqa: SIM905
)
"""Calls that write to a file, whatever was there."""

SIGNED = "compare_digest"
"""Says in the text of a file that it looks at who has signed what it is sent."""

MEASURING = frozenset(
    """
    os.lstat os.path.getctime os.path.getmtime os.path.getsize os.readlink os.stat
    pathlib.Path.lstat pathlib.Path.readlink pathlib.Path.stat
    """.split()  # noqa: SIM905
)
"""Calls that ask how large or how old a file is."""

LOOKING = READING | MEASURING | {"os.listdir", "os.scandir", "pathlib.Path.iterdir"}
"""Calls that open files or look at them, and change none."""

_AGGREGATES = frozenset({"avg", "coalesce", "count", "max", "min", "sum", "total"})


def is_aggregate(names: frozenset[str]) -> bool:
    """Whether the names in a query of SQLAlchemy say that it gives one row, whatever rows there are."""
    return "func" in names and "group_by" not in names and not names.isdisjoint(_AGGREGATES)


LEAVING = ("__exit__", "__aexit__")
"""The methods of a context manager that are told of the errors of its body."""
