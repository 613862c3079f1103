import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.emulator.process import ROOT, RunningEmulator, start_emulator
from tests.emulator.receiver import Receiver
from tests.emulator.waiting import until

WANTED = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}


def post(running: RunningEmulator, body: Mapping[str, object], path: str = "/v1/predictions") -> httpx.Response:
    return httpx.post(running.url + path, json=body, headers={"x-api-key": running.key}, trust_env=False)


def get(running: RunningEmulator, path: str) -> Any:
    return httpx.get(running.url + path, trust_env=False).json()


def ledger(running: RunningEmulator) -> Any:
    return get(running, "/_ledger")


async def test_what_was_sold_survives_a_kill_and_is_finished(
    tmp_path: Path, own: list[RunningEmulator], receiver: Receiver
) -> None:
    own.append(start_emulator(tmp_path, duration=60, art="plain"))
    ids = [post(own[0], WANTED | {"webhook": receiver.url}).json()["id"] for _ in range(3)]
    post(own[0], {"drop": 0}, "/_faults")
    own[0].kill()
    own.append(start_emulator(tmp_path, own[0].port, duration=0.1, art="plain"))
    assert [row["id"] for row in ledger(own[1])] == ids
    assert get(own[1], "/_faults")["faults"] == {"drop": 0}
    await receiver.got(6)
    assert sorted(receiver.statuses) == ["starting"] * 3 + ["succeeded"] * 3
    assert {row["status"] for row in ledger(own[1])} == {"succeeded"}


async def test_a_delivery_still_owed_is_made_after_a_restart(
    tmp_path: Path, own: list[RunningEmulator], receiver: Receiver
) -> None:
    own.append(start_emulator(tmp_path, duration=0, webhook_backoff=3600, art="plain"))
    receiver.answers = [503]
    hook = {"url": receiver.url, "events": ["completed"]}
    post(own[0], WANTED | {"webhook": hook})
    await receiver.got(1)
    own[0].kill()
    own.append(start_emulator(tmp_path, own[0].port))
    first, second = await receiver.got(2)
    assert first.json["id"] == second.json["id"]
    await until(lambda: '"settled"' in (tmp_path / "emulator" / "journal.jsonl").read_text())
    own[1].kill()
    own.append(start_emulator(tmp_path, own[0].port))
    assert len(receiver.deliveries) == 2


def test_outputs_are_the_same_after_a_restart(tmp_path: Path, own: list[RunningEmulator]) -> None:
    own.append(start_emulator(tmp_path, duration=0, art="plain"))
    [url] = post(own[0], WANTED | {"await": True}).json()["output"]
    before = httpx.get(url, trust_env=False).content
    own[0].kill()
    own.append(start_emulator(tmp_path, own[0].port, art="poster", output_bytes=5_000_000))
    assert httpx.get(url, trust_env=False).content == before


def test_a_torn_last_line_is_forgotten(tmp_path: Path, own: list[RunningEmulator]) -> None:
    own.append(start_emulator(tmp_path))
    id_ = post(own[0], WANTED).json()["id"]
    own[0].kill()
    with (tmp_path / "emulator" / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"event":"accepted","id":"half')
    own.append(start_emulator(tmp_path, own[0].port))
    post(own[1], WANTED)
    own[1].kill()
    own.append(start_emulator(tmp_path, own[0].port))
    assert ledger(own[2])[0]["id"] == id_
    assert len(ledger(own[2])) == 2


def test_two_cannot_keep_one_journal(tmp_path: Path, own: list[RunningEmulator]) -> None:
    own.append(start_emulator(tmp_path))
    with pytest.raises(RuntimeError, match="Another emulator keeps this journal"):
        start_emulator(tmp_path)


async def test_it_stops_at_once_even_when_somebody_waits(tmp_path: Path, own: list[RunningEmulator]) -> None:
    own.append(start_emulator(tmp_path, duration=60))
    async with httpx.AsyncClient(base_url=own[0].url, headers={"x-api-key": own[0].key}, trust_env=False) as client:
        held = asyncio.create_task(client.post("/v1/predictions", json=WANTED | {"await": True}, timeout=30))
        await until(lambda: ledger(own[0]))
        begun = time.monotonic()
        code = await asyncio.to_thread(own[0].stop)
        assert (code, time.monotonic() - begun < 8) == (0, True)
        assert (await held).json()["status"] == "pending"
    assert "Traceback" not in own[0].log


def test_the_ledger_is_quick_with_thousands(tmp_path: Path, own: list[RunningEmulator]) -> None:
    line = (
        '{{"event":"accepted","id":"p{n}","ordinal":{n},"model":"truefusion","input":{{"prompt":"x"}},'
        '"stream":false,"webhook":null,"events":[],"created_at":1.0,"client_ip":"127.0.0.1"}}\n'
        '{{"event":"finished","id":"p{n}","status":"succeeded","at":2.0,"error":null,"credits":0.03,'
        '"files":[],"recipe":{{}}}}\n'
    )
    (tmp_path / "emulator").mkdir()
    with (tmp_path / "emulator" / "journal.jsonl").open("w") as journal:
        journal.writelines(line.format(n=n) for n in range(20_000))
    own.append(start_emulator(tmp_path))
    begun = time.monotonic()
    assert len(ledger(own[0])) == 20_000
    assert time.monotonic() - begun < 15


def test_nothing_secret_is_logged(tmp_path: Path, own: list[RunningEmulator], receiver: Receiver) -> None:
    own.append(start_emulator(tmp_path, api_key="sk-very-secret", webhook_secret="whsec-very-secret", duration=0))
    body = WANTED | {"webhook": "http://127.0.0.1:9/hook?t=secret-token", "await": True}
    assert post(own[0], body).status_code == 202
    assert own[0].stop() == 0
    assert "accepted" in own[0].log
    assert "secret" not in own[0].log


def test_help_teaches_the_options() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "scripts.emulator", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for word in ("--port", "--retention", "EMULATOR_API_KEY", "reply_cut", "/_faults"):
        assert word in shown


@pytest.mark.parametrize(
    "arguments", [["--signature", "md5"], ["--faults", '{"gremlins": 1}'], ["--faults", "{"], ["--port", "x"]]
)
def test_a_wrong_option_stops_the_start_in_one_line(tmp_path: Path, arguments: list[str]) -> None:
    failed = subprocess.run(
        [sys.executable, "-m", "scripts.emulator", "--data", str(tmp_path), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert failed.returncode != 0
    assert len(failed.stderr.strip().splitlines()) == 1


def test_it_knows_nothing_of_what_it_tests() -> None:
    for path in (ROOT / "scripts" / "emulator").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) app\b", path.read_text(), re.MULTILINE), path


def test_a_fault_that_has_passed_does_not_come_back_with_a_restart(tmp_path: Path, own: list[RunningEmulator]) -> None:
    own.append(start_emulator(tmp_path, duration=0, art="plain"))
    post(own[0], {"get_502": {"share": 1, "times": 1}}, "/_faults")
    path = f"/v1/predictions/{post(own[0], WANTED).json()['id']}"
    assert _status(own[0], path) == 502
    own[0].kill()
    own.append(start_emulator(tmp_path, own[0].port))
    assert _status(own[1], path) == 200


def _status(running: RunningEmulator, path: str) -> int:
    return httpx.get(running.url + path, headers={"x-api-key": running.key}, trust_env=False).status_code
