"""JSON values as they are written down in a program: on one line where they are short, else one entry a line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_LINE = 88


@dataclass(frozen=True, slots=True)
class Language:
    """`words` are its own for JSON's. `comma`: whether one may follow the last entry. `pad` is a step to the right."""

    words: Mapping[str, str]
    comma: str
    pad: str


PYTHON = Language({"true": "True", "false": "False", "null": "None"}, ",", "    ")
JSON = Language({}, "", "  ")


def literal(value: Any, language: Language, depth: int = 0) -> str:
    """`depth` steps to the right from its second line on."""
    flat = _flat(value, language)
    if not isinstance(value, dict | list) or len(flat) + len(language.pad) * (depth + 2) <= LONGEST_LINE:
        return flat
    opened, closed = "[]" if isinstance(value, list) else "{}"
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    pad = "\n" + language.pad * (depth + 1)
    entries = [pad + _name(name) + literal(each, language, depth + 1) for name, each in pairs]
    return opened + ",".join(entries) + language.comma + "\n" + language.pad * depth + closed


def _flat(value: Any, language: Language) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_flat(each, language) for each in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(_name(name) + _flat(each, language) for name, each in value.items()) + "}"
    text = json.dumps(value, ensure_ascii=False)
    return language.words.get(text, text)


def _name(name: str | int) -> str:
    return "" if isinstance(name, int) else f"{json.dumps(name, ensure_ascii=False)}: "
