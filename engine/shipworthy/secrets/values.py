"""What a value says of itself: an evident stand-in, words, a password that a person made, or random.

Knows values only: where they stand is the matter of context.py. Nothing here is kept or shown.
"""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import re
from itertools import pairwise

from shipworthy.secrets.pieces import efficiency

MANY = 16
"""Characters from which on the mixture of a value's letters says whether it is random."""

_FEW, _MOST = 0.12, 0.65
"""Shares of common pairs of letters below which a text is certainly random, and above which it is certainly not."""

_CHARACTERS_A_PIECE = 1.9
"""Of a hundred random texts of 16 characters or more, one reaches as many; of a hundred names, all but a few."""

_CHARACTERS_OF_A_PASSWORD = 1.6

_LONGEST = 512
"""Characters: a longer value is judged by its beginning, or is no password at all."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Look(enum.IntEnum):
    """How much a value looks like a credential; ordered, so `>=` reads as "at least".

    NOTHING: empty, a template, a stand-in, a message, a path, a name. WEAK: a word that might be a
    bad password. MADE: a password as people make them. RANDOM: made by a machine.
    """

    NOTHING = 0
    WEAK = 1
    MADE = 2
    RANDOM = 3


_FAKE_WORDS = (
    "example|sample|dummy|placeholder|change[-_]?(?:me|it|this|default)|replace[-_]?(?:me|this|with)|redacted|"
    "your[-_ ]|my[-_](?:pass|secret|token|api|super)|insert[-_]|foo[-_]?bar|not[-_]?(?:a[-_]?)?(?:real|secret|valid)|"
    "do[-_]?not[-_]?use|invalid|insecure|unsafe|removed|hidden|masked|xxxx|lorem|asdf|deadbeef|c0ffee|"
    "abc123|a1b2c3|abcde?[-_]?1234|super[-_]?secret|top[-_]?secret|keyboard|correct-horse"
)
_WORN = re.compile(r"(?i)qwerty|letmein|let-?me-?in|s3cr3t|hunter2|swordfish|pass[-_]?word123")
"""What stands in manuals for a password, and is one in too many places."""

_FAKE = re.compile(
    rf"(?i){_FAKE_WORDS}|(?<![a-z])(?:fake|mock|test(?:ing|er|s)?|todo|none|null|demo|your|here|some|spam|eggs)(?![a-z])"
    r"|\*{3}|\.{3}|…|•"
)
_FAKE_IN_RANDOM = re.compile(
    r"(?i)example|dummy|placeholder|changeme|redacted|xxxxx|qwert|deadbeef|(?:_|-|^)(?:fake|test|your)"
    r"|(?:dev|test|local)[-_]only|not[-_]for[-_]prod"
)
"""Stricter: what chance does not put between 30 random characters."""

_TEMPLATE = re.compile(
    r"\A(?:\$\(?\w.*|\$\{.*|%\w+%|<.*>|\[.*\]|\{.*\}|:\w+|@\w+|!\w+\s.*|&\w+|#.*|_+\w*_+|-+|\W*)\Z"
    r"|\{\{|\$\{|<%|%\(\w+\)|#\{|\{\w*\}|%[sdr](?![a-z])|<[\w -]+>|\$\(\w"
    r"|\(\?[:=!<P]|\][+*?{]|\\[wdsWDSb.]"  # a regular expression
)
_REFERENCE = re.compile(
    r"\A(?:"
    r"[\w$]+(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+(?:\(.*|\[.*)?"  # a.b.c, a->b, a.b(c)
    r"|v?\d+(?:\.\d+)+[\w.-]*"  # a version
    r"|[\w$.]+[(\[].*"  # f(x), a[0]
    r"|(?:\.{0,2}|~|[A-Za-z]:|[\w.@-]+)[/\\][\w./\\@-]*"  # paths
    r"|[\w.+-]+@[\w-]+\.[\w.]+"  # an address
    r"|\w+/[\w.+-]+"  # text/html
    r"|@[a-z]+(?:\.[a-z]+)+|[a-z]+(?:\.[a-z]+)+-?\$\d|[a-z]+\?"  # @brackets.open and tag.name-$0 of grammars; string?
    r")\Z"
)
_FILE = re.compile(
    r"[\w@-][\w.@-]*(?:/[\w.@-]+)+\.(?:gz|html?|jar|jpe?g|js|json|md|pdf|png|py|svg|tar|txt|war|ya?ml|zip)"
)
_ADDRESS = re.compile(r"(?:[a-z][\w+.-]*:)?//|(?:arn|urn|data|vault|env|file|secret|ssm|op):|projects/")
_UUID = re.compile(r"(?i)\A\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?\Z")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_HEX = re.compile(r"(?i)[a-f0-9-]+")
_WORDS_ONLY = re.compile(r"[A-Za-z]+(?:[-_.: ][A-Za-z]+)*[-_.: ]?\d{0,2}")
_WEAK = re.compile(r"[A-Za-z]{3,20}[-_.@!]?\d{0,4}[!?.]?")
_NAME_WITH_NUMBERS = re.compile(r"(?i)(?:[a-z]{2,}\d{0,4}|[a-z]\d(?=_))(?:[-_.:][a-z]+\d{0,4}|[-_.:]\d+)*")
_SYMBOL = re.compile(r"[!@#$%^&*+?~|]")
_PASSPHRASE = re.compile(r"[a-z]{3,}(?:[-_.][a-z]{3,}){3,}")
_DIGESTED = re.compile(
    r"\$(?:2[abxy]|[156y]|apr1|argon2\w*|scrypt|pbkdf2[\w-]*)\$|(?:pbkdf2|scrypt|bcrypt|argon2|sha\d+|md5)[\w:]*\$"
    r"|\{(?:S?SHA|S?MD5|CRYPT|BCRYPT|PBKDF2)[\w-]*\}"
)
"""How a password begins that is kept as a digest."""

_COMMON_PAIRS = _set(
    "ab ac ad ag ai al am an ap ar as at ba be bl ca ce ch ck cl co cr ct cu da de di do du ea ec ed ee ef el em "
    "en ep er es et ev ex fe ff fi fo ge gi ha he hi ho ia ib ic id ie if ig il im in io ir is it iv ke la le li "
    "ll lo ly ma me mi mo mp na nc nd ne ng ni no ns nt oc od ol om on oo op or os ot ou ov ow pa pe pi pl po pp "
    "pr pt qu ra rd re ri rm ro rr rs rt ry sa sc se sh si so sp ss st su ta te th ti to tr ts tt tu ul um un up "
    "ur us ut va ve vi"
)
"""The 150 pairs of letters that make four of five pairs in the words of code and its documentation."""


PUBLISHED = frozenset(
    {
        "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059",
        "aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615",
    }
)
"""SHA-256 of keys that their provider publishes: of the emulators of Azure's storage and of Cosmos DB."""


def is_random(value: str) -> bool:
    """Whether a value looks drawn at random: long, varied, not made of words, and no alphabet."""
    if not value.isascii() or len(value) < MANY or len(set(value.lower())) < 8 or is_evident_fake(value):
        return False
    if len(value) > 2 * MANY and len(set(value)) == len(value):
        return False
    has_digit = any(map(str.isdigit, value))
    if not any(map(str.isalpha, value)) or (not has_digit and (len(value) < 20 or value.islower() or value.isupper())):
        return False
    return not is_made_of_words(value)


def is_made_of_words(value: str) -> bool:
    """Whether a text of some length is put together of the words and pieces of words that code is made of."""
    share = word_share(value)
    if share < _FEW or share > _MOST:
        return share > _MOST
    return efficiency(value) > _CHARACTERS_A_PIECE


def word_share(value: str) -> float:
    """The share of neighbouring characters that are common in words: some 0.7 in names, 0.2 in random text."""
    folded = value.lower()
    pairs = [first + second for first, second in pairwise(folded)]
    return sum(pair in _COMMON_PAIRS for pair in pairs) / len(pairs) if pairs else 0.0


def is_wordy(value: str) -> bool:
    """Whether a value reads as words, as names and sentences do, and no random text does."""
    if not any(map(str.isalpha, value)) or _HEX.fullmatch(value):
        return False
    digits = sum(map(str.isdigit, value))
    if digits > len(value) // 5:
        return False
    return is_made_of_words(value)


def is_evident_fake(value: str, *, strict: bool = True) -> bool:
    """Whether a value shows that it stands for another: EXAMPLE, xxxxx, 123456789, abcabcabc.

    `strict`: only what chance would not put into a random value.
    """
    value = value[:_LONGEST]
    if len(value) == 88 and hashlib.sha256(value.encode()).hexdigest() in PUBLISHED:
        return True
    if _FAKE_IN_RANDOM.search(value) or (not strict and (_FAKE.search(value) or _FAKE.search(value.translate(_LEET)))):
        return True
    return has_run(value) or is_repetition(value) or (len(value) >= MANY and len(set(value.lower())) < 6)


def has_run(value: str, length: int = 6) -> bool:
    """Whether `length` characters in a row are the same, or count up or down."""
    steps = [ord(second) - ord(first) for first, second in pairwise(value)]
    count, last = 1, None
    for step in steps:
        count = count + 1 if step == last else 2
        last = step
        if step in (-1, 0, 1) and count >= length:
            return True
    return False


def is_repetition(value: str) -> bool:
    """Whether a value is a shorter one written again and again."""
    return len(value) >= 8 and any(
        value == (value[:size] * (len(value) // size + 1))[: len(value)] for size in range(1, len(value) // 2 + 1)
    )


def is_uuid(value: str) -> bool:
    """Whether a value is a UUID with its hyphens."""
    return _UUID.match(value) is not None


def is_hexadecimal(value: str) -> bool:
    """Whether a value is hexadecimal, as digests and fingerprints of keys are."""
    return _HEX.fullmatch(value) is not None


def is_template(value: str) -> bool:
    """Whether something is to be filled in: `${NAME}`, `{{ name }}`, `<password>`, `%(name)s`."""
    return _TEMPLATE.search(value) is not None


def is_reference(value: str) -> bool:
    """Whether a value says where to find another: a URL, a path, an attribute, a call."""
    return _REFERENCE.match(value) is not None or _ADDRESS.match(value) is not None


def look(value: str, name: str = "") -> Look:
    """What a value looks like, under a name that says it is secret."""
    return _look(value, name)


def most(value: str) -> Look:
    """The most that a value looks like, under any name."""
    return _look(value, None)


def _look(value: str, name: str | None) -> Look:
    if not 4 <= len(value) <= _LONGEST or is_template(value) or not any(map(str.isalpha, value)):
        return Look.NOTHING
    if value.endswith(("...", "\u2026")) or any(map(str.isspace, value)) or _DIGESTED.match(value):
        return Look.NOTHING
    if (inner := _encoded(value)) is not None:
        return _look(inner.rpartition(":")[2], name)
    if is_random(value) and not is_uuid(value) and not _ADDRESS.match(value) and not _FILE.fullmatch(value):
        return Look.RANDOM
    plain = value.translate(_LEET)
    if _WORN.search(value) or _WORN.search(plain):
        return Look.MADE if _is_varied(value) else Look.WEAK
    if is_evident_fake(value, strict=False) or is_reference(value):
        return Look.NOTHING
    if not value.isascii() or value.lower() in _ORDINARY:
        return Look.NOTHING
    of_echo = Look.WEAK if _SYMBOL.search(value) else Look.NOTHING
    of_written_echo = Look.MADE if _is_varied(value) else Look.WEAK
    if name is None:
        of_passphrase = Look.MADE if _PASSPHRASE.fullmatch(value) else Look.NOTHING
        return max(_made(value, "pass"), of_passphrase, of_echo, of_written_echo if plain != value else Look.NOTHING)
    if name.lower().endswith("passphrase") and _PASSPHRASE.fullmatch(value):
        return Look.MADE
    if is_echo(value, name):
        return of_echo
    if is_echo(plain, name):
        return of_written_echo
    return _made(value, name)


def _made(value: str, name: str) -> Look:
    """What a value looks like that does not repeat its name."""
    if len(value) >= 12 and efficiency(value) < _CHARACTERS_OF_A_PASSWORD:
        return Look.MADE
    if _WORDS_ONLY.fullmatch(value) or _NAME_WITH_NUMBERS.fullmatch(value):
        count = len(_PART.findall(value))
        is_weak = _WEAK.fullmatch(value) and (
            count == 1 or (count == 2 and value[-1].isdigit() and "pass" in name.lower())
        )
        return Look.WEAK if is_weak else Look.NOTHING
    has_digit, has_letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    if len(value) >= 6 and has_letter and (has_digit or _SYMBOL.search(value)) and re.match(r"[\w!@#$%^&*+~]", value):
        return Look.MADE
    return Look.NOTHING


_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/]{4}){3,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?|(?:[A-Za-z0-9+/]{4}){2}[A-Za-z0-9+/]{2,3}=={0,1}"
)


def _encoded(value: str) -> str | None:
    """The text that a value is in base 64, as in the data of a Kubernetes Secret; None if it is none."""
    if not _BASE64.fullmatch(value):
        return None
    try:
        text = base64.b64decode(value).decode("ascii").rstrip("\r\n")
    except (binascii.Error, ValueError):
        return None
    return text if text.isprintable() and not text.startswith("{") else None


def _is_varied(value: str) -> bool:
    """Whether a value is of the kinds of characters that rules for passwords ask for."""
    kinds = (str.isupper, str.islower, str.isdigit, _SYMBOL.match)
    return len(value) >= 9 and sum(any(map(kind, value)) for kind in kinds) >= 3


def is_echo(value: str, name: str) -> bool:
    """Whether a value says what its name says, as in `PASSWORD_FIELD = "password"`."""
    said = {word.lower().removesuffix("s") for word in _PART.findall(value) if len(word) > 1}
    named = {word.lower().removesuffix("s") for word in _PART.findall(name)}
    plain = re.sub(r"[\W_\d]", "", value).lower()
    return bool(said) and (said <= named | _FILLERS or (bool(plain) and plain in re.sub(r"[\W_\d]", "", name).lower()))


_ORDINARY = _set(
    "always auto basic bearer bool boolean bytes default digest disabled enabled false hash include inherit "
    "integer list manual medium member never number object omit optional private public random required strict "
    "publickey string strong text true undefined weak"
)
"""Words that say how, not what."""

_LEET = str.maketrans("@$0135", "asoies")
"""What people write for letters, so that `P@55w0rd` reads as what it says."""

_FILLERS = _set("password passwd pwd pas secret token key api auth the a my new old user admin x field name id")


def folded(text: str) -> str:
    """The text in lower case, letter for letter, so that what `re.IGNORECASE` takes for equal is equal."""
    if text.isascii():
        return text.lower()
    return text.replace("\u0130", "i").lower().replace("\u0131", "i").replace("\u017f", "s")
