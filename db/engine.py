"""A DuckDB engine for private data: its file and its spill files are encrypted, and it writes nothing else.

DuckDB needs the OpenSSL of its httpfs extension to write encrypted files. The extension is loaded from its wheel. The
engine never downloads an extension, reads no other file and uses no network.
"""

import contextlib
import fcntl
import os
import sys
from base64 import b64encode
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb

from db.file_locks import check_locks, lock_holder
from db.key import CacheKey
from db.log_frames import read_log_frames
from db.problems import (
    ENGINE_ERRORS,
    CacheBusy,
    CacheLogDamaged,
    CacheNotOpened,
    EngineIncomplete,
    cache_problems,
    problem_of,
)
from jiacha_tui.private_files import check_private, check_regular, file_problems, open_regular, private_folder

DATABASE = "cache"
"""The name of the attached file in SQL. The engine's own database, `memory`, is gone when the program ends."""

HEADERS_BYTES = 3 * 4096
"""The size of the headers that DuckDB writes before any data."""

BLOCK_BYTES = 256 * 1024
"""The size of each block of data after the headers."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What the engine may use of a shared machine. What does not fit into `memory_mb` it spills to disk, encrypted."""

    memory_mb: int = 512
    threads: int = 2


def open_engine(path: Path, key: CacheKey, limits: EngineLimits) -> duckdb.DuckDBPyConnection:
    """Starts an engine with the file at `path` attached, and creates the file if it is missing.

    Raises LocksUnsupported, CacheBusy, CacheKeyWrong, CacheTooNew, CacheDamaged, CacheNotOpened, EngineIncomplete,
    EngineFailed, FileProblem.
    """
    # DuckDB creates its log again after each checkpoint, with the umask of the process. Our files are private.
    os.umask(0o077)
    _skip_search_for_pandas()
    private_folder(path.parent)
    check_locks(path.parent)
    for file in (path, log_file(path)):
        check_private(file)
    _remove_incomplete(path)
    _check_log(path)
    with cache_problems(path), contextlib.ExitStack() as undo:
        engine = duckdb.connect(":memory:", config=_settings(limits))
        undo.callback(engine.close)
        _load_encryption(engine)
        _attach(engine, path, key)
        # The attached file is locked, so the spill folder is ours too.
        engine.execute(f"SET temp_directory = {_literal(str(_empty_spill_folder(path)))}")
        engine.execute("SET enable_external_access = false; SET lock_configuration = true")
        undo.pop_all()
    return engine


def open_read_only(path: Path, key: CacheKey, limits: EngineLimits) -> duckdb.DuckDBPyConnection:
    """Starts an engine with the existing file at `path` attached to be read. Neither the file nor its log changes.

    What is in the log is read with it. Raises what `open_engine` raises for the file.
    """
    for file in (path, log_file(path)):
        check_regular(file)
    with cache_problems(path), contextlib.ExitStack() as undo:
        engine = duckdb.connect(":memory:", config=_settings(limits))
        undo.callback(engine.close)
        _load_encryption(engine)
        _attach(engine, path, key, read_only=True)
        engine.execute("SET enable_external_access = false; SET lock_configuration = true")
        undo.pop_all()
    return engine


def check_encryption() -> str:
    """Checks that DuckDB can encrypt here, and returns its version. Opens no file. Raises EngineIncomplete."""
    with duckdb.connect(":memory:", config=_settings(EngineLimits())) as engine:
        _load_encryption(engine)
    return duckdb.__version__


def spill_folder(path: Path) -> Path:
    """The folder for what does not fit into the memory of the engine of the cache at `path`."""
    return path.with_name(f"{path.name}.spill")


def log_file(path: Path) -> Path:
    """The write-ahead log of the cache at `path`: commits that are not yet in the file."""
    return path.with_name(f"{path.name}.wal")


def _skip_search_for_pandas() -> None:
    """Tells Python that pandas is not installed, so that DuckDB's attempts to import it fail at once.

    DuckDB tries it twice for each parameter of a statement and has no setting against that. Each attempt would search
    the whole import path: a look-up of 500 numbers took 0.13 s instead of 0.025 s. Passing the numbers as one list does
    not help, because DuckDB then reads the whole table instead of its index.
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # None stands for a module that is missing


def _settings(limits: EngineLimits) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "temp_directory": "",
        "temp_file_encryption": True,
        "memory_limit": f"{limits.memory_mb}MB",
        "threads": limits.threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "allow_persistent_secrets": False,
        # Otherwise DuckDB looks for a missing table among the variables of Python.
        "python_enable_replacements": False,
    }


def _load_encryption(engine: duckdb.DuckDBPyConnection) -> None:
    package = find_spec("duckdb_extension_httpfs")
    for folder in (package and package.submodule_search_locations) or ():
        extension = Path(folder, "extensions", f"v{duckdb.__version__}", "httpfs.duckdb_extension")
        with contextlib.suppress(duckdb.IOException, duckdb.InvalidInputException):
            engine.execute(f"LOAD {_literal(str(extension))}")
            return
    raise EngineIncomplete


def _attach(engine: duckdb.DuckDBPyConnection, path: Path, key: CacheKey, *, read_only: bool = False) -> None:
    """Attaches the file, without letting the key out.

    ATTACH takes no parameters, so the key is part of the statement. DuckDB's error may quote the statement, so it does
    not leave this function. No variable holds the statement, so no traceback shows it.
    """
    try:
        engine.execute(_attach_statement(path, key, read_only=read_only))
    except ENGINE_ERRORS as error:
        problem = problem_of(error, path) or CacheNotOpened(type(error).__name__)
    else:
        return
    raise problem


def _attach_statement(path: Path, key: CacheKey, *, read_only: bool) -> str:
    secret = b64encode(key.reveal()).decode("ascii")
    mode = ", READ_ONLY" if read_only else ""
    return f"ATTACH {_literal(str(path))} AS {DATABASE} (ENCRYPTION_KEY {_literal(secret)}{mode})"


def _remove_incomplete(path: Path) -> None:
    """Removes a file that ends within its headers, which a kill during the very first start leaves behind.

    It contains no data, and DuckDB would always call it damaged. A lock tells that another program is just creating it.
    """
    with file_problems(path), contextlib.suppress(FileNotFoundError):
        if path.stat().st_size >= HEADERS_BYTES or log_file(path).exists():
            return
        with path.open("r+b") as file, contextlib.suppress(BlockingIOError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _check_log(path: Path) -> None:
    """Raises CacheLogDamaged, and CacheBusy if it only looks so because another program is writing the log."""
    if not read_log_frames(log_file(path)).is_damaged:
        return
    if path.exists():
        with file_problems(path), open_regular(path) as file:
            if (holder := lock_holder(file)) is not None:
                raise CacheBusy(holder or None)
    raise CacheLogDamaged(path)


def _empty_spill_folder(path: Path) -> Path:
    """The spill folder, emptied of the files of a killed program: DuckDB refuses to start with them."""
    folder = private_folder(spill_folder(path))
    with file_problems(folder):
        for file in folder.iterdir():
            file.unlink()
    return folder


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
