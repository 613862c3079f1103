"""Thumbnails of stored pictures."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_thumbnails"
down_revision = "2026_11_21_operations"
branch_labels = None
depends_on = None

COLUMNS = ("thumb_key", "thumb_bytes", "thumb_sha256", "thumbhash")


def upgrade() -> None:
    op.add_column("files", sa.Column("thumb_key", sa.Text(), nullable=True))
    op.add_column("files", sa.Column("thumb_bytes", sa.Integer(), nullable=True))
    op.add_column("files", sa.Column("thumb_sha256", sa.Text(), nullable=True))
    op.add_column("files", sa.Column("thumbhash", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("files_thumb_key_key"), "files", ["thumb_key"])


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("files", name)
