"""Text and bytes that must have a form: numbers, dates, JSON, TOML, XML, base64, pickles, settings."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import (
    PEER,
    RARE,
    USER,
    Condition,
    Raised,
    but,
    call,
    classes,
    library,
    methods,
    only,
    rather,
)

# Encodings in which any bytes are text, and what stands in for bytes that are none.
_LENIENT = Condition(
    ("0", "encoding", "1", "errors"),
    ("latin", "iso-8859-1", "ISO-8859-1", "cp437", "replace", "ignore", "backslashreplace", "surrogateescape"),
)

_VALUES = library(
    "values",
    calls=(
        call("int float complex", "ValueError", PEER, depends_on="0"),
        # Of nothing; with a default, or of several arguments, there is always one.
        call("max min", but("ValueError", "1 default", "*"), PEER, depends_on="0"),
        call("statistics.mean statistics.fmean statistics.median", "statistics.StatisticsError", PEER, depends_on="0"),
        call("bytes.fromhex bytearray.fromhex", "ValueError", PEER, depends_on="0"),
        call(
            "outside.bytes.decode outside.sent.decode",
            Raised("UnicodeDecodeError", unless=_LENIENT),
            PEER,
            returns="outside",
        ),
        call("*.decode", Raised("UnicodeDecodeError", unless=_LENIENT), PEER, depends_on="self"),
        call("bytes.decode", Raised("UnicodeDecodeError", unless=_LENIENT), PEER, depends_on="self"),
        call("outside.index outside.rindex", "ValueError", PEER),
        call("codecs.decode", "ValueError", PEER, depends_on="0 obj"),
        call("decimal.Decimal", "decimal.InvalidOperation", PEER, depends_on="0 value"),
        call("fractions.Fraction", "ValueError", PEER, depends_on="0 numerator"),
        # A placeholder without a value, and a dollar that begins none.
        call("string.Template.substitute", "KeyError ValueError", USER, depends_on="self 0 **"),
        call("locale.atof locale.atoi", "ValueError", PEER, depends_on="0"),
        call("locale.setlocale", but("locale.Error", "1 locale", "C POSIX"), RARE),
        call(
            "datetime.datetime.strptime datetime.datetime.fromisoformat datetime.date.fromisoformat "
            "datetime.time.fromisoformat datetime.date.strptime datetime.time.strptime time.strptime",
            "ValueError",
            PEER,
            depends_on="0",
        ),
        call("datetime.datetime datetime.date", "ValueError", PEER, depends_on="0 1 2 year month day"),
        call("uuid.UUID", "ValueError", PEER, depends_on="0 hex"),
        call(
            "ipaddress.ip_address ipaddress.ip_network ipaddress.ip_interface ipaddress.IPv4Address "
            "ipaddress.IPv6Address ipaddress.IPv4Network ipaddress.IPv6Network",
            "ValueError",
            PEER,
            depends_on="0 address",
        ),
        # A member by its value.
        call("enum.Enum", "ValueError", PEER, depends_on="0"),
        call("pygments.lexers.get_lexer_by_name", "pygments.util.ClassNotFound", PEER, depends_on="0 _alias"),
        call("zoneinfo.ZoneInfo", "zoneinfo.ZoneInfoNotFoundError", PEER, depends_on="0 key"),
        call("pytz.timezone", "pytz.UnknownTimeZoneError", PEER, depends_on="0 zone"),
        call("dateutil.parser.parse", "dateutil.parser.ParserError", PEER, depends_on="0 timestr"),
        call("dateutil.parser.isoparse", "ValueError", PEER, depends_on="0"),
        call("arrow.get", "arrow.parser.ParserError", PEER, depends_on="0"),
        call("pendulum.parse", "pendulum.parsing.exceptions.ParserError", PEER, depends_on="0 text"),
        methods("isodate", "parse_date parse_datetime parse_duration", "isodate.ISO8601Error", PEER, depends_on="0"),
        call("email.utils.parsedate_to_datetime", "ValueError", PEER, "0 data", since="3.10; before, a TypeError"),
        methods("packaging.version", "Version parse", "packaging.version.InvalidVersion", PEER, depends_on="0 version"),
        call("packaging.requirements.Requirement", "packaging.requirements.InvalidRequirement", PEER, depends_on="0"),
        call("jmespath.search", "jmespath.exceptions.JMESPathError", PEER, depends_on="0 expression"),
        call("croniter.croniter", "croniter.CroniterError", PEER, depends_on="0 expr_format"),
        call("outside.encode", only("UnicodeEncodeError", "0 encoding", "ascii latin"), PEER),
        call("ast.literal_eval", "ValueError SyntaxError", PEER, depends_on="0"),
        call("ast.parse compile", "SyntaxError", PEER, depends_on="0 source"),
        methods(
            "re",
            "compile search match fullmatch findall finditer sub subn split",
            "re.error",
            PEER,
            depends_on="0 pattern",
        ),
        call("shlex.split", "ValueError", PEER, depends_on="0 s"),
        call("getopt.getopt getopt.gnu_getopt", "getopt.GetoptError", USER, depends_on="0 args"),
        call("input", "EOFError", RARE, returns="outside"),
        call("sys.stdin.read sys.stdin.readline sys.stdin.readlines getpass.getpass", returns="outside"),
        call("sys.stdin.buffer.read sys.stdin.buffer.readline", returns="outside.bytes"),
    ),
    exceptions="""
        zoneinfo.ZoneInfoNotFoundError pytz.UnknownTimeZoneError < KeyError
        dateutil.parser.ParserError arrow.parser.ParserError pendulum.parsing.exceptions.ParserError < ValueError
        pygments.util.ClassNotFound statistics.StatisticsError < ValueError
        isodate.ISO8601Error packaging.version.InvalidVersion packaging.requirements.InvalidRequirement < ValueError
        jmespath.exceptions.JMESPathError croniter.CroniterError < ValueError
        re.error getopt.GetoptError locale.Error < Exception
        decimal:
        DecimalException < ArithmeticError
        InvalidOperation < DecimalException
        DivisionByZero < DecimalException ZeroDivisionError
    """,
    aliases="""
        dateutil.parser._parser = dateutil.parser
        pytz.exceptions = pytz
        arrow.ParserError = arrow.parser.ParserError
        arrow.arrow.Arrow.strptime arrow.Arrow.strptime = datetime.datetime.strptime
        pendulum.exceptions.ParserError = pendulum.parsing.exceptions.ParserError
        isodate.isoerror = isodate
        croniter.croniter.CroniterError = croniter.CroniterError
        re.PatternError sre_constants.error = re.error
        getopt.error = getopt.GetoptError
        enum.IntEnum enum.StrEnum enum.Flag enum.IntFlag = enum.Enum
        pygments.lexers.find_lexer_class_by_name = pygments.lexers.get_lexer_by_name
        builtins.int = int
        builtins.float = float
    """,
)

_ENCODED = library(
    "encoded data",
    calls=(
        methods(
            "base64",
            "b64decode standard_b64decode urlsafe_b64decode b32decode b16decode",
            "binascii.Error",
            PEER,
            depends_on="0 s",
        ),
        methods("base64", "a85decode b85decode", "ValueError", PEER, depends_on="0 b"),
        methods("binascii", "unhexlify a2b_hex a2b_base64", "binascii.Error", PEER, depends_on="0"),
        call("struct.unpack struct.unpack_from struct.iter_unpack", "struct.error", RARE, depends_on="1 buffer"),
        classes("struct.Struct"),
        methods("struct.Struct", "unpack unpack_from iter_unpack", "struct.error", RARE, depends_on="0 buffer"),
        methods("pickle", "load loads", "pickle.UnpicklingError EOFError", PEER, depends_on="0 file data"),
        methods("dill", "load loads", "pickle.UnpicklingError EOFError", PEER, depends_on="0 file str"),
        methods("cloudpickle", "load loads", "pickle.UnpicklingError EOFError", PEER, depends_on="0"),
        methods("plistlib", "load loads", "plistlib.InvalidFileException", PEER, depends_on="0 fp data"),
        methods("msgpack", "unpackb unpack loads load", "ValueError", PEER, depends_on="0 packed"),
        methods("cbor2", "loads load", "cbor2.CBORDecodeError", PEER, depends_on="0"),
        call("*.ParseFromString *.FromString", "google.protobuf.message.DecodeError", PEER, depends_on="0"),
        methods("google.protobuf.json_format", "Parse ParseDict", "google.protobuf.json_format.ParseError", PEER, "0"),
        classes("http.cookies.SimpleCookie"),
        call("http.cookies.SimpleCookie.load", "http.cookies.CookieError", PEER, depends_on="0 rawdata"),
    ),
    exceptions="""
        binascii.Error plistlib.InvalidFileException < ValueError
        struct.error cbor2.CBORDecodeError google.protobuf.message.DecodeError < Exception
        google.protobuf.json_format.ParseError http.cookies.CookieError < Exception
        pickle:
        PickleError < Exception
        UnpicklingError PicklingError < PickleError
    """,
    aliases="""
        _pickle cPickle = pickle
    """,
)

_DOCUMENTS = library(
    "documents",
    calls=(
        methods("json", "load loads", "json.JSONDecodeError", PEER, depends_on="0 s fp"),
        call("json.JSONDecoder.decode json.JSONDecoder.raw_decode", "json.JSONDecodeError", PEER, depends_on="0 s"),
        classes("json.JSONDecoder"),
        methods("simplejson", "load loads", "simplejson.JSONDecodeError", PEER, depends_on="0 s fp"),
        methods("ujson", "load loads decode", "ujson.JSONDecodeError", PEER, depends_on="0"),
        call("orjson.loads", "orjson.JSONDecodeError", PEER, depends_on="0"),
        call("json5.loads json5.load", "ValueError", PEER, depends_on="0"),
        methods("tomllib", "load loads", "tomllib.TOMLDecodeError", PEER, depends_on="0"),
        methods("tomli", "load loads", "tomli.TOMLDecodeError", PEER, depends_on="0"),
        methods("toml", "load loads", "toml.TomlDecodeError", PEER, depends_on="0 f s"),
        methods("tomlkit", "load loads parse", "tomlkit.exceptions.ParseError", PEER, depends_on="0"),
        methods(
            "yaml",
            "load safe_load full_load unsafe_load load_all safe_load_all full_load_all",
            "yaml.YAMLError",
            PEER,
            depends_on="0 stream",
        ),
        classes("ruamel.yaml.YAML"),
        call(
            "ruamel.yaml.YAML.load ruamel.yaml.YAML.load_all",
            "ruamel.yaml.error.YAMLError",
            PEER,
            depends_on="0 stream",
        ),
        methods("ruamel.yaml", "load safe_load round_trip_load", "ruamel.yaml.error.YAMLError", PEER, depends_on="0"),
        methods(
            "xml.etree.ElementTree",
            "parse iterparse",
            ("xml.etree.ElementTree.ParseError", rather(USER, "OSError")),
            PEER,
            depends_on="0 source",
            returns="xml.etree.ElementTree.Element",
        ),
        methods(
            "xml.etree.ElementTree",
            "fromstring XML",
            "xml.etree.ElementTree.ParseError",
            PEER,
            depends_on="0 text",
            returns="xml.etree.ElementTree.Element",
        ),
        methods("xml.etree.ElementTree.Element", "getroot find", returns="xml.etree.ElementTree.Element"),
        methods("xml.etree.ElementTree.Element", "findall iter iterfind", returns="[xml.etree.ElementTree.Element]"),
        methods("xml.etree.ElementTree.Element", "text tail findtext get itertext", returns="outside"),
        call("xml.etree.ElementTree.Element[]", returns="xml.etree.ElementTree.Element"),
        call(
            "xml.dom.minidom.parse",
            ("xml.parsers.expat.ExpatError", rather(USER, "OSError")),
            PEER,
            depends_on="0 file",
        ),
        call("xml.dom.minidom.parseString", "xml.parsers.expat.ExpatError", PEER, depends_on="0 string"),
        methods("xml.sax", "parse parseString", "xml.sax.SAXException", PEER, depends_on="0 source string"),
        call("xmltodict.parse", "xml.parsers.expat.ExpatError", PEER, depends_on="0 xml_input"),
        call(
            "lxml.etree.parse lxml.html.parse",
            ("lxml.etree.LxmlError", rather(USER, "OSError")),
            PEER,
            depends_on="0 source",
        ),
        classes("configparser.ConfigParser"),
        methods("configparser.ConfigParser", "read", "configparser.Error", USER, depends_on="0 filenames"),
        methods("configparser.ConfigParser", "read_file read_string", "configparser.Error", USER, depends_on="0"),
        methods("configparser.ConfigParser", "get items options", but("configparser.Error", "fallback"), RARE),
        methods(
            "configparser.ConfigParser",
            "getint getfloat getboolean",
            (but("configparser.Error", "fallback"), "ValueError"),
            RARE,
        ),
        methods("frontmatter", "load loads parse", "yaml.YAMLError", PEER, depends_on="0 fd text"),
        methods("vobject", "readOne readComponents", "vobject.base.ParseError", PEER, depends_on="0 stream_or_string"),
        call("icalendar.Calendar.from_ical", "ValueError", PEER, depends_on="0 st"),
        call("gpxpy.parse", "gpxpy.gpx.GPXException", PEER, depends_on="0 xml_or_file"),
        classes("lark.Lark"),
        call("lark.Lark.parse", "lark.exceptions.LarkError", PEER, depends_on="0 text"),
        call("csv.reader.__iter__ csv.DictReader.__iter__", "csv.Error", RARE),
        classes("csv.reader csv.DictReader"),
        methods("email", "message_from_string message_from_bytes", returns="email.message.Message"),
        call("email.message.Message.get_payload", returns="outside.bytes"),
        call("email.message.Message[] email.message.Message.get", returns="outside"),
        call("email.message.Message.walk email.message.Message.iter_attachments", returns="[email.message.Message]"),
        call("email.message.Message.get_body", returns="email.message.Message"),
        # A charset that nobody knows, or bytes that are not in it.
        call("email.message.Message.get_content", "LookupError", PEER, returns="outside"),
        call("email.header.make_header", "LookupError UnicodeDecodeError", PEER, depends_on="0"),
    ),
    exceptions="""
        json.JSONDecodeError simplejson.JSONDecodeError ujson.JSONDecodeError < ValueError
        tomllib.TOMLDecodeError tomli.TOMLDecodeError toml.TomlDecodeError < ValueError
        tomlkit.exceptions.ParseError < ValueError
        orjson.JSONDecodeError < json.JSONDecodeError
        yaml.YAMLError ruamel.yaml.error.YAMLError csv.Error xml.sax.SAXException < Exception
        xml.parsers.expat.ExpatError gpxpy.gpx.GPXException lark.exceptions.LarkError < Exception
        vobject.base.ParseError < Exception
        yaml.MarkedYAMLError yaml.reader.ReaderError < yaml.YAMLError
        ruamel.yaml.error.MarkedYAMLError < ruamel.yaml.error.YAMLError
        xml.sax.SAXParseException < xml.sax.SAXException
        yaml.scanner.ScannerError yaml.parser.ParserError yaml.composer.ComposerError < yaml.MarkedYAMLError
        yaml.constructor.ConstructorError < yaml.MarkedYAMLError
        ruamel.yaml.scanner.ScannerError ruamel.yaml.parser.ParserError < ruamel.yaml.error.MarkedYAMLError
        ruamel.yaml.constructor.DuplicateKeyError < ruamel.yaml.error.MarkedYAMLError
        xml.etree.ElementTree.ParseError < SyntaxError
        configparser:
        Error < Exception
        NoSectionError DuplicateSectionError NoOptionError DuplicateOptionError InterpolationError < Error
        ParsingError < Error
        MissingSectionHeaderError < ParsingError
        lxml.etree:
        Error < Exception
        LxmlError < Error
        LxmlSyntaxError < LxmlError SyntaxError
        ParserError XPathError XMLSchemaError DocumentInvalid XSLTError < LxmlError
        ParseError < LxmlSyntaxError
        XMLSyntaxError < ParseError
        XPathEvalError < XPathError
    """,
    aliases="""
        json.decoder = json
        simplejson.decoder simplejson.errors simplejson.scanner = simplejson
        yaml.error yaml.loader = yaml
        lark.exceptions.UnexpectedInput lark.UnexpectedInput lark.LarkError = lark.exceptions.LarkError
        ruamel.yaml.YAMLError = ruamel.yaml.error.YAMLError
        ruamel.yaml.main.YAML ruamel_yaml.YAML = ruamel.yaml.YAML
        toml.decoder = toml
        tomli._parser = tomli
        tomllib._parser = tomllib
        pyexpat.ExpatError xml.parsers.expat.error = xml.parsers.expat.ExpatError
        xml.sax._exceptions = xml.sax
        xml.etree.cElementTree defusedxml.ElementTree defusedxml.cElementTree = xml.etree.ElementTree
        xml.etree.ElementTree.ElementTree = xml.etree.ElementTree.Element
        defusedxml.minidom = xml.dom.minidom
        configparser.SafeConfigParser configparser.RawConfigParser ConfigParser.ConfigParser = configparser.ConfigParser
        _csv = csv
        email.message.EmailMessage = email.message.Message
        flask.json.loads = json.loads
        tornado.escape.json_decode = json.loads
    """,
)

LIBRARIES = (_VALUES, _ENCODED, _DOCUMENTS)
