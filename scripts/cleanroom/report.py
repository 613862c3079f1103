"""What was seen, as tables here and as build/image.json."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts.cleanroom.build import Step
from scripts.cleanroom.promises import Promises


@dataclass
class Report:
    base: str
    base_megabytes: float
    steps: list[Step] = field(default_factory=list)
    megabytes: float = 0.0
    promises: Promises = field(default_factory=Promises)

    def show(self) -> None:
        console = Console(width=120)
        console.print(self._steps(), self._promises())
        console.print(f"the root: {self.megabytes:.0f} MB, of which the base is {self.base_megabytes:.0f}: {self.base}")

    def keep(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n")

    def _steps(self) -> Table:
        table = Table("stage", "step", "seconds", "MB")
        for step in self.steps:
            table.add_row(step.stage, escape(step.text[:80]), f"{step.seconds:.1f}", f"{step.megabytes:.1f}")
        return table

    def _promises(self) -> Table:
        table = Table("promise", "seen", "")
        for each in self.promises.noted:
            table.add_row(escape(each.name), escape(each.seen[:60]), "[green]✓[/]" if each.is_kept else "[red]✗[/]")
        return table
