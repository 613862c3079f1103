"""Endpoints that owners register for their webhooks, what each is owed, and every attempt to deliver it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_webhook_endpoints"
down_revision = "2026_11_21_retry_guard"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    _endpoints()
    _notices()
    _attempts()


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key_id", sa.UUID()),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text()),
        sa.Column("previous_until", Time),
        sa.Column("created_at", Time, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", Time, server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", Time),
        sa.Column("disabled_reason", sa.Text()),
        sa.Column("failing_since", Time),
        sa.Column("failing_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed_on", sa.Date()),
        sa.Column("warned_at", Time),
        sa.Column("strikes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", Time),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_endpoints_pkey")),
    )
    op.create_index("webhook_endpoints_owner_idx", "webhook_endpoints", ["owner"])
    op.create_index(
        "webhook_endpoints_failing_idx",
        "webhook_endpoints",
        ["failing_since"],
        postgresql_where=sa.text("failing_since IS NOT NULL"),
    )


def _notices() -> None:
    op.add_column("notices", sa.Column("endpoint_id", sa.UUID()))
    op.add_column("notices", sa.Column("type", sa.Text(), server_default="", nullable=False))
    op.add_column("notices", sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
    op.add_column("notices", sa.Column("data", postgresql.JSONB()))
    op.execute(
        "UPDATE notices SET sequence = predictions.version,"
        " type = 'prediction.' || CASE notices.event WHEN 'start' THEN 'started' ELSE predictions.status END"
        " FROM predictions WHERE predictions.id = notices.prediction_id"
    )
    for name in ("prediction_id", "url"):
        op.alter_column("notices", name, nullable=True)
    op.drop_constraint(op.f("notices_prediction_id_event_key"), "notices")
    op.create_index(
        "notices_prediction_id_event_endpoint_id_key",
        "notices",
        ["prediction_id", "event", "endpoint_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("prediction_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("notices_endpoint_id_fkey"), "notices", "webhook_endpoints", ["endpoint_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index("notices_owner_id_idx", "notices", ["owner", "id"])
    op.create_index(
        "notices_endpoint_id_id_idx",
        "notices",
        ["endpoint_id", "id"],
        postgresql_where=sa.text("endpoint_id IS NOT NULL"),
    )


def _attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("endpoint_id", sa.UUID()),
        sa.Column("at", Time, nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_attempts_pkey")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("webhook_attempts_notice_id_fkey"), ondelete="CASCADE"
        ),
    )
    op.create_index("webhook_attempts_notice_id_idx", "webhook_attempts", ["notice_id"])
    op.create_index(
        "webhook_attempts_endpoint_id_id_idx",
        "webhook_attempts",
        ["endpoint_id", "id"],
        postgresql_where=sa.text("endpoint_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("webhook_attempts")
    op.execute("DELETE FROM notices WHERE endpoint_id IS NOT NULL")
    op.drop_index("notices_prediction_id_event_endpoint_id_key", table_name="notices")
    op.create_unique_constraint(op.f("notices_prediction_id_event_key"), "notices", ["prediction_id", "event"])
    op.drop_index("notices_owner_id_idx", table_name="notices")
    for name in ("endpoint_id", "type", "sequence", "data"):
        op.drop_column("notices", name)
    for name in ("prediction_id", "url"):
        op.alter_column("notices", name, nullable=False)
    op.drop_table("webhook_endpoints")
