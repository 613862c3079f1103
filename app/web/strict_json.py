"""JSON as the contract wants it: UTF-8, one spelling, bounded, nothing in it that could not be stored."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NoReturn

from app.domain.errors import FieldProblem
from app.web.errors import RequestProblem

DEEPEST = 64
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which Postgres has no room for, and halves of surrogate pairs, which are no text."""

_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # in valid JSON the unstorable comes in escapes alone
_Path = tuple[Any, str | int] | None


def parse_json(body: bytes) -> Any:
    """JSON in UTF-8 without duplicate keys, NaN, infinities, NUL, lone surrogates or more than 64 levels."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        _refuse("The body is not UTF-8.")
    value = _loaded(text)
    if _is_too_deep(value):
        _refuse(f"The body is nested more than {DEEPEST} deep.")
    if _SUSPECT.search(text):
        _check_texts(value)
    return value


def _loaded(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_modest,
        )
    except RecursionError:
        _refuse(f"The body is nested more than {DEEPEST} deep.")
    except json.JSONDecodeError as error:
        _refuse(f"The body is not JSON (line {error.lineno}, column {error.colno}).")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        _refuse("A key is given twice in one object.", FieldProblem(printable(twice), "is given twice"))
    return value


def _no_constant(name: str) -> NoReturn:
    _refuse(f"{name} is not JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse("A number is too large.")
    return value


def _modest(text: str) -> int:
    """Whole numbers end where fractions do: nobody after us can be given one that breaks a comparison."""
    if len(text) > 300:
        _refuse("A number is too large.")
    return int(text)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_texts(value: Any) -> None:
    pending: list[tuple[Any, _Path]] = [(value, None)]
    while pending:
        item, path = pending.pop()
        if isinstance(item, str):
            _check_text(item, path)
        elif isinstance(item, dict):
            for name in item:
                _check_text(name, path)
            pending += [(inner, (path, name)) for name, inner in item.items()]
        elif isinstance(item, list):
            pending += [(inner, (path, at)) for at, inner in enumerate(item)]


def _check_text(text: str, path: _Path) -> None:
    if UNSTORABLE.search(text):
        problem = FieldProblem(_written(path), "has a NUL or half of a surrogate pair")
        raise RequestProblem("invalid_text", "A text cannot be stored.", problems=(problem,))


def _written(path: _Path) -> str:
    names: list[str] = []
    while path is not None:
        path, name = path
        names.insert(0, str(name))
    return printable(".".join(names)) or "body"


def printable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()[:100]


def _refuse(detail: str, *problems: FieldProblem) -> NoReturn:
    raise RequestProblem("invalid_json", detail, problems=problems) from None
