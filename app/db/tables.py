"""The tables, for queries; `migrations/` makes them, and `./scripts/check` compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

Time = DateTime(timezone=True)
Money = Numeric(20, 6)

predictions = Table(
    "predictions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("input", JSONB, nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("webhook_url", Text),
    Column("webhook_events", ARRAY(Text), nullable=False, server_default="{}"),
    Column("callback_token", Text, nullable=False, unique=True),
    Column("client_token", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("provider_id", Text),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("failure_provider_code", Text),
    Column("predict_time", Double),
    Column("billed", Money),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("asked_at", Time),
    Column("cancel_asked_at", Time),
    Column("started_at", Time),
    Column("reported_at", Time),
    Column("completed_at", Time),
    Column("work", Text),
    Column("due_at", Time),
    Column("deadline_at", Time),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("attempt_token", UUID),
    Column("key_id", UUID),
    Column("batch_id", UUID),
    Column("price", Money),
    Column("held", Money, nullable=False, server_default="0"),
    Column("captured", Money),
    Column("budget_day", Date),
    Column("variation_of", UUID),
    Column("adjusted", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("fallback", JSONB, nullable=False, server_default="[]"),
    Column("waits_since", Time),
    Column("uploads", ARRAY(Text), nullable=False, server_default="{}"),
    Column("data", JSONB(none_as_null=True)),
    Column("published_at", Time),
    Column("face", Text),
    Index("predictions_owner_id_idx", "owner", "id"),
    Index("predictions_batch_id_idx", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    Index(
        "predictions_unfinished_idx",
        "owner",
        "key_id",
        postgresql_where=text("status IN ('starting', 'processing')"),
    ),
    Index(
        "predictions_provider_provider_id_key",
        "provider",
        "provider_id",
        unique=True,
        postgresql_where=text("provider_id IS NOT NULL"),
    ),
    Index("predictions_due_at_idx", "due_at", postgresql_where=text("work IS NOT NULL")),
    Index("predictions_provider_work_id_idx", "provider", "work", "id", postgresql_where=text("work IS NOT NULL")),
    Index("predictions_published_idx", "id", postgresql_where=text("published_at IS NOT NULL")),
)

files = Table(
    "files",
    metadata,
    Column("prediction_id", UUID, ForeignKey("predictions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("source_url", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("key", Text, unique=True),
    Column("content_type", Text),
    Column("bytes", BigInteger),
    Column("sha256", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("quarantined_at", Time),
    Column("thumb_key", Text, unique=True),
    Column("thumb_bytes", Integer),
    Column("thumb_sha256", Text),
    Column("thumbhash", Text),
    Index("files_lost_idx", "prediction_id", postgresql_where=text("state = 'lost'")),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("content_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
    Column("last_used_at", Time, nullable=False, server_default=text("now()")),
    Column("name", Text, nullable=False, server_default=""),
    Column("metadata", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("uploads_last_used_at_idx", "last_used_at"),
    Index("uploads_owner_created_at_idx", "owner", "created_at", "id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("identity", LargeBinary, nullable=False),
    Column("provider_id", Text),
    Column("prediction_id", UUID, ForeignKey("predictions.id", ondelete="SET NULL")),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Time, nullable=False, server_default=text("now()")),
    Column("applied_at", Time),
    Column("trouble", Text),
    Column("copies", Integer, nullable=False, server_default="0"),
    Column("last_copy_at", Time),
    UniqueConstraint("provider", "identity"),
    Index(
        "deliveries_unmatched_idx",
        "provider",
        "provider_id",
        postgresql_where=text("applied_at IS NULL AND trouble IS NULL"),
    ),
    Index(  # its last condition keeps it out of every query that bounds no time (`inbox`)
        "deliveries_waiting_idx",
        "received_at",
        postgresql_where=text("applied_at IS NULL AND trouble IS NULL AND received_at IS NOT NULL"),
    ),
    Index("deliveries_prediction_id_idx", "prediction_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("prediction_id", UUID, nullable=False),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
    Index("idempotency_keys_created_at_idx", "created_at"),
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("identity", LargeBinary, nullable=False),
    Column("process", UUID, nullable=False),
    Column("state", Text, nullable=False),
    Column("prediction_id", UUID),
    Column("arrived_at", Time, nullable=False),
    Column("seen_at", Time, nullable=False),
    Index("handovers_identity_seen_at_idx", "identity", "seen_at"),
    Index("handovers_seen_at_idx", "seen_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("prefix", Text, nullable=False, unique=True),
    Column("key_sha256", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
    Column("revoked_at", Time),
    Column("scopes", ARRAY(Text), nullable=False, server_default="{create,read,admin}"),
    Column("rate_limit", Text),
    Column("max_unfinished", Integer),
    Column("daily_budget", Money),
    Column("monthly_budget", Money),
    Column("total_budget", Money),
    Column("last_used_at", Time),
    Column("previous_prefix", Text, unique=True),
    Column("previous_sha256", LargeBinary),
    Column("previous_until", Time),
    Column("retry_guard", Boolean, nullable=False, server_default=true()),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", LargeBinary, primary_key=True),
    Column("key_id", UUID, ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
    Column("last_used_at", Time, nullable=False, server_default=text("now()")),
    Column("expires_at", Time, nullable=False),
    Index("sessions_key_id_idx", "key_id"),
    Index("sessions_expires_at_idx", "expires_at"),
)

model_lists = Table(
    "model_lists",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("models", JSONB, nullable=False),
    Column("extras", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("fetched_at", Time, nullable=False, server_default=text("now()")),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("prediction_id", UUID, ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    Column("at", Time, nullable=False, server_default=text("clock_timestamp()")),
    Column("kind", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Index("events_prediction_id_id_idx", "prediction_id", "id"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("prediction_id", UUID, ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    Column("at", Time, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("status", Integer),
    Column("answer", JSON(none_as_null=True)),
    Column("trouble", Text),
    Column("seconds", Double, nullable=False),
    Index("exchanges_prediction_id_id_idx", "prediction_id", "id"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("prediction_id", UUID, ForeignKey("predictions.id", ondelete="CASCADE")),
    Column("endpoint_id", UUID, ForeignKey("webhook_endpoints.id", ondelete="CASCADE")),
    Column("owner", Text, nullable=False),
    Column("url", Text),
    Column("event", Text, nullable=False),
    Column("type", Text, nullable=False, server_default=""),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("data", JSONB(none_as_null=True)),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
    Column("due_at", Time),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("attempt_token", UUID),
    Column("delivered_at", Time),
    Column("last_outcome", Text),
    Index(
        "notices_prediction_id_event_endpoint_id_key",
        "prediction_id",
        "event",
        "endpoint_id",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("prediction_id IS NOT NULL"),
    ),
    Index("notices_due_at_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("notices_owner_id_idx", "owner", "id"),
    Index("notices_endpoint_id_id_idx", "endpoint_id", "id", postgresql_where=text("endpoint_id IS NOT NULL")),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("key_id", UUID),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False, server_default="{}"),
    Column("description", Text, nullable=False, server_default=""),
    Column("secret", Text, nullable=False),
    Column("previous_secret", Text),
    Column("previous_until", Time),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
    Column("updated_at", Time, nullable=False, server_default=text("now()")),
    Column("disabled_at", Time),
    Column("disabled_reason", Text),
    Column("failing_since", Time),
    Column("failing_days", Integer, nullable=False, server_default="0"),
    Column("failed_on", Date),
    Column("warned_at", Time),
    Column("strikes", Integer, nullable=False, server_default="0"),
    Column("paused_until", Time),
    Index("webhook_endpoints_owner_idx", "owner"),
    Index("webhook_endpoints_failing_idx", "failing_since", postgresql_where=text("failing_since IS NOT NULL")),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("notice_id", UUID, ForeignKey("notices.id", ondelete="CASCADE"), nullable=False),
    Column("endpoint_id", UUID),
    Column("at", Time, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("status", Integer),
    Column("outcome", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    Index("webhook_attempts_notice_id_idx", "notice_id"),
    Index("webhook_attempts_endpoint_id_id_idx", "endpoint_id", "id", postgresql_where=text("endpoint_id IS NOT NULL")),
)

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("prediction_id", UUID, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("provider_id", Text),
    Column("deleted_at", Time, nullable=False, server_default=text("now()")),
    Index(
        "tombstones_provider_provider_id_idx",
        "provider",
        "provider_id",
        postgresql_where=text("provider_id IS NOT NULL"),
    ),
)

doomed_blobs = Table(
    "doomed_blobs",
    metadata,
    Column("key", Text, primary_key=True),
    Column("doomed_at", Time, nullable=False, server_default=text("now()")),
)

provider_pauses = Table(
    "provider_pauses",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("until", Time, nullable=False),
    Column("limited_until", Time),
)

provider_sends = Table(
    "provider_sends",
    metadata,
    Column("token", UUID, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("counts_until", Time, nullable=False),
    Index("provider_sends_provider_idx", "provider"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", Time, nullable=False, server_default=text("clock_timestamp()")),
    Column("day", Date, nullable=False),
    Column("prediction_id", UUID, nullable=False),
    Column("owner", Text, nullable=False),
    Column("key_id", UUID),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("held", Money, nullable=False),
    Column("captured", Money, nullable=False),
    Column("note", Text),
    UniqueConstraint("prediction_id", "kind"),
    Index("ledger_day_idx", "day"),
    Index("ledger_owner_day_idx", "owner", "day"),
    Index("ledger_key_id_day_idx", "key_id", "day", postgresql_where=text("key_id IS NOT NULL")),
)

balances = Table(
    "balances",
    metadata,
    Column("account", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("held", Money, nullable=False),
    Column("captured", Money, nullable=False),
)

balance_moves = Table(
    "balance_moves",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("held", Money, nullable=False),
    Column("captured", Money, nullable=False),
    Index("balance_moves_account_period_idx", "account", "period"),
)

spend_alerts = Table(
    "spend_alerts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("percent", Integer, primary_key=True),
    Column("at", Time, nullable=False, server_default=text("now()")),
    Column("told_at", Time),
)

drift = Table(
    "drift",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("ours", Money, nullable=False),
    Column("theirs", Money, nullable=False),
    Column("unknown_here", Integer, nullable=False),
    Column("unknown_there", Integer, nullable=False),
    Column("compared_at", Time, nullable=False, server_default=text("now()")),
)

batches = Table(
    "batches",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("created_at", Time, nullable=False, server_default=text("now()")),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("expires_at", Time, nullable=False),
    Index("rate_limits_expires_at_idx", "expires_at"),
    prefixes=["UNLOGGED"],
)

tallies = Table(
    "tallies",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("labels", ARRAY(Text), nullable=False),
    Column("bucket", Double),
    Column("count", BigInteger, nullable=False),
    Column("total", Double, nullable=False),
    Column("at", Time, nullable=False, server_default=text("now()")),
)
