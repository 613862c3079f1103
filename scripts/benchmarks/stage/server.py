"""`python -m scripts.benchmarks.stage.server FOLDER`: the embedded Postgres, until SIGTERM.

Prints its URL once it answers. Its settings are those that `up` gives it; beside them it keeps its words as JSON lines
in FOLDER/log, so that the statements it was asked can be read when somebody turns `log_statement` on.
"""

import asyncio
import signal
import sys
from pathlib import Path

from app.embedded import EmbeddedPostgres

LOG = "postgres"


async def serve(folder: Path) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    server = EmbeddedPostgres(folder / "database", settings=_settings(folder / "log"))
    await server.start()
    print(server.url, flush=True)
    await stopping.wait()
    await server.stop()


def _settings(log: Path) -> dict[str, str]:
    log.mkdir(parents=True, exist_ok=True)
    return {
        "logging_collector": "on",
        "log_destination": "jsonlog",
        "log_directory": str(log),
        "log_filename": f"{LOG}.log",
        "log_rotation_age": "0",
        "log_rotation_size": "0",
        "log_timezone": "UTC",
    }


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
