"""Files, folders and archives: open, pathlib, os, shutil, tempfile, zipfile, tarfile, gzip and kin."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, but, call, classes, library, methods, only, rather

_WRITING = "w a x"

_FILES = library(
    "files",
    calls=(
        call(
            "open aiofiles.open tokenize.open",
            (but("OSError", "1 mode", _WRITING), only("OSError", "1 mode", _WRITING, RARE)),
            USER,
            depends_on="0 file",
            returns="file",
        ),
        call(
            "codecs.open gzip.open bz2.open lzma.open gzip.GzipFile bz2.BZ2File lzma.LZMAFile",
            (but("OSError", "1 mode", _WRITING), only("OSError", "1 mode", _WRITING, RARE)),
            USER,
            depends_on="0 filename",
            returns="file",
        ),
        call("os.fdopen", returns="file"),
        methods("file", "write writelines flush close truncate seek", "OSError", RARE),
        call("fileinput.input", "OSError", USER),
    ),
    exceptions="""
        io.UnsupportedOperation < OSError ValueError
        shutil:
        Error ReadError SpecialFileError < OSError
        SameFileError < Error
    """,
    aliases="""
        IOError EnvironmentError WindowsError socket.error select.error os.error mmap.error = OSError
        io.open builtins.open = open
        typing.IO typing.TextIO typing.BinaryIO io.TextIOWrapper io.BufferedReader io.TextIOBase = file
        io.BufferedIOBase io.RawIOBase io.FileIO io.IOBase _io.TextIOWrapper = file
    """,
)

_PATHLIB = library(
    "pathlib",
    calls=(
        classes("pathlib.Path"),
        methods(
            "pathlib.Path",
            "absolute cwd expanduser home joinpath parent relative_to resolve with_name with_stem with_suffix",
            returns="pathlib.Path",
        ),
        methods("pathlib.Path", "glob rglob parents", returns="[pathlib.Path]"),
        call(
            "pathlib.Path.open",
            (but("OSError", "0 mode", _WRITING), only("OSError", "0 mode", _WRITING, RARE)),
            USER,
            depends_on="self",
            returns="file",
        ),
        methods("pathlib.Path", "read_text read_bytes stat lstat owner", "OSError", USER, depends_on="self"),
        call("pathlib.Path.iterdir", "OSError", USER, depends_on="self", returns="[pathlib.Path]"),
        methods("pathlib.Path", "write_text write_bytes touch chmod symlink_to hardlink_to", "OSError", RARE),
        call(
            "pathlib.Path.mkdir",
            (but("OSError", "2 exist_ok", "True"), only("OSError", "2 exist_ok", "True", RARE)),
            USER,
            depends_on="self",
        ),
        call(
            "pathlib.Path.unlink",
            (but("OSError", "0 missing_ok", "True"), only("OSError", "0 missing_ok", "True", RARE)),
            USER,
            depends_on="self",
        ),
        call("pathlib.Path.rmdir", "OSError", USER, depends_on="self"),
        methods("pathlib.Path", "rename replace readlink", "OSError", USER, depends_on="self", returns="pathlib.Path"),
    ),
    aliases="""
        pathlib.PosixPath pathlib.WindowsPath anyio.Path aiopath.AsyncPath = pathlib.Path
    """,
)

_OS = library(
    "os and shutil",
    calls=(
        methods("os", "listdir scandir stat lstat chdir rmdir readlink statvfs", "OSError", USER, depends_on="0 path"),
        methods("os.path", "getsize getmtime getctime getatime", "OSError", USER, depends_on="0 filename"),
        call("os.path.samefile", "OSError", USER, depends_on="0 1"),
        methods("os", "remove unlink", "OSError", USER, depends_on="0 path"),
        methods("os", "rename replace renames link symlink", "OSError", USER, depends_on="0 src"),
        call("os.mkdir", "OSError", USER, depends_on="0 path"),
        call(
            "os.makedirs",
            (but("OSError", "2 exist_ok", "True"), only("OSError", "2 exist_ok", "True", RARE)),
            USER,
            depends_on="0 name",
        ),
        methods("os", "chmod chown utime truncate mkfifo", "OSError", RARE, depends_on="0 path"),
        call("os.open", "OSError", USER, depends_on="0 path"),
        methods("os", "read write fsync fstat", "OSError", RARE),
        call("os.get_terminal_size", "OSError", USER),
        methods("shutil", "copy copy2 copyfile copytree move copymode copystat", "OSError", USER, depends_on="0 src"),
        call("shutil.rmtree", but("OSError", "1 ignore_errors", "True"), USER, depends_on="0 path"),
        call("shutil.disk_usage", "OSError", USER, depends_on="0 path"),
        call("shutil.unpack_archive", ("shutil.ReadError", rather(USER, "OSError")), PEER, depends_on="0 filename"),
        methods("shutil", "make_archive copyfileobj", "OSError", RARE),
        classes("tempfile.TemporaryDirectory"),
        call("tempfile.TemporaryDirectory.__enter__"),
        call("tempfile.NamedTemporaryFile tempfile.TemporaryFile tempfile.SpooledTemporaryFile", returns="file"),
        methods("tempfile", "mkdtemp mkstemp", "OSError", RARE),
        methods("aiofiles.os", "listdir scandir stat remove unlink rmdir", "OSError", USER, depends_on="0 path"),
        methods("aiofiles.os", "rename replace", "OSError", USER, depends_on="0 src"),
        call("importlib.import_module __import__", "ImportError", USER, depends_on="0 name"),
        call("runpy.run_path", "OSError", USER, depends_on="0 path_name"),
    ),
)

_ARCHIVES = library(
    "archives",
    calls=(
        # Opened for writing, it makes an archive of whatever was there.
        call(
            "zipfile.ZipFile",
            (
                but("zipfile.BadZipFile", "1 mode", _WRITING),
                but("OSError", "1 mode", _WRITING, USER),
                only("OSError", "1 mode", _WRITING, RARE),
            ),
            PEER,
            depends_on="0 file",
            returns="zipfile.ZipFile",
        ),
        methods("zipfile.ZipFile", "extract extractall testzip", "zipfile.BadZipFile OSError", RARE),
        call("zipfile.ZipFile.read", "KeyError zipfile.BadZipFile", RARE),
        call("zipfile.ZipFile.open", "KeyError zipfile.BadZipFile", RARE, returns="file"),
        methods("zipfile.ZipFile", "write writestr", "OSError", RARE),
        call(
            "tarfile.open tarfile.TarFile.open tarfile.TarFile",
            (
                but("tarfile.TarError", "1 mode", "w x"),
                but("OSError", "1 mode", "w a x", USER),
                only("OSError", "1 mode", "w a x", RARE),
            ),
            PEER,
            depends_on="0 name fileobj",
            returns="tarfile.TarFile",
        ),
        methods("tarfile.TarFile", "extract extractall getmembers", "tarfile.TarError OSError", RARE),
        call("tarfile.TarFile.getmember", "KeyError", RARE),
        call("tarfile.TarFile.extractfile", "KeyError", RARE, returns="file"),
        methods("tarfile.TarFile", "add addfile", "OSError", RARE),
        call("gzip.decompress", "gzip.BadGzipFile", PEER, depends_on="0 data"),
        call("bz2.decompress", "OSError", PEER, depends_on="0 data"),
        call("zlib.decompress", "zlib.error", PEER, depends_on="0 data"),
        call("lzma.decompress", "lzma.LZMAError", PEER, depends_on="0 data"),
        call("rarfile.RarFile", "rarfile.Error OSError", PEER, depends_on="0 file"),
    ),
    exceptions="""
        zipfile.BadZipFile zipfile.LargeZipFile zlib.error lzma.LZMAError rarfile.Error < Exception
        gzip.BadGzipFile < OSError
        tarfile:
        TarError < Exception
        ReadError CompressionError StreamError ExtractError HeaderError FilterError < TarError
    """,
    aliases="""
        zipfile.BadZipfile zipfile.error = zipfile.BadZipFile
        zipfile.PyZipFile = zipfile.ZipFile
        _lzma.LZMAError = lzma.LZMAError
    """,
)

LIBRARIES = (_FILES, _PATHLIB, _OS, _ARCHIVES)
