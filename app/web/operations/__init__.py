"""The operations, in the order in which the document and its page tell of them."""

from app.web.operations.creating import CREATES
from app.web.operations.endpoints import ENDPOINTS
from app.web.operations.inspecting import INSPECTION
from app.web.operations.operation import Operation
from app.web.operations.reading import READS
from app.web.operations.service import SERVICE
from app.web.operations.studio import STUDIO
from app.web.operations.uploading import UPLOADS

__all__ = ["OPERATIONS", "Operation"]

OPERATIONS = (*CREATES, *UPLOADS, *READS, *STUDIO, *ENDPOINTS, *SERVICE, *INSPECTION)
