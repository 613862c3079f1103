"""One, two and four web processes and workers on one Postgres: the shape, that nothing is bought twice, and what one
prediction costs in statements, write-ahead log and processor time.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.speed.creates import BOUNDS
from scripts.benchmarks.speed.end_to_end import SIZE, Shop
from scripts.benchmarks.stage.house import QUICK_ART, House, open_house
from scripts.benchmarks.stage.overheard import overhear
from scripts.benchmarks.stage.processes import Process, family_cpu
from scripts.benchmarks.stage.service import Service
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import Stage, open_stage

DATABASE = "scale"
PROCESSES = (1, 2, 4)
WORDS = {**QUICK_ART, "output_bytes": str(SIZE)}
LISTENED_TO = 40
POOL = "6"
"""Connections of one process, so that eight of them fit into the 100 of the embedded server."""


def measure(plan: Plan) -> list[Figure]:
    count = plan.of(240, 48)
    with open_stage() as stage:
        database = stage.migrated(DATABASE)

        def sold_by(processes: int) -> Callable[[int], float]:
            return lambda number: _sold(stage, database, processes, count)

        rounds = interleaved({_name(each): sold_by(each) for each in PROCESSES}, plan.of(3, 1))
        costs = _costs(stage, database, count)
    one = _name(PROCESSES[0])
    shape = [ratio(f"{_name(each)} ÷ {one}", rounds, _name(each), one, None) for each in PROCESSES[1:]]
    return [*shape, *costs]


def _name(processes: int) -> str:
    return f"{processes} web and {processes} workers"


def _sold(stage: Stage, database: str, processes: int, count: int) -> float:
    """Stored a second, each web process taking its share of the creates. Raises RuntimeError if one is bought twice."""
    share = count // processes
    with _opened(stage, database, processes) as (house, shops), ThreadPoolExecutor(processes) as pool:
        list(pool.map(lambda shop: shop.sell(2), shops))
        bought, began = _bought(house), time.monotonic()
        list(pool.map(lambda shop: shop.sell(share), shops))
        seconds, bought = time.monotonic() - began, _bought(house) - bought
    if bought != share * processes:
        raise RuntimeError(f"{share * processes} predictions were ordered, and {bought} were bought")
    return share * processes / seconds


@contextmanager
def _opened(stage: Stage, database: str, processes: int) -> Iterator[tuple[House, list[Shop]]]:
    with open_house(stage, database, words=WORDS, processes=processes, DATABASE_POOL_SIZE=POOL) as house:
        yield house, [_shop(stage, database, web) for web in house.webs]


def _shop(stage: Stage, database: str, web: Service) -> Shop:
    owner = f"owner-{web.port}"
    key = web.key("--owner", owner, *BOUNDS)
    return Shop(stage, database, web.port, "/api/predictions", {"Authorization": f"Bearer {key}"}, owner)


def _bought(house: House) -> int:
    return len(httpx.get(f"{house.emulator}/_ledger", trust_env=False, timeout=60).json())


def _costs(stage: Stage, database: str, count: int) -> list[Figure]:
    """Of one prediction, from its create to its stored picture, by one web process and one worker."""
    with _opened(stage, database, 1) as (house, (shop,)):
        shop.sell(10)
        parts = {"web": house.web.process, "worker": house.worker, "Postgres": stage.server}
        cpu, wal, commits = _cpu(parts), _wal(stage), _commits(stage)
        shop.sell(count)
        cpu = {name: now - cpu[name] for name, now in _cpu(parts).items()}
        wal, commits = _wal(stage) - wal, _commits(stage) - commits
        with overhear(stage) as ear:
            shop.sell(LISTENED_TO)
            heard = ear.heard(DATABASE)
    real = len([each for each in heard if not each.simple])
    told = f"with BEGIN, COMMIT and the like {len(heard) / LISTENED_TO:.0f}; those of chores among them"
    return [
        Figure("statements of a prediction", real / LISTENED_TO, None, "of them", told),
        Figure("commits of a prediction", commits / count, None, "of them", "those of chores among them"),
        Figure("write-ahead log of a prediction", wal / count / 1024, None, "KiB"),
        *(Figure(f"processor time of {name}", 1000 * taken / count, None, "ms") for name, taken in cpu.items()),
    ]


def _cpu(parts: dict[str, Process]) -> dict[str, float]:
    return {name: family_cpu(process.pid) for name, process in parts.items()}


def _wal(stage: Stage) -> int:
    return int(ask(stage.url, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes")[0]["bytes"])


def _commits(stage: Stage) -> int:
    query = "SELECT xact_commit FROM pg_stat_database WHERE datname = $1"
    return int(ask(stage.url, query, DATABASE)[0]["xact_commit"])
