"""What may be used as an input."""

from app.web import schemas
from app.web.operations.operation import KEYED, Operation
from app.web.parameters import KEEP_METADATA, UPLOAD

UPLOADS = (
    Operation(
        "post",
        "/api/files",
        "uploadFile",
        "Upload a picture to work on",
        "files",
        about="JPEG, PNG or WebP of up to 10 MiB and 40 million pixels, by its content; a still GIF or AVIF becomes a "
        "PNG. EXIF, XMP and other metadata are taken out, but for the orientation; the pixels stay as they are.",
        answer=schemas.UploadView,
        status=201,
        answers="Kept; `Location` is its address.",
        parameters=(KEEP_METADATA,),
        problems=(
            *KEYED,
            "invalid_form",
            "invalid_request",
            "unsupported_media_type",
            "body_too_slow",
            "body_too_large",
            "rate_limited",
            "storage_full",
        ),
        upload=True,
    ),
    Operation(
        "get",
        "/api/files/{id}",
        "readUpload",
        "Read what was uploaded",
        "files",
        answer=schemas.UploadView,
        answers="As it is kept.",
        parameters=(UPLOAD,),
        problems=(*KEYED, "file_not_found"),
    ),
    Operation(
        "delete",
        "/api/files/{id}",
        "deleteUpload",
        "Delete an upload",
        "files",
        answer=schemas.UploadDeleted,
        answers="Gone for good.",
        parameters=(UPLOAD,),
        problems=(*KEYED, "file_not_found", "file_in_use"),
    ),
)
