"""The index of waiting deliveries by their time, for queries that bound the time and for no others.

Nearly always nothing waits, so to the planner one empty index was as good as the other: in a rush it looked for the
deliveries of one prediction in that of all.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_waiting_by_time"
down_revision = "2026_11_21_webhook_endpoints"
branch_labels = None
depends_on = None

NAME, IS_WAITING = "deliveries_waiting_idx", "applied_at IS NULL AND trouble IS NULL"


def upgrade() -> None:
    _replace(f"{IS_WAITING} AND received_at IS NOT NULL")


def downgrade() -> None:
    _replace(IS_WAITING)


def _replace(condition: str) -> None:
    op.drop_index(NAME, table_name="deliveries")
    op.create_index(NAME, "deliveries", ["received_at"], postgresql_where=sa.text(condition))
