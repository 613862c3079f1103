"""Uploads keep the name and the notes that some clients give them, and are listed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_21_names_of_uploads"
down_revision = "2026_11_21_exchanges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("uploads", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    op.add_column("uploads", sa.Column("metadata", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")))
    op.create_index("uploads_owner_created_at_idx", "uploads", ["owner", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("uploads_owner_created_at_idx", "uploads")
    op.drop_column("uploads", "metadata")
    op.drop_column("uploads", "name")
