"""The ledger and its balances, what a key may do, rate limits, batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_money_keys_and_limits"
down_revision = "2026_11_21_receipts_and_cancels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "balances",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("held", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("captured", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.PrimaryKeyConstraint("account", "period", name=op.f("balances_pkey")),
    )
    op.create_table(
        "balance_moves",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("held", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("captured", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("balance_moves_pkey")),
    )
    op.create_index("balance_moves_account_period_idx", "balance_moves", ["account", "period"], unique=False)
    op.create_table(
        "batches",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("batches_pkey")),
    )
    op.create_table(
        "drift",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ours", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("theirs", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("unknown_here", sa.Integer(), nullable=False),
        sa.Column("unknown_there", sa.Integer(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("provider", "day", name=op.f("drift_pkey")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("prediction_id", sa.UUID(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key_id", sa.UUID(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("captured", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_pkey")),
        sa.UniqueConstraint("prediction_id", "kind", name=op.f("ledger_prediction_id_kind_key")),
    )
    op.create_index("ledger_day_idx", "ledger", ["day"], unique=False)
    op.create_index(
        "ledger_key_id_day_idx",
        "ledger",
        ["key_id", "day"],
        unique=False,
        postgresql_where=sa.text("key_id IS NOT NULL"),
    )
    op.create_index("ledger_owner_day_idx", "ledger", ["owner", "day"], unique=False)
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("rate_limits_pkey")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("rate_limits_expires_at_idx", "rate_limits", ["expires_at"], unique=False)
    op.create_table(
        "spend_alerts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", "period", "percent", name=op.f("spend_alerts_pkey")),
    )
    op.add_column(
        "api_keys",
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), server_default="{create,read,admin}", nullable=False),
    )
    op.add_column("api_keys", sa.Column("rate_limit", sa.Text(), nullable=True))
    op.add_column("api_keys", sa.Column("max_unfinished", sa.Integer(), nullable=True))
    op.add_column("api_keys", sa.Column("daily_budget", sa.Numeric(precision=20, scale=6), nullable=True))
    op.add_column("api_keys", sa.Column("monthly_budget", sa.Numeric(precision=20, scale=6), nullable=True))
    op.add_column("api_keys", sa.Column("total_budget", sa.Numeric(precision=20, scale=6), nullable=True))
    op.add_column("api_keys", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_keys", sa.Column("previous_prefix", sa.Text(), nullable=True))
    op.add_column("api_keys", sa.Column("previous_sha256", sa.LargeBinary(), nullable=True))
    op.add_column("api_keys", sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("api_keys_previous_prefix_key"), "api_keys", ["previous_prefix"])
    op.add_column("files", sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("predictions", sa.Column("key_id", sa.UUID(), nullable=True))
    op.add_column("predictions", sa.Column("batch_id", sa.UUID(), nullable=True))
    op.add_column("predictions", sa.Column("price", sa.Numeric(precision=20, scale=6), nullable=True))
    op.add_column(
        "predictions", sa.Column("held", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False)
    )
    op.add_column("predictions", sa.Column("captured", sa.Numeric(precision=20, scale=6), nullable=True))
    op.add_column("predictions", sa.Column("budget_day", sa.Date(), nullable=True))
    op.create_index(
        "predictions_batch_id_idx",
        "predictions",
        ["batch_id"],
        unique=False,
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(
        "predictions_unfinished_idx",
        "predictions",
        ["owner", "key_id"],
        unique=False,
        postgresql_where=sa.text("status IN ('starting', 'processing')"),
    )


def downgrade() -> None:
    op.drop_index(
        "predictions_unfinished_idx",
        table_name="predictions",
        postgresql_where=sa.text("status IN ('starting', 'processing')"),
    )
    op.drop_index(
        "predictions_batch_id_idx", table_name="predictions", postgresql_where=sa.text("batch_id IS NOT NULL")
    )
    op.drop_column("predictions", "budget_day")
    op.drop_column("predictions", "captured")
    op.drop_column("predictions", "held")
    op.drop_column("predictions", "price")
    op.drop_column("predictions", "batch_id")
    op.drop_column("predictions", "key_id")
    op.drop_column("files", "quarantined_at")
    op.drop_constraint(op.f("api_keys_previous_prefix_key"), "api_keys", type_="unique")
    op.drop_column("api_keys", "previous_until")
    op.drop_column("api_keys", "previous_sha256")
    op.drop_column("api_keys", "previous_prefix")
    op.drop_column("api_keys", "last_used_at")
    op.drop_column("api_keys", "total_budget")
    op.drop_column("api_keys", "monthly_budget")
    op.drop_column("api_keys", "daily_budget")
    op.drop_column("api_keys", "max_unfinished")
    op.drop_column("api_keys", "rate_limit")
    op.drop_column("api_keys", "scopes")
    op.drop_table("spend_alerts")
    op.drop_index("rate_limits_expires_at_idx", table_name="rate_limits")
    op.drop_table("rate_limits")
    op.drop_index("ledger_owner_day_idx", table_name="ledger")
    op.drop_index("ledger_key_id_day_idx", table_name="ledger", postgresql_where=sa.text("key_id IS NOT NULL"))
    op.drop_index("ledger_day_idx", table_name="ledger")
    op.drop_table("ledger")
    op.drop_table("drift")
    op.drop_table("batches")
    op.drop_index("balance_moves_account_period_idx", table_name="balance_moves")
    op.drop_table("balance_moves")
    op.drop_table("balances")
