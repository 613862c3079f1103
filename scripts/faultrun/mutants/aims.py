"""One attempt each to provoke one kind of wrong. What was seen, as a sentence; empty if all was right."""

import asyncio
import hashlib
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from scripts.faultrun.budgets import PRICE, Budget
from scripts.faultrun.history import FINAL
from scripts.faultrun.mutants.shooting import Shooting
from scripts.faultrun.mutants.traces import NotPossible, unsynced

COVERED = 3
Aim = Callable[[Shooting], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Setting:
    """The house that an aim wants."""

    aim: Aim
    workers: int = 1
    lease: float = 1
    shifted: str = ""
    """A process whose clock runs ahead."""


async def crash_after_answer(shooting: Shooting) -> str:
    """The database dies the moment something was acknowledged."""
    await shooting.fetch("CHECKPOINT")  # what the migration wrote is none of this aim's business
    stories = await shooting.order(3)
    status, sha = await shooting.deliver()
    await shooting.crash_database()
    there = {row.id for row in await shooting.rows()}
    gone = [story.ids[0] for story in stories if story.ids[0] not in there]
    if gone:
        return f"{len(gone)} of {len(stories)} creates answered 201 are gone after a crash of the database"
    if status == 200 and sha not in await shooting.kept():
        return "a delivery answered 200 is gone after a crash of the database"
    await shooting.until_final(stories, 20)
    return ""


async def answer_while_database_is_frozen(shooting: Shooting) -> str:
    """What is answered then cannot have been committed."""
    proxy = shooting.house.proxies["pg-web-1"]
    await shooting.deliver()
    proxy.hold()
    status, sha = await shooting.deliver()
    await shooting.house.processes["web-1"].kill()
    proxy.release()
    await shooting.restart("web-1")
    if status == 200 and sha not in await shooting.kept():
        return "a delivery was answered 200 while the database was frozen, and is gone"
    return ""


async def lose_replies(shooting: Shooting) -> str:
    """And deliveries, which would tell too soon that there is no need to ask again."""
    await shooting.house.emulator.misbehave({"reply_cut": 1, "drop": 1})
    stories = await shooting.order(3)
    await shooting.until_final(stories, 15)
    bought = Counter(sold.prompt for sold in await shooting.sold(stories))
    twice = [count for count in bought.values() if count > 1]
    return f"{len(twice)} of {len(stories)} were bought more than once, up to {max(twice)} times" if twice else ""


async def lose_replies_and_deliveries(shooting: Shooting) -> str:
    """Several at once: only by its token can each find its own purchase."""
    await shooting.house.emulator.misbehave({"reply_cut": 1, "drop": 1})
    stories = await shooting.order(4)
    await shooting.until_final(stories, 15)
    sold = {each.id: each for each in await shooting.sold(stories)}
    rows = {row.id: row for row in await shooting.rows()}
    for story in stories:
        row = rows[story.ids[0]]
        bound = sold.get(row.provider_id or "")
        if bound is None:
            return f"{row.id} was bought and is bound to no purchase ({row.status} {row.failure})"
        if bound.prompt != row.prompt:
            return f"{row.id} is bound to somebody else's purchase"
    return ""


async def repeat_deliveries_at_once(shooting: Shooting) -> str:
    """The very same delivery, twenty times before the first is answered."""
    body = shooting.delivery()
    answers = await asyncio.gather(*(shooting.post(body) for _ in range(20)))
    bad = sorted({status for status in answers if status not in (200, 503)})
    return f"one delivery, repeated at once, was answered {bad}" if bad else ""


async def freeze_a_holder(shooting: Shooting) -> str:
    """For longer than its lease, so that another one is at the same work when it wakes up."""
    await shooting.house.emulator.misbehave({"cdn_drip": {"share": 1, "seconds": 5}})
    (story,) = await shooting.order(1) or [shooting.story()]
    if not await shooting.until([story], frozenset({"storing", *FINAL}), 10):
        return ""
    holder = await _holder(shooting, story.ids[0])
    if holder is None:
        return ""
    shooting.freeze(holder)
    await asyncio.sleep(2.5)
    shooting.thaw(holder)
    await shooting.until_final([story], 20)
    await asyncio.sleep(1)
    return shooting.fencing.wrongs[0] if shooting.fencing.wrongs else ""


async def _holder(shooting: Shooting, prediction_id: str) -> str | None:
    for _ in range(40):
        if holder := shooting.fencing.holder(prediction_id):
            return holder
        await asyncio.sleep(0.05)
    return None


async def drop_all_deliveries(shooting: Shooting) -> str:
    """Then somebody has to ask."""
    await shooting.house.emulator.misbehave({"drop": 1})
    stories = await shooting.order(2)
    return "" if await shooting.until_final(stories, 20) else "silent predictions are not final after 20 s"


async def kill_in_mid_download(shooting: Shooting) -> str:
    """Of outputs that are written in several pieces."""
    await shooting.house.emulator.speak(output_bytes=4 * 2**20)
    await shooting.house.emulator.misbehave({"cdn_drip": {"share": 1, "seconds": 2}})
    stories = await shooting.order(2)
    await shooting.until(stories, frozenset({"storing", *FINAL}), 10)
    await asyncio.sleep(0.7)
    await shooting.restart("worker-1")
    await shooting.until_final(stories, 20)
    return await _half_file(shooting)


async def _half_file(shooting: Shooting) -> str:
    """Under its final name a file is whole, whoever it belongs to. A thumbnail is ours, not the provider's."""
    true = {sha for sold in await shooting.house.emulator.sold() for sha, _ in sold.files}
    for file in shooting.house.blobs.glob("??/*"):
        if file.stem.endswith("-thumb"):
            continue
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() not in true:
            return f"{file.name} has {len(content)} bytes, which the provider never made"
    return ""


async def contradict(shooting: Shooting) -> str:
    """A signed delivery of the opposite end, once the first end is final; the duplicate before it takes the time."""
    await shooting.house.emulator.misbehave({"contradict": 1, "duplicate": {"share": 1, "copies": 2, "seconds": 2}})
    stories = await shooting.order(3)
    await shooting.until_final(stories, 15)
    for _ in range(35):
        await shooting.look()
        await asyncio.sleep(0.1)
    return shooting.life.wrongs[0] if shooting.life.wrongs else ""


async def cut_downloads(shooting: Shooting) -> str:
    """Fewer bytes than the CDN announced."""
    await shooting.house.emulator.misbehave({"cdn_truncate": {"share": 1, "times": 2}})
    await shooting.until_final(await shooting.order(3), 20)
    return await _half_file(shooting)


async def shift_a_clock(shooting: Shooting) -> str:
    """Nobody dies or sleeps, so no lease may change hands."""
    await shooting.house.emulator.misbehave({"cdn_drip": {"share": 1, "seconds": 3}})
    await shooting.until_final(await shooting.order(4), 20)
    taken = shooting.fencing.takeovers
    return f"{taken} leases were taken from a worker that held them" if taken else ""


async def order_at_once(shooting: Shooting) -> str:
    """Twelve times with one key."""
    story = shooting.story()
    await asyncio.gather(*(shooting.client().create(story, shooting.body(story)) for _ in range(12)))
    await shooting.until_final([story], 10)
    bought = len(await shooting.sold([story]))
    if len(story.ids) > 1 or bought > 1:
        return f"one key got {len(story.ids)} ids and {bought} purchases"
    return ""


async def order_beyond_a_budget(shooting: Shooting) -> str:
    """Twelve at once, of which the money of a new key covers three."""
    key, stories = await shooting.new_key(Budget("total", COVERED * PRICE)), [shooting.story() for _ in range(12)]
    await asyncio.gather(*(shooting.client(key).create(story, shooting.body(story)) for story in stories))
    admitted = [story for story in stories if story.is_created]
    await shooting.until_final(admitted, 15)
    told = f"{len(admitted)} of {len(stories)} were admitted by a budget that covers {COVERED}"
    if len(admitted) < COVERED:
        return told if all(story.is_created or story.is_refused for story in stories) else ""
    return told if len(admitted) > COVERED else ""


async def trace_the_disk(shooting: Shooting) -> str:
    """By strace: a file is synced before it gets its name."""
    strace = shutil.which("strace")
    if strace is None:
        raise NotPossible("there is no strace")
    trace = shooting.house.folder / "trace"
    process = await asyncio.create_subprocess_exec(
        *(strace, "-f", "-y", "-p", str(shooting.house.processes["worker-1"].pid), "-o", str(trace)),
        *("-e", "trace=fsync,fdatasync,rename,renameat,renameat2"),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await asyncio.sleep(1)
        await shooting.until_final(await shooting.order(2), 20)
        await asyncio.sleep(0.5)
    finally:
        process.terminate()
        await process.wait()
    return unsynced(trace)


AIMS = {
    "crash_after_answer": Setting(crash_after_answer),
    "answer_while_database_is_frozen": Setting(answer_while_database_is_frozen),
    "lose_replies": Setting(lose_replies),
    "lose_replies_and_deliveries": Setting(lose_replies_and_deliveries),
    "repeat_deliveries_at_once": Setting(repeat_deliveries_at_once),
    "freeze_a_holder": Setting(freeze_a_holder, workers=2),
    "drop_all_deliveries": Setting(drop_all_deliveries),
    "kill_in_mid_download": Setting(kill_in_mid_download),
    "trace_the_disk": Setting(trace_the_disk),
    "contradict": Setting(contradict),
    "cut_downloads": Setting(cut_downloads),
    "shift_a_clock": Setting(shift_a_clock, workers=2, lease=10, shifted="worker-2"),
    "order_at_once": Setting(order_at_once),
    "order_beyond_a_budget": Setting(order_beyond_a_budget),
}
