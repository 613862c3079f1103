"""A prediction's files, read with it or for many at once."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, RowMapping, Uuid, any_, bindparam, select

from app.db.engine import Transaction
from app.db.prediction_rows import file_of, prediction_of
from app.db.tables import files
from app.domain.prediction import File, Prediction


async def with_files(tx: Transaction, row: RowMapping) -> Prediction:
    """The prediction of a row that is locked. It has files from its provider's end on, which `reported_at` tells."""
    own = await files_of(tx, [row["id"]]) if row["reported_at"] else {}
    return prediction_of(row, own.get(row["id"], ()))


async def files_of(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[File, ...]]:
    if not ids:
        return {}
    found: dict[UUID, tuple[File, ...]] = {}
    for row in (await tx.execute(_FILES_OF, {"ids": ids})).mappings():
        found[row["prediction_id"]] = (*found.get(row["prediction_id"], ()), file_of(row))
    return found


_FILES_OF = (
    select(files)
    .where(files.c.prediction_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(files.c.prediction_id, files.c.position)
)
