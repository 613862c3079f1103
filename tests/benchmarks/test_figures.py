"""What is made of measured values; nothing here measures anything."""

import json
from functools import partial
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from scripts.benchmarks import plot, record, table
from scripts.benchmarks.figures import Figure, from_samples, ratio
from scripts.benchmarks.record import Moment
from scripts.benchmarks.rounds import interleaved
from scripts.benchmarks.samples import median, paired, percentile

ROUNDS = {"ours": [100.0, 40.0, 90.0], "theirs": [10.0, 5.0, 10.0]}
NOW = Moment("2026-11-21T00:00:00+00:00", (0.5, 0.5, 0.5))


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 99) == 99
    assert percentile(values, 100) == 100
    assert percentile([7.0], 99) == 7


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        median([])
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 99)


def test_rounds_are_compared_one_by_one() -> None:
    assert paired([1, 4], [2, 4]) == [0.5, 1]
    with pytest.raises(ValueError, match="longer"):
        paired([1.0], [1.0, 2.0])


def test_a_round_that_the_machine_disturbed_for_both_disturbs_no_ratio() -> None:
    figure = ratio("creates", ROUNDS, "ours", "theirs", 8)
    assert (figure.value, figure.is_reached) == (9, True)
    assert figure.spread.startswith("8–10;")


@pytest.mark.parametrize(("value", "at_least", "reached"), [(2, True, True), (0.5, True, False), (0.5, False, True)])
def test_a_goal_is_a_floor_or_a_ceiling(value: float, at_least: bool, reached: bool) -> None:
    assert Figure("it", value, 1, "×", at_least=at_least).is_reached is reached


def test_a_figure_without_a_goal_misses_none() -> None:
    figure = from_samples("memory", [3, 1, 2], None, "MiB")
    assert (figure.value, figure.is_reached, figure.goal_shown) == (2, True, "")


def test_every_round_measures_all_and_the_next_in_the_opposite_order() -> None:
    asked: list[str] = []

    def measure(name: str, number: int) -> float:
        asked.append(name)
        return number

    cases = {name: partial(measure, name) for name in "abc"}
    assert interleaved(cases, 3) == {"a": [0, 1, 2], "b": [0, 1, 2], "c": [0, 1, 2]}
    assert "".join(asked) == "abccbaabc"


def test_the_table_says_what_was_missed_and_what_was_wanted() -> None:
    console = Console(width=140, record=True, file=StringIO())
    table.show([ratio("creates", ROUNDS, "ours", "theirs", 20), Figure("late", 3, 25, "ms")], console)
    lines = console.export_text().splitlines()
    creates, late = (next(line for line in lines if name in line) for name in ("creates", "late"))
    assert "≥ 20 ×" in creates and "missed" in creates
    assert "≤ 25 ms" in late and "reached" in late


def test_a_run_replaces_its_earlier_one_and_keeps_every_round(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    for goal in (20, 8):
        record.keep("creates", [ratio("creates", ROUNDS, "ours", "theirs", goal)], NOW, NOW, path)
    record.keep("polls", [Figure("late", 3, 25, "ms")], NOW, NOW, path)
    assert record.figures(path)["creates"] == [ratio("creates", ROUNDS, "ours", "theirs", 8)]
    kept = json.loads(path.read_text())
    assert list(kept) == ["creates", "polls"]
    assert {"machine", "commit", "command", "began_at", "load_before"} < set(kept["creates"])


def test_the_picture_is_sound_and_has_every_ratio_and_goal() -> None:
    figures = [ratio("a < b", ROUNDS, "ours", "theirs", 20), Figure("late", 3, 25, "ms"), Figure("tie", 1, None, "×")]
    drawn = ElementTree.fromstring(plot.draw(figures))
    texts = ["".join(each.itertext()) for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "tie", "9× ≥ 20×"} < set(texts) and "late" not in texts
    kinds = [each.get("class") for each in drawn.iter("{http://www.w3.org/2000/svg}circle")]
    assert kinds == ["missed", "told"]
    assert len([each for each in drawn.iter() if each.get("class") == "goal"]) == 1


def test_a_picture_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no ratio"):
        plot.draw([Figure("late", 3, 25, "ms")])
