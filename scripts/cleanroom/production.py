"""The image with compose.yaml's own settings: it migrates, serves, can do nothing that it need not, and stops."""

import time

import httpx

from scripts.cleanroom.container import Container
from scripts.cleanroom.stand import Stand

WEB = "http://127.0.0.1:8000"
POWERLESS = {"CapPrm": "0" * 16, "CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1"}
WRITE = "import sys; open(sys.argv[1] + '/probe', 'w')"


async def try_production(stand: Stand) -> None:
    given, note = stand.service.production, stand.promises.note
    migrated = stand.root.call(["darkroom", "migrate"], given)
    note("`darkroom migrate`", migrated.returncode == 0, _last(migrated.stdout + migrated.stderr))
    note("the health check fails while nothing runs", not stand.is_healthy(given))
    async with stand.web(given) as web:
        _is_nobody(stand, web)
        _cannot_write(stand)
        async with httpx.AsyncClient(base_url=WEB, trust_env=False) as client:
            answer = await client.get("/health/ready")
        note("GET /health/ready", answer.status_code == 200, f"{answer.status_code} {answer.text}")
        told = time.monotonic()
        web.terminate()
        await stand.ended("SIGTERM while idle", web, told)


def _is_nobody(stand: Stand, web: Container) -> None:
    status, account = web.status, stand.root.account
    is_its = status["Uid"].split() == [str(account.uid)] * 4 and status["Gid"].split() == [str(account.gid)] * 4
    stand.promises.note("runs as USER", is_its and account.uid != 0, f"uid {status['Uid'].split()[0]}")
    seen = {name: status[name] for name in POWERLESS}
    stand.promises.note("no capabilities, no new privileges", seen == POWERLESS, f"effective {status['CapEff']}")


def _cannot_write(stand: Stand) -> None:
    for place in (stand.root.workdir, "/etc", "/var/tmp"):
        tried = stand.root.call(["python", "-c", WRITE, place], {}, as_root=True)
        said = _last(tried.stderr)
        stand.promises.note(f"{place} is read-only, for root too", "Read-only file system" in said, said)
    for place in (*stand.service.tmpfs, stand.service.volume):
        tried = stand.root.call(["python", "-c", WRITE, place], {})
        stand.promises.note(f"{place} can be written to", tried.returncode == 0, _last(tried.stderr))


def _last(said: str) -> str:
    return said.strip().rpartition("\n")[2]
