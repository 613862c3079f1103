"""JSON values of every kind, as `json.loads` gives them: NaN, infinities, huge numbers and lone surrogates too."""

from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(st.characters(), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 10**4200, 2**63])
    | st.floats()
    | TEXTS
)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def nested(depth: int, name: str | None = None) -> Any:
    """Arrays in arrays, or objects in objects under one name."""
    value: Any = [] if name is None else {}
    for _ in range(depth):
        value = [value] if name is None else {name: value}
    return value
