"""A prediction's row and a key's tell of their changes themselves: nobody who writes can forget it, and it costs no
statement. A prediction tells where its version has grown, which is where a client can see a difference; a key where
anything changed but the time of its last use."""

from alembic import op

revision = "2026_11_21_rows_that_tell"
down_revision = "2026_11_21_faces"
branch_labels = None
depends_on = None

TELL = """
CREATE FUNCTION darkroom_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], COALESCE(NEW.id, OLD.id)::text);
    RETURN NULL;
END $$
"""
STATEMENTS = (
    TELL,
    "CREATE TRIGGER tells_of_coming_and_going AFTER INSERT OR DELETE ON predictions"
    " FOR EACH ROW EXECUTE FUNCTION darkroom_tell('darkroom_changes')",
    "CREATE TRIGGER tells_of_changes AFTER UPDATE ON predictions FOR EACH ROW"
    " WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION darkroom_tell('darkroom_changes')",
    "CREATE TRIGGER tells_of_going AFTER DELETE ON api_keys"
    " FOR EACH ROW EXECUTE FUNCTION darkroom_tell('darkroom_keys')",
    "CREATE TRIGGER tells_of_changes AFTER UPDATE ON api_keys FOR EACH ROW"
    " WHEN (to_jsonb(OLD) - 'last_used_at' IS DISTINCT FROM to_jsonb(NEW) - 'last_used_at')"
    " EXECUTE FUNCTION darkroom_tell('darkroom_keys')",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table, trigger in (
        ("predictions", "tells_of_coming_and_going"),
        ("predictions", "tells_of_changes"),
        ("api_keys", "tells_of_going"),
        ("api_keys", "tells_of_changes"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP FUNCTION darkroom_tell()")
