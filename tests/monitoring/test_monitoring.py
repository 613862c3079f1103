"""Dashboard and alert rules: read by the real promtool, and about figures that `/metrics` has."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.figures import read_figures

ROOT = Path(__file__).parents[2]
RULES, DASHBOARD = ROOT / "scripts/monitoring/alerts.yaml", ROOT / "scripts/monitoring/grafana.json"
CASES = Path(__file__).with_name("alert_cases.yaml")
NAMED = re.compile(r"\bdarkroom_[a-z_]+")
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool (Debian: prometheus)")


def expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def promtool(*arguments: str | Path) -> str:
    ended = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@needs_promtool
def test_the_rules_are_rules() -> None:
    assert "rules found" in promtool("check", "rules", RULES)


@needs_promtool
def test_the_alerts_fire_when_they_should_and_not_before(tmp_path: Path) -> None:
    for file in (RULES, CASES):
        shutil.copy(file, tmp_path)
    promtool("test", "rules", tmp_path / CASES.name)


@needs_promtool
def test_the_dashboard_s_expressions_are_expressions(tmp_path: Path) -> None:
    """As rules, since that is what promtool checks; Grafana's own variables stand for durations."""
    plain = [re.sub(r"\$__(rate_interval|range)", "5m", expression) for expression in expressions()]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(plain)]
    file = tmp_path / "panels.yaml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(rules)} rules found" in promtool("check", "rules", file)


@needs_promtool
async def test_the_page_is_as_prometheus_wants_it(house: House) -> None:
    page = (await house.client.get("/metrics")).content
    command = ["promtool", "check", "metrics"]
    linted = await asyncio.to_thread(subprocess.run, command, input=page, capture_output=True, check=False, timeout=60)
    assert (linted.returncode, linted.stderr.decode()) == (0, "")


def test_the_dashboard_stands_on_its_own() -> None:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text())
    assert [each["type"] for each in found["templating"]["list"]] == ["datasource"]
    ids = [panel["id"] for panel in found["panels"]]
    assert len(ids) == len(set(ids))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in found["panels"]]
    assert len(places) == len(set(places))


async def test_every_figure_that_they_name_is_told(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    """By a house that has a budget and has bought something."""
    bounded = settings.model_copy(update={"daily_budget": 20})
    async with open_house(bounded, fresh_emulator) as house:
        made = (await house.create()).json()
        assert (await house.final(made["id"]))["status"] == "succeeded"
        page = await read_figures(house)
    families = set(page.families)
    named = set(NAMED.findall(" ".join([*expressions(), RULES.read_text()])))
    without_series = {"darkroom_drift_usd"}
    assert without_series <= families
    assert named <= page.names | without_series
    assert len(named) > 12
