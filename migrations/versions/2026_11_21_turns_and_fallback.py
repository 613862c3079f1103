"""Turns at a provider that limits us, and the models that may make a prediction instead."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_turns_and_fallback"
down_revision = "2026_11_21_thumbnails"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "predictions", sa.Column("fallback", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    )
    op.add_column("predictions", sa.Column("waits_since", Time, nullable=True))
    op.create_index(
        "predictions_provider_work_id_idx",
        "predictions",
        ["provider", "work", "id"],
        postgresql_where=sa.text("work IS NOT NULL"),
    )
    op.add_column("provider_pauses", sa.Column("limited_until", Time, nullable=True))
    op.create_table(
        "provider_sends",
        sa.Column("token", postgresql.UUID(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("counts_until", Time, nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("provider_sends_pkey")),
    )
    op.create_index("provider_sends_provider_idx", "provider_sends", ["provider"])


def downgrade() -> None:
    op.drop_table("provider_sends")
    op.drop_column("provider_pauses", "limited_until")
    op.drop_index("predictions_provider_work_id_idx", table_name="predictions")
    op.drop_column("predictions", "waits_since")
    op.drop_column("predictions", "fallback")
