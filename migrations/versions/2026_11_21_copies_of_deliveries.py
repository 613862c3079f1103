"""How often a delivery came again, and what a model made besides files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_copies_of_deliveries"
down_revision = "2026_11_21_sessions_and_gallery"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("copies", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("last_copy_at", sa.DateTime(timezone=True)))
    op.add_column("predictions", sa.Column("data", postgresql.JSONB(none_as_null=True)))


def downgrade() -> None:
    op.drop_column("predictions", "data")
    op.drop_column("deliveries", "last_copy_at")
    op.drop_column("deliveries", "copies")
