"""Who held which work when it was written, as heard on the workers' connections to Postgres.

A claim of a collection gives it to one worker. Until the next claim nobody else may change that prediction; what a
worker writes after its lease was taken counts, unless it changed no row.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from scripts.faultrun.pgwire import Statement

UPDATE = re.compile(r"UPDATE (?:public\.)?predictions SET (?P<set>.*?) WHERE (?P<where>.*)", re.DOTALL)
ID = re.compile(r"predictions\.id = \$(\d+)")
WORK = re.compile(r"predictions\.work = \$(\d+)")
TOKEN_SET = re.compile(r"attempt_token=\$(\d+)")


@dataclass(frozen=True, slots=True)
class Claim:
    """From `at`, in epoch seconds, a worker held the work of a prediction."""

    prediction_id: str
    worker: str
    at: float


@dataclass(slots=True)
class Fencing:
    claims: list[Claim] = field(default_factory=list)
    takeovers: int = 0
    """Collections that another worker claimed while they were held."""
    late: int = 0
    """Writes of a dispossessed worker that changed nothing, as it must be."""
    wrongs: list[str] = field(default_factory=list)
    _holders: dict[str, str] = field(default_factory=dict)

    def session(self, worker: str) -> Callable[[Statement], None]:
        """For one connection: what it did counts when it commits."""
        pending: list[Statement] = []

        def heard(statement: Statement) -> None:
            word = statement.tag.partition(" ")[0]
            if word == "COMMIT":
                for each in pending:
                    self._done(worker, each)
                pending.clear()
            elif word in ("BEGIN", "ROLLBACK"):
                self.late += sum(each.rows == 0 for each in pending)
                pending.clear()
            elif UPDATE.match(statement.sql):
                pending.append(statement)

        return heard

    def holder(self, prediction_id: str) -> str | None:
        """Who collects it, as far as was heard."""
        return self._holders.get(prediction_id)

    def _done(self, worker: str, statement: Statement) -> None:
        found = UPDATE.match(statement.sql)
        prediction = _value(ID, found["where"], statement) if found else None
        if found is None or prediction is None or len(prediction) != 16:
            return
        name, work = str(UUID(bytes=prediction)), _value(WORK, found["where"], statement)
        if work is not None and TOKEN_SET.search(found["set"]):
            self._claimed(Claim(name, worker, statement.at), work.decode(errors="replace"), statement.rows)
        elif "version=" in found["set"]:
            self._written(name, worker, statement)

    def _claimed(self, claim: Claim, work: str, rows: int) -> None:
        if rows != 1:
            return
        self.claims.append(claim)
        name, worker = claim.prediction_id, claim.worker
        if work != "collect":
            self._holders.pop(name, None)
            return
        self.takeovers += self._holders.get(name, worker) != worker
        self._holders[name] = worker

    def _written(self, name: str, worker: str, statement: Statement) -> None:
        holder = self._holders.get(name, worker)
        if holder == worker:
            return
        if statement.rows == 0:
            self.late += 1
        else:
            self.wrongs.append(f"{worker} wrote {name} while {holder} held it, at {statement.at:.1f}")


def _value(where: re.Pattern[str], text: str, statement: Statement) -> bytes | None:
    found = where.search(text)
    at = int(found[1]) - 1 if found else -1
    return statement.values[at] if 0 <= at < len(statement.values) else None
