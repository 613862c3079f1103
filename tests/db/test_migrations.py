"""The migrations: what the code wants is what Alembic would bring."""

import subprocess
import sys

from alembic.script import ScriptDirectory

from app.db import migrations


def test_the_revision_that_the_code_wants_is_alembic_s() -> None:
    assert migrations.head() == ScriptDirectory.from_config(migrations.config()).get_current_head()


def test_what_serves_does_not_load_alembic() -> None:
    seen = "import sys, app.cli.main, app.bootstrap; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", seen], check=False).returncode == 0
