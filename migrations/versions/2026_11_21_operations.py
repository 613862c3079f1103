"""Variations, what a form was adjusted to, and what a model list tells beyond the older fields."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_operations"
down_revision = "2026_11_21_tallies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("predictions", sa.Column("variation_of", sa.UUID(), nullable=True))
    op.add_column(
        "predictions",
        sa.Column("adjusted", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    )
    op.add_column(
        "model_lists",
        sa.Column("extras", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("model_lists", "extras")
    op.drop_column("predictions", "adjusted")
    op.drop_column("predictions", "variation_of")
