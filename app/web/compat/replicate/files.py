"""Files to work on: pictures, as in our own API, since predictions take nothing else.

Their address, `urls.get`, stands in an input for the file; `orders` puts its id there. What is kept is the picture bare
of its metadata, so that size and checksum are of that. A download's own signature, of a secret that no route of
Replicate's tells, is not known here: the owner's key opens it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.actions.delete_upload import delete_upload
from app.actions.read_upload import list_uploads, read_upload
from app.actions.upload_file import upload_file
from app.domain.caller import Caller
from app.domain.errors import FieldProblem, FileNotFound, InvalidRequest
from app.domain.upload import UPLOAD_ID, Upload
from app.storage.inputs import LARGEST_INPUT
from app.web import files
from app.web.compat.replicate.objects import page_object, time_of
from app.web.compat.replicate.orders import PREFIX
from app.web.compat.replicate.predictions import answer
from app.web.forms import Form, read_form
from app.web.orders import LARGEST_METADATA
from app.web.requests import bad_parameter, single_parameter
from app.web.shared import shared
from app.web.strict_json import UNSTORABLE, parse_json

FIELD, TEXTS = "content", ("filename", "type", "metadata")
LONGEST_NAME = 255
PAGE = 100


async def create(request: Request, caller: Caller) -> Response:
    common = shared(request)
    async with read_form(request, FIELD, LARGEST_INPUT, TEXTS, longest_text=LARGEST_METADATA) as form:
        upload = await upload_file(
            common.database,
            common.blobs,
            common.admission.space,
            common.admission.examiner,
            form.read,
            owner=caller.owner,
            keep_metadata=False,
            field=FIELD,
            name=_name(form),
            metadata=_metadata(form.texts.get("metadata", "")),
        )
    return answer(_shown(request, upload), 201)


async def page(request: Request, caller: Caller) -> Response:
    for unknown in sorted(set(request.query_params) - {"cursor"}):
        raise bad_parameter(unknown, "is not a parameter of this list")
    cursor, common = single_parameter(request, "cursor"), shared(request)
    before = None if cursor is None else _position(cursor)
    found = await list_uploads(common.database, owner=caller.owner, limit=PAGE, before=before)
    place = f"{common.views.public_url}{PREFIX}/files"
    following = f"{place}?cursor={_cursor(found[PAGE - 1])}" if len(found) > PAGE else None
    return answer(page_object([_shown(request, each) for each in found[:PAGE]], following))


async def read(request: Request, caller: Caller) -> Response:
    upload = await read_upload(shared(request).database, _id(request), owner=caller.owner)
    return answer(_shown(request, upload))


async def download(request: Request, caller: Caller) -> Response:
    upload = await read_upload(shared(request).database, _id(request), owner=caller.owner)
    request.path_params["key"] = upload.stored.key
    return await files.read(request)


async def delete(request: Request, caller: Caller) -> Response:
    common = shared(request)
    await delete_upload(common.database, common.blobs, _id(request), owner=caller.owner)
    return Response(status_code=204)


def _shown(request: Request, upload: Upload) -> dict[str, Any]:
    """With a name and an etag, without which PyPI 1.0.7 takes no file."""
    common, stored = shared(request), upload.stored
    return {
        "id": upload.id,
        "name": upload.name or upload.id,
        "content_type": stored.content_type,
        "size": stored.bytes,
        "etag": f'"{stored.sha256}"',
        "checksums": {"sha256": stored.sha256},
        "metadata": dict(upload.metadata),
        "created_at": time_of(upload.created_at),
        "expires_at": time_of(upload.last_used_at + timedelta(hours=common.policy.upload_hours)),
        "urls": {"get": f"{common.views.public_url}{PREFIX}/files/{upload.id}"},
    }


def _name(form: Form) -> str:
    name = form.texts.get("filename") or form.name
    if len(name.encode()) > LONGEST_NAME or UNSTORABLE.search(name):
        problem = FieldProblem("filename", f"must be a text of at most {LONGEST_NAME} bytes")
        raise InvalidRequest("The file's name cannot be kept.", problems=(problem,))
    return name


def _metadata(text: str) -> dict[str, Any]:
    """A field of the form from PyPI, a file of its own from npm; the form does not tell them apart."""
    value = parse_json(text.encode()) if text and len(text) <= LARGEST_METADATA else {} if not text else None
    if not isinstance(value, dict):
        problem = FieldProblem("metadata", f"must be a JSON object of at most {LARGEST_METADATA:,} bytes")
        raise InvalidRequest("The file's metadata cannot be kept.", problems=(problem,))
    return value


def _cursor(upload: Upload) -> str:
    return urlsafe_b64encode(f"{upload.created_at.isoformat()} {upload.id}".encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        created_at, _, upload_id = urlsafe_b64decode(cursor + "==").decode("ascii").partition(" ")
        at = datetime.fromisoformat(created_at)
    except ValueError:
        raise bad_parameter("cursor", "must be from the `next` of an earlier page") from None
    if at.tzinfo is None or UPLOAD_ID.fullmatch(upload_id) is None:
        raise bad_parameter("cursor", "must be from the `next` of an earlier page")
    return at, upload_id


def _id(request: Request) -> str:
    upload_id: str = request.path_params["id"]
    if UPLOAD_ID.fullmatch(upload_id) is None:
        raise FileNotFound("There is no such file.")
    return upload_id
