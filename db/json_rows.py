"""Rows as one JSON parameter of a statement, whatever their number. The engine unpacks them."""

from collections.abc import Mapping, Sequence

import msgspec


def rows_to_json(rows: Sequence[Mapping[str, object]]) -> str:
    """The value of the parameter `$rows`."""
    return msgspec.json.encode(rows).decode()


def select_from_json(columns: Mapping[str, str]) -> str:
    """A SELECT that returns the rows in the parameter `$rows`. `columns` maps their names to SQL types."""
    structure = msgspec.json.encode([dict(columns)]).decode()
    return f"SELECT unnest(from_json($rows::JSON, '{structure}'), recursive := true)"
