"""Which face a prediction was made by, so that its own webhook speaks as that one does."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_faces"
down_revision = "2026_11_21_copies_of_deliveries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("predictions", sa.Column("face", sa.Text()))


def downgrade() -> None:
    op.drop_column("predictions", "face")
