"""What was made besides files: whatever a model says, the database can hold it, and our addresses stand in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.data import LARGEST, data_of, with_addresses

URL = "https://replicate.delivery/a.png"
WORDS = st.text(st.characters(codec=None)) | st.just(URL) | st.sampled_from(["\0", "\ud800", "$file"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner), max_leaves=30)


@given(ANYTHING)
def test_whatever_comes_is_json_that_postgres_takes(output: Any) -> None:
    written = json.dumps(data_of(output, [URL]), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in written
    written.encode()


@given(ANYTHING)
def test_no_address_of_the_providers_stays_in_it(output: Any) -> None:
    assert URL not in _values(with_addresses(data_of(output, [URL]), {0: "ours"}))


@pytest.mark.parametrize("output", [None, "", [], {}, URL, [URL], {"images": [URL]}, [None, ""]])
def test_files_alone_are_no_data(output: Any) -> None:
    assert data_of(output, [URL]) is None


@pytest.mark.parametrize(("output", "kept"), [("a fox", "a fox"), (0, 0), (False, False), ({"n": 1, "u": URL}, None)])
def test_anything_else_is(output: Any, kept: Any) -> None:
    assert data_of(output, [URL]) == (kept if kept is not None else {"n": 1, "u": {"$file": 0}})


def test_what_is_too_much_is_not_kept() -> None:
    deep: Any = "x"
    for _ in range(1000):
        deep = [deep]
    for output in (deep, "x" * (LARGEST + 1), ["x"] * 30_000):
        assert data_of(output, []) is None


def test_a_file_that_is_not_shown_has_no_address() -> None:
    kept = data_of({"said": "two", "files": [URL, f"{URL}?2"]}, [URL, f"{URL}?2"])
    assert with_addresses(kept, {0: "ours"}) == {"said": "two", "files": ["ours", None]}


def _values(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [value for each in data.values() for value in _values(each)]
    return [value for each in data for value in _values(each)] if isinstance(data, list) else [data]
