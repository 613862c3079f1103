"""Creates by faces on their way to an answer, so that a client's retry finds what it has bought."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_retry_guard"
down_revision = "2026_11_21_names_of_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("process", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.UUID()),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("handovers_identity_seen_at_idx", "handovers", ["identity", "seen_at"])
    op.create_index("handovers_seen_at_idx", "handovers", ["seen_at"])
    op.add_column("api_keys", sa.Column("retry_guard", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("api_keys", "retry_guard")
    op.drop_table("handovers")
