"""Reads the table of problem classes in the docstring of a module."""

import inspect
import re
from types import ModuleType

from jiacha_tui.declaration.problem import Problem

_ROW = re.compile(r"^\| (\w+) \| ([^|]+?) \|", re.MULTILINE)


def documented_codes(module: ModuleType) -> dict[str, str]:
    """The code of each class in the table."""
    rows = dict(_ROW.findall(module.__doc__ or ""))
    return {name: code for name, code in rows.items() if name != "class"}


def defined_codes(*modules: ModuleType) -> dict[str, str]:
    """The code in the source of each problem class that the modules define; a subclass may inherit it."""
    classes = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Problem) and value.__module__ == module.__name__
    }
    return {problem.__name__: _code(problem) for problem in classes - {Problem}}


def _code(problem: type[Problem]) -> str:
    for ancestor in problem.__mro__:
        match = re.search(r'super\(\).__init__\(\s*"([a-z.-]+)"', inspect.getsource(ancestor))
        if match is not None:
            return match[1]
        if ancestor is Problem:
            break
    return "(its subclasses)"
