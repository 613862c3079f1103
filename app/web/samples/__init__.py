"""Every operation as code that runs as it stands: curl, Python and JavaScript, made from the OpenAPI document alone.

`calls` reads what to send from the document's examples; `curl`, `python` and `javascript` each write one call down. The
tests run all that comes out, so an operation whose examples lack something fails there.
"""

from typing import Any

from app.web.samples import curl, javascript, python
from app.web.samples.calls import call_of

__all__ = ["FIELD", "LABELS", "with_samples"]

LANGUAGES = (
    ("Shell", "curl", curl.written),
    ("Python", "Python", python.written),
    ("JavaScript", "JavaScript", javascript.written),
)
FIELD = "x-codeSamples"
LABELS = tuple(label for _, label, _ in LANGUAGES)


def with_samples(document: dict[str, Any]) -> dict[str, Any]:
    """The same document, each of its operations with `x-codeSamples`, as Redoc and others read them."""
    paths = {
        path: {method: told | {FIELD: _samples(document, path, method)} for method, told in methods.items()}
        for path, methods in document["paths"].items()
    }
    return document | {"paths": paths}


def _samples(document: dict[str, Any], path: str, method: str) -> list[dict[str, str]]:
    call = call_of(document, path, method)
    return [{"lang": lang, "label": label, "source": written(call)} for lang, label, written in LANGUAGES]
