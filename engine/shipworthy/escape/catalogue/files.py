"""Files, folders and archives: open, pathlib, os, shutil, tempfile, zipfile, tarfile, gzip and kin."""

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

_MEMBER = Raised("KeyError", given=Condition(("0", "name", "member"), ("",)))

_FILES = library(
    "files",
    calls=(
        # To write where somebody says fails as often as to read: the folder is not there, or not theirs.
        call("open aiofiles.open tokenize.open", "OSError", USER, depends_on="0 file", returns="file"),
        call(
            "codecs.open gzip.open bz2.open lzma.open gzip.GzipFile bz2.BZ2File lzma.LZMAFile",
            "OSError",
            USER,
            depends_on="0 filename",
            returns="file",
        ),
        call("os.fdopen", returns="file"),
        methods("file", "write writelines flush close truncate seek", "OSError", RARE),
    ),
    exceptions="""
        io.UnsupportedOperation < OSError ValueError
        importlib.metadata.PackageNotFoundError < ModuleNotFoundError
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
        call("pathlib.Path.open", "OSError", USER, depends_on="self", returns="file"),
        methods(
            "pathlib.Path",
            "read_text read_bytes stat lstat owner write_text write_bytes mkdir rmdir",
            "OSError",
            USER,
            depends_on="self",
        ),
        call("pathlib.Path.iterdir", "OSError", USER, depends_on="self", returns="[pathlib.Path]"),
        # Whatever has these methods is a path.
        call("*.read_text *.read_bytes *.write_text *.write_bytes", "OSError", USER, depends_on="self"),
        methods("pathlib.Path", "touch chmod symlink_to hardlink_to", "OSError", RARE),
        call(
            "pathlib.Path.unlink",
            (but("OSError", "0 missing_ok", "True"), only("OSError", "0 missing_ok", "True", RARE)),
            USER,
            depends_on="self",
        ),
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
        call("os.mkdir os.makedirs", "OSError", USER, depends_on="0 path name"),
        methods("os", "chmod chown utime truncate mkfifo", "OSError", RARE, depends_on="0 path"),
        call("os.open", "OSError", USER, depends_on="0 path"),
        methods("os", "read write fsync fstat", "OSError", RARE),
        call("os.get_terminal_size", "OSError", USER),
        call("os.environ.get os.getenv", returns="os.environ"),
        methods("shutil", "copy copy2 copyfile copytree move", "OSError", USER, depends_on="0 1 src dst"),
        methods("shutil", "copymode copystat", "OSError", USER, depends_on="0 src"),
        call("shutil.rmtree", but("OSError", "1 ignore_errors", "True"), USER, depends_on="0 path"),
        call("shutil.disk_usage", "OSError", USER, depends_on="0 path"),
        # Whatever somebody has put there; what is listed by other means is mostly the program's own.
        call("glob.glob glob.iglob", returns="[outside]"),
        call("shutil.unpack_archive", ("shutil.ReadError", rather(USER, "OSError")), PEER, depends_on="0 filename"),
        methods("shutil", "make_archive copyfileobj", "OSError", RARE),
        classes("tempfile.TemporaryDirectory"),
        call("tempfile.TemporaryDirectory.__enter__"),
        call("tempfile.NamedTemporaryFile tempfile.TemporaryFile tempfile.SpooledTemporaryFile", returns="file"),
        methods("tempfile", "mkdtemp mkstemp", "OSError", RARE),
        methods("aiofiles.os", "listdir scandir stat remove unlink rmdir", "OSError", USER, depends_on="0 path"),
        methods("aiofiles.os", "rename replace", "OSError", USER, depends_on="0 src"),
        call("pwd.getpwnam grp.getgrnam", "KeyError", USER, depends_on="0"),
        # There is no terminal under cron or in a container.
        call("os.getlogin", "OSError", USER),
        call("importlib.metadata.version", "importlib.metadata.PackageNotFoundError", USER, depends_on="0"),
        call("importlib.import_module __import__", "ImportError", RARE, depends_on="0 name"),
        call("runpy.run_path", "OSError", USER, depends_on="0 path_name"),
    ),
)

_ARCHIVES = library(
    "archives",
    calls=(
        # Opened for writing, it makes an archive of whatever was there.
        call(
            "zipfile.ZipFile",
            (but("zipfile.BadZipFile", "1 mode", "w a x"), rather(USER, "OSError")),
            PEER,
            depends_on="0 file",
            returns="zipfile.ZipFile",
        ),
        methods("zipfile.ZipFile", "extract extractall testzip", "zipfile.BadZipFile OSError", RARE),
        # A member by a name that the program knows; names that come from the archive itself are there.
        call("zipfile.ZipFile.read zipfile.ZipFile.getinfo", _MEMBER, PEER, depends_on="self"),
        call("zipfile.ZipFile.open", _MEMBER, PEER, depends_on="self", returns="file"),
        call("zipfile.ZipFile.write", "OSError", USER, depends_on="0 filename"),
        call("zipfile.ZipFile.writestr", "OSError", RARE),
        call(
            "tarfile.open tarfile.TarFile.open tarfile.TarFile",
            (but("tarfile.TarError", "1 mode", "w x"), rather(USER, "OSError")),
            PEER,
            depends_on="0 name fileobj",
            returns="tarfile.TarFile",
        ),
        methods("tarfile.TarFile", "extract extractall getmembers", "tarfile.TarError OSError", RARE),
        call("tarfile.TarFile.getmember", _MEMBER, PEER, depends_on="self"),
        call("tarfile.TarFile.extractfile", _MEMBER, PEER, depends_on="self", returns="file"),
        call("tarfile.TarFile.add", "OSError", USER, depends_on="0 name"),
        call("tarfile.TarFile.addfile", "OSError", RARE),
        call("gzip.decompress", "gzip.BadGzipFile", PEER, depends_on="0 data"),
        call("bz2.decompress", "OSError", PEER, depends_on="0 data"),
        call("zlib.decompress", "zlib.error", PEER, depends_on="0 data"),
        call("brotli.decompress", "brotli.error", PEER, depends_on="0"),
        call("lzma.decompress", "lzma.LZMAError", PEER, depends_on="0 data"),
        call("rarfile.RarFile", "rarfile.Error OSError", PEER, depends_on="0 file"),
    ),
    exceptions="""
        zipfile.BadZipFile zipfile.LargeZipFile zlib.error lzma.LZMAError rarfile.Error brotli.error < Exception
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
