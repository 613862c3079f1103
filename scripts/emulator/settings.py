"""What the process is started with: flags first, then the environment, then defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.emulator.dialect import Dialect


@dataclass(frozen=True, kw_only=True)
class Settings:
    port: int = 8001
    data: Path = Path("data")
    api_key: str = field(default="sk-emulator", repr=False)
    webhook_secret: str = field(default="whsec-emulator", repr=False)
    dialect: Dialect = field(default_factory=Dialect)
    faults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def journal(self) -> Path:
        return self.data / "emulator" / "journal.jsonl"
