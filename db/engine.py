"""A DuckDB engine fit for private data: an encrypted file, encrypted spill, and no way out for either.

Writing encrypted files needs the OpenSSL that DuckDB keeps in its httpfs extension. It is loaded from its wheel; the
engine never fetches one, reads no other file and reaches no network.
"""

import contextlib
import fcntl
import os
from base64 import b64encode
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb

from db.key import CacheKey
from db.problems import CacheNotOpened, EngineIncomplete, problem_of
from jiacha_tui.private_files import file_problems, private_folder

DATABASE = "cache"
"""The name that the file is attached under. The engine's own database, `memory`, holds what dies with the program."""

HEADERS_BYTES = 3 * 4096
"""What DuckDB writes into a file before it keeps anything in it."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What the engine may take of a machine that many sessions share. Beyond `memory_mb` it spills, encrypted."""

    memory_mb: int = 512
    threads: int = 2


def open_engine(path: Path, key: CacheKey, limits: EngineLimits) -> duckdb.DuckDBPyConnection:
    """An engine with the file at `path` attached; the file is made where it is missing.

    Raises CacheBusy, CacheKeyWrong, CacheTooNew, CacheDamaged, CacheNotOpened, EngineIncomplete, FileProblem.
    """
    # DuckDB makes its write-ahead log anew after each checkpoint, with the process's mask: files of ours are private.
    os.umask(0o077)
    private_folder(path.parent)
    _remove_half_made(path)
    with contextlib.ExitStack() as undo:
        engine = duckdb.connect(":memory:", config=_settings(limits))
        undo.callback(engine.close)
        _load_encryption(engine)
        _attach(engine, path, key)
        # From here on the file's lock is ours, and with it the spill folder.
        engine.execute(f"SET temp_directory = {_literal(str(_empty_spill_folder(path)))}")
        engine.execute("SET enable_external_access = false; SET lock_configuration = true")
        undo.pop_all()
    return engine


def check_encryption() -> str:
    """The version of DuckDB, once it was seen that it can encrypt here. Touches no file. Raises EngineIncomplete."""
    with duckdb.connect(":memory:", config=_settings(EngineLimits())) as engine:
        _load_encryption(engine)
    return duckdb.__version__


def spill_folder(path: Path) -> Path:
    """Where the engine of the cache at `path` puts what does not fit into memory."""
    return path.with_name(f"{path.name}.spill")


def log_file(path: Path) -> Path:
    """The write-ahead log of the cache at `path`: commits that are not yet in the file itself."""
    return path.with_name(f"{path.name}.wal")


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
        # Else a table that is missing is looked for among Python's variables.
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


def _attach(engine: duckdb.DuckDBPyConnection, path: Path, key: CacheKey) -> None:
    """Attaches the file.

    ATTACH takes no parameters, so the key is part of the statement. The engine's own error, which may quote it, ends
    here, and no variable holds the statement for a traceback to show.
    """
    try:
        engine.execute(_attach_statement(path, key))
    except duckdb.Error as error:
        problem = problem_of(error, path) or CacheNotOpened(type(error).__name__)
    else:
        return
    raise problem


def _attach_statement(path: Path, key: CacheKey) -> str:
    secret = b64encode(key.reveal()).decode("ascii")
    return f"ATTACH {_literal(str(path))} AS {DATABASE} (ENCRYPTION_KEY {_literal(secret)})"


def _remove_half_made(path: Path) -> None:
    """A kill in the middle of the very first start leaves a file without all its headers, in which nothing can be.

    DuckDB would call it damaged for ever. The lock tells it from a file that another program is just making.
    """
    with file_problems(path), contextlib.suppress(FileNotFoundError):
        if path.stat().st_size >= HEADERS_BYTES or log_file(path).exists():
            return
        with path.open("r+b") as file, contextlib.suppress(BlockingIOError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _empty_spill_folder(path: Path) -> Path:
    """What a killed program spilled is of no use to anybody, and DuckDB refuses to start over it."""
    folder = private_folder(spill_folder(path))
    with file_problems(folder):
        for left_over in folder.iterdir():
            left_over.unlink()
    return folder


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
