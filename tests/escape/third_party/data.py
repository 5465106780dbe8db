# ruff: noqa: B023
# Every case is tried before the next one is made.
"""Files and texts that must have a form, tokens and schemas."""

from __future__ import annotations

import dataclasses

from .place import Cases, Place, load


def tables(place: Place) -> Cases:
    pandas, missing, junk = load("pandas"), str(place.missing), str(place.junk)
    ragged, empty = place.folder / "ragged.csv", place.folder / "empty.csv"
    ragged.write_text("a,b\n1,2\n1,2,3,4\n")
    empty.touch()
    for reader in ("read_csv", "read_excel", "read_json", "read_parquet", "read_table"):
        yield f"pandas.{reader}", lambda: getattr(pandas, reader)(missing)
        yield f"pandas.{reader}", lambda: getattr(pandas, reader)(junk)
    yield "pandas.read_csv", lambda: pandas.read_csv(ragged)
    yield "pandas.read_csv", lambda: pandas.read_csv(empty)
    yield "pandas.read_pickle", lambda: pandas.read_pickle(missing)
    yield "pandas.to_datetime", lambda: pandas.to_datetime("seven")
    yield "pandas.to_numeric", lambda: pandas.to_numeric("seven")
    yield "numpy.loadtxt", lambda: load("numpy").loadtxt(missing)
    yield "numpy.loadtxt", lambda: load("numpy").loadtxt(ragged, delimiter=",")
    yield "numpy.load", lambda: load("numpy").load(missing)
    yield "numpy.load", lambda: load("numpy").load(junk)
    yield "polars.read_csv", lambda: load("polars").read_csv(missing)
    yield "polars.read_csv", lambda: load("polars").read_csv(empty)
    named = place.folder / "junk.xlsx"
    named.write_bytes(place.junk.read_bytes())
    yield "openpyxl.load_workbook", lambda: load("openpyxl").load_workbook(f"{missing}.xlsx")
    yield "openpyxl.load_workbook", lambda: load("openpyxl").load_workbook(named)
    yield "openpyxl.load_workbook", lambda: load("openpyxl").load_workbook(junk)
    yield "xlrd.open_workbook", lambda: load("xlrd").open_workbook(missing)
    yield "xlrd.open_workbook", lambda: load("xlrd").open_workbook(junk)
    yield "docx.Document", lambda: load("docx").Document(missing)
    yield "docx.Document", lambda: load("docx").Document(junk)
    yield "pptx.Presentation", lambda: load("pptx").Presentation(junk)
    for name in ("pypdf", "PyPDF2"):
        yield f"{name}.PdfReader", lambda: load(name).PdfReader(missing)
        yield f"{name}.PdfReader", lambda: load(name).PdfReader(junk)
    yield "pymupdf.open", lambda: load("pymupdf").open(missing)
    yield "pymupdf.open", lambda: load("pymupdf").open(junk, filetype="pdf")
    yield "pdfplumber.open", lambda: load("pdfplumber").open(missing)
    yield "pdfplumber.open", lambda: load("pdfplumber").open(junk)
    yield "PIL.Image.Image.save", lambda: load("PIL.Image").new("L", (1, 1)).save(place.missing / "a.png")
    yield "PIL.Image.Image.save", lambda: load("PIL.Image").new("L", (1, 1)).save(f"{missing}.nothing")
    yield "mutagen.File", lambda: load("mutagen").File(missing)
    yield "pydub.AudioSegment.from_file", lambda: load("pydub").AudioSegment.from_file(missing)
    yield "soundfile.read", lambda: load("soundfile").read(missing)
    yield "soundfile.read", lambda: load("soundfile").read(junk)
    yield "joblib.load", lambda: load("joblib").load(missing)
    yield "h5py.File", lambda: load("h5py").File(missing)
    yield "h5py.File", lambda: load("h5py").File(junk)
    yield "xarray.open_dataset", lambda: load("xarray").open_dataset(missing)
    yield "xarray.open_dataset", lambda: load("xarray").open_dataset(junk)
    networkx = load("networkx")
    yield "networkx.shortest_path", lambda: networkx.shortest_path(networkx.empty_graph(2), 0, 1)
    yield "networkx.shortest_path", lambda: networkx.shortest_path(networkx.empty_graph(2), 0, "x")
    yield "PIL.Image.open", lambda: load("PIL.Image").open(missing)
    yield "PIL.Image.open", lambda: load("PIL.Image").open(junk)
    yield "PIL.ImageFont.truetype", lambda: load("PIL.ImageFont").truetype(missing)
    yield "imageio.v3.imread", lambda: load("imageio.v3").imread(missing)
    yield (
        "pytesseract.image_to_string",
        lambda: load("pytesseract").image_to_string(load("PIL.Image").new("L", (1, 1))),
    )
    yield "yt_dlp.YoutubeDL.download", lambda: load("yt_dlp").YoutubeDL({"quiet": True}).download([place.web])
    yield "yt_dlp.YoutubeDL.extract_info", lambda: load("yt_dlp").YoutubeDL({"quiet": True}).extract_info(place.web)


def text(place: Place) -> Cases:
    for name in ("simplejson", "ujson", "orjson", "json5"):
        yield f"{name}.loads", lambda: load(name).loads("{")
    for name in ("toml", "tomli", "tomlkit"):
        yield f"{name}.loads", lambda: load(name).loads("= [")
    yield "ruamel.yaml.YAML.load", lambda: load("ruamel.yaml").YAML().load("[")
    yield "ruamel.yaml.YAML.load", lambda: load("ruamel.yaml").YAML().load("a: 1\na: 2")
    yield "lxml.etree.fromstring", lambda: load("lxml.etree").fromstring("<a>")
    yield "lxml.etree.parse", lambda: load("lxml.etree").parse(str(place.missing))
    yield "lxml.etree.parse", lambda: load("lxml.etree").parse(str(place.junk))
    yield "lxml.html.fromstring", lambda: load("lxml.html").fromstring("")
    yield "defusedxml.ElementTree.fromstring", lambda: load("defusedxml.ElementTree").fromstring("<a>")
    yield "xmltodict.parse", lambda: load("xmltodict").parse("<a>")
    yield "msgpack.unpackb", lambda: load("msgpack").unpackb(b"\xc1")
    yield "msgpack.unpackb", lambda: load("msgpack").unpackb(b"")
    yield "dill.loads", lambda: load("dill").loads(b"")
    yield "cloudpickle.loads", lambda: load("cloudpickle").loads(b"")
    yield "dateutil.parser.parse", lambda: load("dateutil.parser").parse("seven")
    yield "dateutil.parser.isoparse", lambda: load("dateutil.parser").isoparse("seven")
    yield "pytz.timezone", lambda: load("pytz").timezone("Nowhere/Land")
    yield "rarfile.RarFile", lambda: load("rarfile").RarFile(str(place.junk))
    yield "rarfile.RarFile", lambda: load("rarfile").RarFile(str(place.missing))
    yield "arrow.get", lambda: load("arrow").get("seven")
    yield "pendulum.parse", lambda: load("pendulum").parse("seven")
    for name in ("parse_date", "parse_datetime", "parse_duration"):
        yield f"isodate.{name}", lambda: getattr(load("isodate"), name)("sevenTeen")
    yield "packaging.version.Version", lambda: load("packaging.version").Version("seven")
    yield "packaging.version.parse", lambda: load("packaging.version").parse("seven")
    yield "packaging.requirements.Requirement", lambda: load("packaging.requirements").Requirement("= [")
    yield "jmespath.search", lambda: load("jmespath").search("a.[", {})
    yield "croniter.croniter", lambda: load("croniter").croniter("seven")
    yield "pygments.lexers.get_lexer_by_name", lambda: load("pygments.lexers").get_lexer_by_name("seven")
    yield "cbor2.loads", lambda: load("cbor2").loads(b"")
    yield "cbor2.loads", lambda: load("cbor2").loads(b"\xff")
    yield "x.Order.FromString", lambda: load("google.protobuf.struct_pb2").Struct.FromString(b"\xff")
    yield (
        "google.protobuf.json_format.Parse",
        lambda: load("google.protobuf.json_format").Parse("{", load("google.protobuf.struct_pb2").Struct()),
    )
    yield "frontmatter.loads", lambda: load("frontmatter").loads("---\na: [\n---\n")
    yield "icalendar.Calendar.from_ical", lambda: load("icalendar").Calendar.from_ical("seven")
    yield "gpxpy.parse", lambda: load("gpxpy").parse("<gpx")
    yield "lark.Lark.parse", lambda: load("lark").Lark('start: "a"').parse("b")
    yield "vobject.readOne", lambda: load("vobject").readOne("seven")
    yield "brotli.decompress", lambda: load("brotli").decompress(b"seven")
    yield "scrapy.http.Response.json", lambda: load("scrapy.http").TextResponse(place.web, body=b"{").json()


def security(place: Place) -> Cases:
    jwt = load("jwt")
    key = "x" * 32
    yield "jwt.decode", lambda: jwt.decode("seven", key, ["HS256"])
    yield "jwt.decode", lambda: jwt.decode(jwt.encode({"exp": 1}, key), key, ["HS256"])
    yield "jwt.get_unverified_header", lambda: jwt.get_unverified_header("seven")
    yield "jwt.PyJWKClient.get_signing_key", lambda: jwt.PyJWKClient(place.web).get_signing_key("x")
    yield (
        "jwt.PyJWKClient.get_signing_key_from_jwt",
        lambda: jwt.PyJWKClient(place.web).get_signing_key_from_jwt("seven"),
    )
    yield "jose.jwt.decode", lambda: load("jose.jwt").decode("seven", key)
    serializer = load("itsdangerous").URLSafeTimedSerializer(key)
    yield "itsdangerous.URLSafeTimedSerializer.loads", lambda: serializer.loads("seven")
    yield "itsdangerous.Signer.unsign", lambda: load("itsdangerous").Signer(key).unsign("seven")
    fernet = load("cryptography.fernet").Fernet
    yield "cryptography.fernet.Fernet", lambda: fernet(b"seven")
    yield "cryptography.fernet.Fernet.decrypt", lambda: fernet(fernet.generate_key()).decrypt(b"seven")
    aead = load("cryptography.hazmat.primitives.ciphers.aead").AESGCM
    yield (
        "cryptography.hazmat.primitives.ciphers.aead.AESGCM.decrypt",
        lambda: aead(b"x" * 32).decrypt(b"x" * 12, b"x" * 40, None),
    )
    pem = load("cryptography.hazmat.primitives.serialization").load_pem_private_key
    yield "cryptography.hazmat.primitives.serialization.load_pem_private_key", lambda: pem(b"seven", None)
    yield (
        "cryptography.x509.load_pem_x509_certificate",
        lambda: load("cryptography.x509").load_pem_x509_certificate(b"x"),
    )
    hasher = load("argon2").PasswordHasher(1, 8, 1)
    yield "argon2.PasswordHasher.verify", lambda: hasher.verify(hasher.hash("a"), "b")
    schema = {"type": "object"}
    yield "jsonschema.validate", lambda: load("jsonschema").validate(7, schema)
    yield "jsonschema.Validator.validate", lambda: load("jsonschema").Draft7Validator(schema).validate(7)
    pydantic = load("pydantic")
    model = pydantic.create_model("Model", a=(int, ...))
    yield "pydantic.BaseModel", lambda: model(a="x")
    yield "x.Model.model_validate", lambda: model.model_validate({"a": "x"})
    yield "x.Model.model_validate_json", lambda: model.model_validate_json("{")
    yield "pydantic.TypeAdapter.validate_python", lambda: pydantic.TypeAdapter(int).validate_python("x")
    fields = load("marshmallow").fields
    yield (
        "marshmallow.Schema.load",
        lambda: load("marshmallow").Schema.from_dict({"a": fields.Int(required=True)})().load({}),
    )
    yield "cattrs.structure", lambda: load("cattrs").structure(["x"], list[int])
    yield "voluptuous.Schema.__call__", lambda: load("voluptuous").Schema(int)("x")
    yield "voluptuous.Schema.__call__", lambda: load("voluptuous").Schema({"a": int})({"a": "x"})
    yield "schema.Schema.validate", lambda: load("schema").Schema(int).validate("x")
    yield "fastjsonschema.validate", lambda: load("fastjsonschema").validate({"type": "object"}, 7)
    yield "msgspec.json.decode", lambda: load("msgspec").json.decode(b"{")
    yield "msgspec.json.decode", lambda: load("msgspec").json.decode(b"7", type=str)
    yield "msgspec.convert", lambda: load("msgspec").convert("7", int)
    yield "dacite.from_dict", lambda: load("dacite").from_dict(dataclasses.make_dataclass("A", [("a", int)]), {})
    yield "email_validator.validate_email", lambda: load("email_validator").validate_email("seven")
    yield "phonenumbers.parse", lambda: load("phonenumbers").parse("seven")
