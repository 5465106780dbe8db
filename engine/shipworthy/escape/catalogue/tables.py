"""Tables, pictures and office documents: pandas, numpy, openpyxl, Pillow, PDF, Word, OCR, sound."""

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

_OUT_OF_REACH = only("urllib.error.URLError", "0 filepath_or_buffer path_or_buf io", "http ftp:", PEER, always=True)
"""What is raised where a table is read from an address that is written out."""
_NO_WAY = "networkx.NetworkXNoPath networkx.NodeNotFound"

_PANDAS = library(
    "pandas",
    calls=(
        # ParserError, EmptyDataError and UnicodeDecodeError are all ValueErrors.
        methods(
            "pandas",
            "read_csv read_table read_fwf",
            (rather(USER, "OSError"), "ValueError", _OUT_OF_REACH),
            PEER,
            depends_on="0 filepath_or_buffer",
            returns="pandas.DataFrame",
        ),
        methods(
            "pandas",
            "read_excel ExcelFile",
            (rather(USER, "OSError"), "ValueError", _OUT_OF_REACH),
            PEER,
            depends_on="0 io path_or_buffer",
            returns="pandas.DataFrame",
        ),
        methods(
            "pandas",
            "read_json read_parquet read_feather read_xml read_orc read_stata",
            (rather(USER, "OSError"), "ValueError", _OUT_OF_REACH),
            PEER,
            depends_on="0 path_or_buf path path_or_buffer filepath_or_buffer",
            returns="pandas.DataFrame",
        ),
        methods("pandas", "read_pickle read_hdf", "OSError", USER, depends_on="0 filepath_or_buffer path_or_buf"),
        call("pandas.read_html", ("ValueError", _OUT_OF_REACH), PEER, depends_on="0 io"),
        methods("pandas", "read_sql read_sql_query read_sql_table", "sqlalchemy.exc.SQLAlchemyError", RARE),
        methods(
            "pandas",
            "to_datetime to_numeric to_timedelta",
            but("ValueError", "errors 1", "coerce ignore"),
            PEER,
            "0 arg",
        ),
        methods(
            "pandas.DataFrame",
            "to_csv to_excel to_json to_parquet to_pickle to_feather to_html to_hdf",
            "OSError",
            USER,
            depends_on="0 path_or_buf path excel_writer buf",
        ),
        # Whatever has these methods is a table, or a column of one.
        call("*.to_csv *.to_excel *.to_feather *.to_parquet", "OSError", USER, "0 path_or_buf path excel_writer"),
        call("pandas.ExcelWriter", "OSError", USER, depends_on="0 path"),
        # Of no file at all; of tables that the program has made there is at least one.
        call("pandas.concat", "ValueError", USER, depends_on="0 objs", returns="pandas.DataFrame"),
        call("pandas.merge", returns="pandas.DataFrame"),
        call(
            "pandas.DataFrame.astype",
            Raised("ValueError", Condition(("0", "dtype"), ("float", "int")), Condition(("errors",), ("ignore",))),
            PEER,
            depends_on="self",
            returns="pandas.DataFrame",
        ),
        call("pandas.DataFrame.to_sql", "sqlalchemy.exc.SQLAlchemyError", RARE),
        methods(
            "pandas.DataFrame",
            "dropna fillna rename assign drop drop_duplicates reset_index sort_values copy query merge",
            returns="pandas.DataFrame",
        ),
        call("pandas.DataFrame[] pandas.DataFrame.__getitem__", "KeyError", PEER, "self", "pandas.DataFrame"),
        methods("numpy", "loadtxt genfromtxt", (rather(USER, "OSError"), "ValueError"), PEER, depends_on="0 fname"),
        call("numpy.load", (rather(USER, "OSError"), "ValueError"), PEER, depends_on="0 file"),
        methods("numpy", "save savetxt savez", "OSError", RARE),
        methods(
            "polars",
            "read_csv read_parquet read_json read_excel",
            (rather(USER, "OSError"), "polars.exceptions.PolarsError"),
            PEER,
            depends_on="0 source",
        ),
        call("joblib.load", "OSError", USER, depends_on="0 filename"),
        call("torch.load", "OSError", USER, depends_on="0 f"),
        call("h5py.File", (but("OSError", "1 mode", "w"), only("OSError", "1 mode", "w", RARE)), USER, "0 name"),
        methods("xarray", "open_dataset load_dataset", "OSError ValueError", USER, depends_on="0 filename_or_obj"),
        methods("geopandas", "read_file", "OSError", USER, depends_on="0 filename"),
        methods("networkx", "shortest_path shortest_path_length dijkstra_path", _NO_WAY, PEER, "1 2 source target"),
    ),
    exceptions="""
        networkx.NetworkXException < Exception
        networkx.NetworkXNoPath networkx.NodeNotFound < networkx.NetworkXException
        pandas.errors:
        ParserError EmptyDataError OutOfBoundsDatetime MergeError < ValueError
        DatabaseError < OSError
        polars.exceptions:
        PolarsError < Exception
        ComputeError NoDataError < PolarsError
    """,
    aliases="""
        pandas.io.sql.DatabaseError = pandas.errors.DatabaseError
        pandas.core.frame.DataFrame = pandas.DataFrame
        networkx.exception = networkx
    """,
)

_OFFICE = library(
    "office documents",
    calls=(
        call(
            "openpyxl.load_workbook",
            (
                rather(USER, "OSError"),
                "zipfile.BadZipFile",
                rather(RARE, "openpyxl.utils.exceptions.InvalidFileException"),
            ),
            PEER,
            depends_on="0 filename",
            returns="openpyxl.Workbook",
        ),
        classes("openpyxl.Workbook"),
        call("openpyxl.Workbook.save", "OSError", USER, depends_on="0 filename"),
        methods("openpyxl.Worksheet", "append cell iter_rows iter_cols"),
        call("openpyxl.Workbook[]", "KeyError", PEER, depends_on="self", returns="openpyxl.Worksheet"),
        call(
            "xlrd.open_workbook",
            (rather(USER, "OSError"), "xlrd.XLRDError"),
            PEER,
            depends_on="0 filename file_contents",
        ),
        call(
            "docx.Document",
            "docx.opc.exceptions.PackageNotFoundError",
            PEER,
            "0 docx",
            returns="docx.document.Document",
        ),
        call("docx.document.Document.save pptx.presentation.Presentation.save", "OSError", RARE),
        call("pptx.Presentation", "pptx.exc.PackageNotFoundError", PEER, "0 pptx", "pptx.presentation.Presentation"),
        call(
            "pypdf.PdfReader",
            (rather(USER, "OSError"), "pypdf.errors.PdfReadError"),
            PEER,
            depends_on="0 stream",
            returns="pypdf.PdfReader",
        ),
        call("pypdf.PdfReader.decrypt", "pypdf.errors.PdfReadError", RARE),
        call(
            "PyPDF2.PdfReader PyPDF2.PdfFileReader",
            (rather(USER, "OSError"), "PyPDF2.errors.PdfReadError"),
            PEER,
            depends_on="0 stream",
        ),
        call(
            "pdfplumber.open",
            (rather(USER, "OSError"), "pdfplumber.utils.exceptions.PdfminerException"),
            PEER,
            depends_on="0 path_or_fp",
        ),
        call("pymupdf.open", "RuntimeError", PEER, depends_on="0 filename stream"),
    ),
    exceptions="""
        openpyxl.utils.exceptions.InvalidFileException xlrd.XLRDError docx.opc.exceptions.OpcError < Exception
        pdfplumber.utils.exceptions.PdfminerException < Exception
        pptx.exc.PythonPptxError < Exception
        docx.opc.exceptions.PackageNotFoundError < docx.opc.exceptions.OpcError
        pptx.exc.PackageNotFoundError < pptx.exc.PythonPptxError
        pypdf.errors:
        PyPdfError < Exception
        PdfReadError LimitReachedError < PyPdfError
        PdfStreamError FileNotDecryptedError EmptyFileError < PdfReadError
        PyPDF2.errors:
        PyPdfError < Exception
        PdfReadError < PyPdfError
        PdfStreamError FileNotDecryptedError < PdfReadError
        pymupdf:
        FileDataError FileNotFoundError < RuntimeError
        EmptyFileError < FileDataError
    """,
    aliases="""
        openpyxl.reader.excel.load_workbook = openpyxl.load_workbook
        openpyxl.workbook.Workbook openpyxl.workbook.workbook.Workbook = openpyxl.Workbook
        xlrd.biffh = xlrd
        docx.api.Document = docx.Document
        pptx.api.Presentation = pptx.Presentation
        PyPDF2.utils.PdfReadError = PyPDF2.errors.PdfReadError
        pypdf._reader.PdfReader = pypdf.PdfReader
        fitz = pymupdf
        pymupdf.Document fitz.Document = pymupdf.open
    """,
)

_MEDIA = library(
    "pictures and sound",
    calls=(
        call(
            "PIL.Image.open",
            ("PIL.UnidentifiedImageError", rather(USER, "OSError")),
            PEER,
            depends_on="0 fp",
            returns="PIL.Image.Image",
        ),
        methods("PIL.Image.Image", "convert resize rotate crop copy transpose", returns="PIL.Image.Image"),
        methods("PIL.Image.Image", "load thumbnail", "OSError", RARE),
        # A ValueError for an ending that stands for no format.
        call("PIL.Image.Image.save", "OSError ValueError", USER, depends_on="0 fp"),
        call("PIL.ImageFont.truetype", "OSError", RARE),
        call("mutagen.File", "mutagen.MutagenError", PEER, depends_on="0 filething"),
        call(
            "pydub.AudioSegment.from_file pydub.AudioSegment.from_mp3 pydub.AudioSegment.from_wav",
            ("pydub.exceptions.CouldntDecodeError", rather(USER, "OSError")),
            PEER,
            depends_on="0 file",
        ),
        call(
            "soundfile.read soundfile.SoundFile soundfile.info", "soundfile.LibsndfileError", PEER, depends_on="0 file"
        ),
        # The program is started by run(); what goes before only describes what it is to do.
        call("ffmpeg.input ffmpeg.output ffmpeg.concat", returns="ffmpeg.stream"),
        call("ffmpeg.stream.*", returns="ffmpeg.stream"),
        call("ffmpeg.probe ffmpeg.run ffmpeg.stream.run", "ffmpeg.Error", PEER),
        call("imageio.imread imageio.v2.imread imageio.v3.imread", "OSError", PEER, depends_on="0 uri"),
        call("wave.open", (rather(USER, "OSError"), but("wave.Error", "1 mode", "w")), PEER, depends_on="0 f"),
        methods(
            "pytesseract",
            "image_to_string image_to_data image_to_boxes image_to_osd",
            "pytesseract.TesseractError pytesseract.TesseractNotFoundError",
            RARE,
        ),
        classes("speech_recognition.Recognizer"),
        methods(
            "speech_recognition.Recognizer",
            "recognize_google recognize_google_cloud recognize_wit recognize_azure recognize_houndify recognize_sphinx",
            "speech_recognition.UnknownValueError speech_recognition.RequestError",
            PEER,
        ),
        call(
            "speech_recognition.Recognizer.listen",
            but("speech_recognition.WaitTimeoutError", "1 timeout", "None"),
            RARE,
        ),
        call("speech_recognition.Microphone", "OSError", USER),
        classes("yt_dlp.YoutubeDL"),
        methods("yt_dlp.YoutubeDL", "download extract_info", "yt_dlp.utils.DownloadError", PEER),
    ),
    exceptions="""
        PIL.UnidentifiedImageError pytesseract.TesseractNotFoundError < OSError
        PIL.Image.DecompressionBombError wave.Error < Exception
        mutagen.MutagenError pydub.exceptions.CouldntDecodeError ffmpeg.Error < Exception
        pytesseract.TesseractError soundfile.LibsndfileError < RuntimeError
        speech_recognition:
        UnknownValueError RequestError WaitTimeoutError < Exception
        yt_dlp.utils:
        YoutubeDLError < Exception
        DownloadError ExtractorError < YoutubeDLError
    """,
    aliases="""
        PIL.Image.UnidentifiedImageError = PIL.UnidentifiedImageError
        pytesseract.pytesseract = pytesseract
        speech_recognition.exceptions = speech_recognition
        yt_dlp.DownloadError youtube_dl.utils.DownloadError youtube_dl.DownloadError = yt_dlp.utils.DownloadError
        youtube_dl.YoutubeDL = yt_dlp.YoutubeDL
    """,
)

LIBRARIES = (_PANDAS, _OFFICE, _MEDIA)
