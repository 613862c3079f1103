"""Examples in several languages, of which the reader chooses one for the whole page, without a script.

The radio buttons beside the contents decide, and the labels above every example belong to them; the style shows what
is chosen. All languages of an example share one place, so that nothing moves when another is chosen.
"""

from collections.abc import Mapping
from typing import Any

from app.web.docs.html import Html, code, joined, tag, void
from app.web.samples import FIELD, LABELS


def chooser() -> Html:
    choices = [joined(_button(name), tag("label", name, for_=_id(name))) for name in LABELS]
    return tag("fieldset", tag("legend", "Examples in"), *choices, class_="languages")


def _button(name: str) -> Html:
    checked = "checked" if name == LABELS[0] else ""
    return void("input", type="radio", name_="language", id=_id(name), checked=checked, **{"aria-label": name})


def examples(operation: Mapping[str, Any]) -> Html:
    found = operation.get(FIELD, ())
    labels = [tag("label", each["label"], for_=_id(each["label"])) for each in found]
    sources = [code(each["source"], class_=_id(each["label"])) for each in found]
    return tag("div", tag("div", *labels, class_="labels"), *sources, class_="examples") if found else Html("")


def _id(name: str) -> str:
    return f"in-{name.lower()}"
