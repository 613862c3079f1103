"""An input's pictures before anything is paid for: uploads are there and the caller's own, data URIs are whole
pictures, and a mask is as large as its image."""

from collections.abc import Mapping
from typing import Any

from app.actions.refuse_picture import TOO_LARGE, sentence
from app.db import uploads
from app.db.engine import Database, Transaction
from app.domain.errors import FieldProblem, InvalidRequest
from app.domain.pictures import Picture, decoded, pictures_of, upload_ids
from app.domain.prediction import Prediction
from app.outbound.errors import UrlRefused
from app.outbound.urls import check_url
from app.storage.errors import FileRefused
from app.storage.inputs import LARGEST_INPUT, Examiner

MOST_PICTURES = 16
NO_SUCH_FILE = "there is no such file"
NO_PICTURE = "must be a file's id, an https URL or a data URI of a picture in base64"
Size = tuple[int | None, int | None]


async def check_pictures(database: Database, examiner: Examiner, given: Mapping[str, Any], *, owner: str) -> None:
    """Raises InvalidRequest, which names the fields."""
    found = pictures_of(given)
    if len(found) > MOST_PICTURES:
        raise _refused(FieldProblem("input", f"may have at most {MOST_PICTURES} pictures"))
    sizes = await _upload_sizes(database, given, owner)
    problems = []
    for picture in found:
        problem = await _problem(examiner, picture, sizes)
        if problem is not None:
            problems.append(FieldProblem(picture.field, problem))
    if problems:
        raise _refused(*problems)
    _check_mask({picture.field: sizes[picture.given] for picture in found if picture.given in sizes})


async def hold_uploads(tx: Transaction, *new: Prediction) -> None:
    """In the transaction that then adds these predictions, all of one owner: from now on nobody removes their uploads.

    Raises InvalidRequest for one that has gone since it was checked.
    """
    ids = {upload_id for prediction in new for upload_id in prediction.uploads}
    gone = ids - await uploads.renew(tx, new[0].owner, ids) if ids else set()
    if gone:
        fields = [picture.field for each in new for picture in pictures_of(each.input) if picture.given in gone]
        raise _refused(*(FieldProblem(field, NO_SUCH_FILE) for field in fields))


async def _upload_sizes(database: Database, given: Mapping[str, Any], owner: str) -> dict[str, Size]:
    ids = upload_ids(given)
    if not ids:
        return {}
    async with database.transaction() as tx:
        there = await uploads.load(tx, owner, ids)
    return {upload.id: (upload.stored.width, upload.stored.height) for upload in there.values()}


async def _problem(examiner: Examiner, picture: Picture, sizes: dict[str, Size]) -> str | None:
    """Leaves a data URI's size among the others."""
    if picture.given in sizes:
        return None
    if picture.is_data:
        return await _problem_of_data(examiner, picture, sizes)
    if picture.is_upload or picture.given.startswith("file_"):
        return NO_SUCH_FILE
    return _problem_of_address(picture.given) if picture.is_plain else None


async def _problem_of_data(examiner: Examiner, picture: Picture, sizes: dict[str, Size]) -> str | None:
    content = decoded(picture.given)
    if content is None:
        return NO_PICTURE
    if len(content) > LARGEST_INPUT:
        return TOO_LARGE
    try:
        facts = (await examiner.prepared(lambda: content)).facts
    except FileRefused as refusal:
        return sentence(refusal)
    sizes[picture.given] = (facts.width, facts.height)
    return None


def _problem_of_address(url: str) -> str | None:
    try:
        check_url(url, allow_http=False)
    except UrlRefused as refused:
        return NO_PICTURE if refused.reason in ("scheme", "unparsable") else f"is no URL to fetch ({refused.reason})"
    return None


def _check_mask(sizes: Mapping[str, Size]) -> None:
    image, mask = sizes.get("input.image"), sizes.get("input.mask")
    if image is not None and mask is not None and image != mask:
        (width, height), (wide, high) = image, mask
        raise _refused(FieldProblem("input.mask", f"has {wide}×{high} pixels, the image {width}×{height}"))


def _refused(*problems: FieldProblem) -> InvalidRequest:
    return InvalidRequest("The input's pictures cannot be used.", problems=problems)
