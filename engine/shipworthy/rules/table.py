"""Backend codes that have no rule of their own yet: one row each, by and by replaced by rules."""

from __future__ import annotations

from dataclasses import dataclass

from shipworthy.model import Family, Severity
from shipworthy.rule import On, Rule


@dataclass(frozen=True, slots=True)
class Row:
    """`at`: the kinds of syntax nodes that a hit is snapped to, so that two tools' hits are one."""

    id: str
    codes: tuple[str, ...]
    severity: Severity
    reason: str
    family: Family = Family.SECURITY
    at: str = "call"
    default: bool = True
    in_tests: bool = False
    cwe: tuple[int, ...] = ()


ROWS: tuple[Row, ...] = (
    Row(
        "assert-used",
        ("bandit:B101", "ruff:S101"),
        Severity.HINT,
        "This check disappears when Python runs with -O: where the program relies on it, raise an exception instead.",
        at="assert_statement",
        default=False,
        cwe=(703,),
    ),
    Row(
        "debug-server",
        ("bandit:B201", "ruff:S201"),
        Severity.ERROR,
        "A debug server lets whoever meets an error page run code: read the flag from the environment, off by default.",
        cwe=(94, 489),
    ),
    Row(
        "weak-cipher",
        ("bandit:B304", "bandit:B305", "ruff:S304", "ruff:S305"),
        Severity.WARNING,
        "What this cipher or mode hides can be recovered or changed unnoticed: use AES-GCM or ChaCha20-Poly1305.",
        cwe=(327,),
    ),
    Row(
        "temp-file-race",
        ("bandit:B306", "ruff:S306"),
        Severity.WARNING,
        "Another program can take the name before the file exists: use tempfile.mkstemp or NamedTemporaryFile.",
        cwe=(377,),
    ),
    Row(
        "unchecked-url-scheme",
        ("bandit:B310", "ruff:S310"),
        Severity.HINT,
        "This opens files too, by file: addresses: check that an address from outside begins with https:.",
        default=False,
        cwe=(22, 918),
    ),
    Row(
        "cleartext-protocol",
        ("bandit:B312", "bandit:B321", "ruff:S312", "ruff:S321"),
        Severity.WARNING,
        "Telnet and FTP send passwords and data in clear text: use SSH, SFTP or HTTPS.",
        cwe=(319,),
    ),
    Row(
        "cleartext-protocol-import",
        ("bandit:B401", "bandit:B402", "bandit:B415", "ruff:S401", "ruff:S402", "ruff:S415"),
        Severity.HINT,
        "This module speaks a protocol without encryption: see that nothing secret goes over it.",
        at="import_statement|import_from_statement|call",
        default=False,
        cwe=(319,),
    ),
    Row(
        "unsafe-xml-parser",
        (
            *("bandit:B313", "bandit:B314", "bandit:B315", "bandit:B316", "bandit:B317", "bandit:B318", "bandit:B319"),
            *("ruff:S313", "ruff:S314", "ruff:S315", "ruff:S316", "ruff:S317", "ruff:S318", "ruff:S319"),
        ),
        Severity.HINT,
        "A small XML text can grow to gigabytes in this parser: read XML from outside with defusedxml.",
        cwe=(611, 776),
    ),
    Row(
        "unsafe-xml-import",
        (
            *("bandit:B405", "bandit:B406", "bandit:B407", "bandit:B408", "bandit:B409", "bandit:B411"),
            *("ruff:S405", "ruff:S406", "ruff:S407", "ruff:S408", "ruff:S409", "ruff:S411"),
        ),
        Severity.HINT,
        "This module reads XML without limits on its growth: import its namesake of defusedxml for XML from outside.",
        at="import_statement|import_from_statement|call",
        default=False,
        cwe=(611, 776),
    ),
    Row(
        "pickle-import",
        ("bandit:B403", "ruff:S403"),
        Severity.HINT,
        "Reading objects back with this module runs what their writer wants: see who can write the data.",
        at="import_statement|import_from_statement|call",
        default=False,
        cwe=(502,),
    ),
    Row(
        "subprocess-import",
        ("bandit:B404", "ruff:S404"),
        Severity.HINT,
        "This module starts programs: see that nobody outside chooses which, or writes their options.",
        at="import_statement|import_from_statement|call",
        default=False,
        cwe=(78,),
    ),
    Row(
        "cgi-handler",
        ("bandit:B412", "ruff:S412"),
        Severity.HINT,
        "Under CGI a request can set HTTP_PROXY and so redirect the program's own requests: serve by WSGI instead.",
        at="import_statement|import_from_statement|call",
        default=False,
        cwe=(284,),
    ),
    Row(
        "abandoned-crypto-library",
        ("bandit:B413", "ruff:S413"),
        Severity.HINT,
        "PyCrypto has known holes and no maintainer: see that this is PyCryptodome, or move to cryptography.",
        at="import_statement|import_from_statement|call",
        default=False,
        cwe=(327, 1104),
    ),
    Row(
        "outdated-tls-version",
        ("bandit:B502", "bandit:B503", "bandit:B504", "ruff:S502", "ruff:S503", "ruff:S504"),
        Severity.WARNING,
        "Versions of TLS before 1.2 can be broken by a listener: use ssl.create_default_context().",
        at="call|function_definition",
        cwe=(326, 327),
    ),
    Row(
        "weak-key-size",
        ("bandit:B505", "ruff:S505"),
        Severity.WARNING,
        "A key of this size can be computed from its public half: take 2048 bits or more, or the curve SECP256R1.",
        cwe=(326,),
    ),
    Row(
        "unknown-ssh-host-trusted",
        ("bandit:B507", "ruff:S507"),
        Severity.WARNING,
        "An unknown host is trusted, so anybody on the way can pose as it: load its key and use RejectPolicy.",
        cwe=(295, 322),
    ),
    Row(
        "insecure-snmp",
        ("bandit:B508", "bandit:B509", "ruff:S508", "ruff:S509"),
        Severity.WARNING,
        "These SNMP messages can be read or forged on the way: use version 3 with authentication and encryption.",
        cwe=(319,),
    ),
    Row(
        "program-started",
        ("bandit:B603", "bandit:B606", "ruff:S603", "ruff:S606"),
        Severity.HINT,
        "A program is started: see that no argument from outside is taken for an option, and put `--` before it.",
        default=False,
        cwe=(78, 88),
    ),
    Row(
        "partial-program-path",
        ("bandit:B607", "ruff:S607"),
        Severity.HINT,
        "Which program this starts depends on PATH: where others can set that, write the full path.",
        default=False,
        cwe=(426,),
    ),
    Row(
        "shell-wildcard",
        ("bandit:B609", "ruff:S609"),
        Severity.WARNING,
        "A file named like an option becomes one when the shell expands `*`: write `./*`, or list the files in Python.",
        cwe=(155,),
    ),
    Row(
        "open-logging-listener",
        ("bandit:B612", "ruff:S612"),
        Severity.WARNING,
        "Whoever reaches this port changes the logging settings and so runs code: pass verify= and check a signature.",
        cwe=(94,),
    ),
    Row(
        "bidirectional-text",
        ("bandit:B613", "ruff:PLE2502"),
        Severity.WARNING,
        "An invisible character changes the order in which this line is shown: write it as an escape such as \\u202e.",
        at="",
        cwe=(838, 1007),
    ),
    Row(
        "unpinned-model-download",
        ("bandit:B615",),
        Severity.HINT,
        "Whoever owns the repository can change what is downloaded: name a commit by revision=.",
        cwe=(494,),
    ),
    Row(
        "mako-template",
        ("bandit:B702", "ruff:S702"),
        Severity.HINT,
        'Mako prints values as they are: make the template with default_filters=["h"].',
        cwe=(79, 116),
    ),
)


def rule(row: Row) -> Rule:
    """The rule that a row stands for."""
    on = On(hits=row.codes, snap=frozenset(row.at.split("|")) if row.at else frozenset())
    return Rule(
        row.id, row.family, row.severity, row.reason, on, default=row.default, in_tests=row.in_tests, cwe=row.cwe
    )
