"""The tutorial's service beside ours, with a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import EMULATOR_KEY, SECRET, Stage

_ROWS = """
INSERT INTO predictions (id, provider_id, status, model, input, created_at)
SELECT each, each, 'processing', 'truefusion-pro', '{"prompt": "a red fox in the snow"}', now()::text
FROM unnest($1::text[]) AS each
"""


@dataclass(frozen=True, slots=True)
class Tutorial:
    port: int
    database: str
    stage: Stage

    def rows(self, count: int) -> list[str]:
        """The provider's ids of so many new predictions, which it still makes."""
        ids = [f"bench-{uuid4()}" for _ in range(count)]
        ask(self.database, _ROWS, ids)
        return ids


@contextmanager
def open_tutorial(stage: Stage, provider: str) -> Iterator[Tutorial]:
    database = stage.database("tutorial")
    words = {
        "database": database,
        "provider": provider,
        "key": EMULATOR_KEY,
        "secret": SECRET,
        "folder": str(stage.folder / "tutorial-files"),
    }
    arguments = [word for name, value in words.items() for word in (f"--{name}", value)]
    with stage.reference("tutorial", *arguments) as port:
        yield Tutorial(port, database, stage)
