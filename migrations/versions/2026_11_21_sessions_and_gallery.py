"""Browsers that signed in with a key, and predictions that their owners published."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_sessions_and_gallery"
down_revision = "2026_11_21_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.UUID(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("sessions_pkey")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("sessions_key_id_fkey"), ondelete="CASCADE"),
    )
    op.create_index("sessions_key_id_idx", "sessions", ["key_id"])
    op.create_index("sessions_expires_at_idx", "sessions", ["expires_at"])
    op.add_column("predictions", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "predictions_published_idx", "predictions", ["id"], postgresql_where=sa.text("published_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("predictions_published_idx", table_name="predictions")
    op.drop_column("predictions", "published_at")
    op.drop_table("sessions")
