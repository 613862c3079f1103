"""What happened. Every change is a journal entry first; reading the journal again gives the same book."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.emulator import faults, models
from scripts.emulator.dialect import Dialect, changed
from scripts.emulator.faults import Faults
from scripts.emulator.journal import Entry, Journal
from scripts.emulator.settings import Settings

FINAL = frozenset({"succeeded", "failed", "cancelled"})
EVENT_OF = {"succeeded": "completed", "failed": "failed", "cancelled": "canceled"}


@dataclass(kw_only=True)
class Prediction:
    id: str
    ordinal: int
    model: str
    input: dict[str, Any]
    stream: bool
    webhook: str | None
    events: tuple[str, ...]
    created_at: float
    client_ip: str
    status: str = "pending"
    started_at: float | None = None
    completed_at: float | None = None
    updated_at: float = 0.0
    error: str | None = None
    credits: float | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    recipe: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False
    owed: set[str] = field(default_factory=set)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def final(self) -> bool:
        return self.status in FINAL

    @property
    def kind(self) -> models.Model:
        return models.CATALOGUE[self.model]


class Book:
    def __init__(self, settings: Settings, journal: Journal) -> None:
        self.settings = settings
        self.journal = journal
        self.predictions: dict[str, Prediction] = {}
        self.faults = Faults(self._note)
        self.dialect = Dialect()
        self.stopping = asyncio.Event()
        self.requests: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._start_over()
        for entry in journal.entries():
            self._apply(entry)
        for prediction in self.predictions.values():
            prediction.answered.set()

    def write(self, **entry: Any) -> None:
        self.journal.append(entry)
        self._apply(entry)

    def speak(self, wishes: Mapping[str, Any]) -> None:
        changed(self.dialect, wishes)
        self.write(event="dialect", wishes=dict(wishes))

    def misbehave(self, wishes: Mapping[str, Any]) -> None:
        faults.understood(wishes)
        self.write(event="faults", wishes=dict(wishes))

    def forget(self) -> None:
        self.journal.forget()
        self.predictions.clear()
        self.requests.clear()
        self._asked.clear()
        self._start_over()

    def known(self, id_: str) -> Prediction | None:
        prediction = self.predictions.get(id_)
        return None if prediction is None or prediction.deleted else prediction

    def hit(self, name: str, prediction: Prediction, part: object = "") -> faults.Hit | None:
        return self.faults.hit(name, prediction.ordinal, f"{prediction.id}/{part}")

    def expires_at(self, prediction: Prediction) -> float | None:
        if prediction.completed_at is None:
            return None
        early = self.hit("expire_early", prediction)
        return prediction.completed_at + (early["seconds"] if early else self.dialect.retention)

    def expired(self, prediction: Prediction) -> bool:
        until = self.expires_at(prediction)
        return until is not None and time.time() >= until

    def asked(self, what: str) -> int:
        """The ordinal of a request that is no prediction yet."""
        self._asked[what] += 1
        return self._asked[what] - 1

    @property
    def origin(self) -> str:
        return self.dialect.origin or f"http://127.0.0.1:{self.settings.port}"

    def _note(self, name: str, subject: str) -> None:
        self.journal.append({"event": "hit", "name": name, "subject": subject})

    def _start_over(self) -> None:
        self.dialect = self.settings.dialect
        self.faults.seed = self.dialect.seed
        self.faults.replace(self.settings.faults)

    def _apply(self, entry: Entry) -> None:
        match entry["event"]:
            case "accepted":
                self._accept(entry)
            case "dialect":
                self.dialect = changed(self.dialect, entry["wishes"])
                self.faults.seed = self.dialect.seed
            case "faults":
                self.faults.replace(entry["wishes"])
            case "hit":
                self.faults.recall(entry["name"], entry["subject"])
            case _ if entry["id"] in self.predictions:
                self._advance(self.predictions[entry["id"]], entry)

    def _accept(self, entry: Entry) -> None:
        facts = {name: value for name, value in entry.items() if name != "event"}
        facts["events"] = tuple(facts["events"])
        self.predictions[entry["id"]] = Prediction(updated_at=entry["created_at"], **facts)

    def _advance(self, prediction: Prediction, entry: Entry) -> None:
        match entry["event"]:
            case "moved":
                self._move(prediction, entry["status"], entry["at"])
            case "finished":
                self._move(prediction, entry["status"], entry["at"])
                prediction.completed_at = entry["at"]
                prediction.error, prediction.credits = entry["error"], entry["credits"]
                prediction.files, prediction.recipe = entry["files"], entry["recipe"]
                prediction.done.set()
            case "settled":
                prediction.owed.discard(entry["about"])
            case "deleted":
                prediction.deleted = True
                prediction.owed.clear()

    def _move(self, prediction: Prediction, status: str, at: float) -> None:
        prediction.status, prediction.updated_at = status, at
        if status == "starting":
            prediction.started_at = at
        about = "started" if status == "starting" else EVENT_OF.get(status)
        if about in prediction.events and prediction.webhook and not prediction.deleted:
            prediction.owed.add(about)
