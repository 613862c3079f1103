"""The job queue: PgQueuer's own tables in the schema `jobs`, as its release in the requirements wants them.

A later release of it that wants others comes with a migration that runs its planner (`Queries.apply_upgrade`).
"""

from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from sqlalchemy.util import await_only

from app.db.jobs import SETTINGS

revision = "2026_11_21_job_queue"
down_revision = "2026_11_21_predictions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _run(QueryBuilderEnvironment(SETTINGS).build_install_query(create_schema=True))


def downgrade() -> None:
    _run("DROP SCHEMA jobs CASCADE")


def _run(script: str) -> None:
    """Several statements in one text, which a prepared statement does not take: past SQLAlchemy, on its connection."""
    await_only(op.get_bind().connection.driver_connection.execute(script))
