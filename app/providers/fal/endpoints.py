"""Where fal keeps what: a create goes to the whole endpoint, everything after it to the endpoint's app."""

from urllib.parse import quote

NAMESPACES = ("workflows", "comfy")
"""Ids below these have one part more in front."""
APP_PARTS = 2


def submit_path(model: str) -> str | None:
    """`fal-ai/flux/dev` → `/fal-ai/flux/dev`; None for what can be no endpoint's id."""
    parts = _parts(model)
    return None if parts is None else "/" + "/".join(parts)


def request_path(model: str, request_id: str) -> str | None:
    """`fal-ai/flux/dev` and an id → `/fal-ai/flux/requests/{id}`; None for what can be no endpoint's id."""
    parts = _parts(model)
    if parts is None:
        return None
    app = parts[: APP_PARTS + (parts[0] in NAMESPACES)]
    return "/".join(["", *app, "requests", quote(request_id, safe="")])


def _parts(model: str) -> list[str] | None:
    """Each fit for a path; empty ones and dots would lead elsewhere."""
    parts = model.split("/")
    if any(part.strip(" .") == "" for part in parts):
        return None
    return [quote(part, safe="", errors="replace") for part in parts]
