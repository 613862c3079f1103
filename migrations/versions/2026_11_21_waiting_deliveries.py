"""Deliveries that wait to be applied, by their time: a worker looks for them five times a second."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_waiting_deliveries"
down_revision = "2026_11_21_rows_that_tell"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_waiting = sa.text("applied_at IS NULL AND trouble IS NULL")
    op.create_index("deliveries_waiting_idx", "deliveries", ["received_at"], postgresql_where=is_waiting)


def downgrade() -> None:
    op.drop_index("deliveries_waiting_idx", table_name="deliveries")
