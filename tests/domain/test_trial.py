"""Deliveries of our own making: the providers' words, and changes by path."""

from typing import Any

import pytest

from app.domain.trial import EVENTS, UnusableOverride, changed, composed, event_of


@pytest.mark.parametrize("word", ["prediction.succeeded", "completed", " Succeeded "])
def test_every_provider_s_word_is_understood(word: str) -> None:
    assert event_of(word) == "succeeded"


def test_an_unknown_word_is_none() -> None:
    assert event_of("exploded") is None


@pytest.mark.parametrize("provider", ["skytells", "replicate"])
@pytest.mark.parametrize("event", sorted(set(EVENTS.values())))
def test_every_event_names_its_prediction(provider: str, event: Any) -> None:
    assert composed(provider, event, "p-1")["id"] == "p-1"


def test_an_envelope_is_skytells_alone() -> None:
    assert composed("skytells", "canceled", "p", dialect="envelope")["type"] == "prediction.cancelled"
    assert "type" not in composed("replicate", "canceled", "p", dialect="envelope")


@pytest.mark.parametrize(
    ("overrides", "made"),
    [
        ({"a": 2}, {"a": 2, "list": [1]}),
        ({"list.0": 2}, {"a": 1, "list": [2]}),
        ({"list.1": 2}, {"a": 1, "list": [1, 2]}),
        ({"new.deep": None}, {"a": 1, "list": [1], "new": {"deep": None}}),
    ],
)
def test_values_are_changed_by_path(overrides: dict[str, Any], made: dict[str, Any]) -> None:
    body = {"a": 1, "list": [1]}
    assert changed(body, overrides) == made
    assert body == {"a": 1, "list": [1]}


@pytest.mark.parametrize("path", ["a.b", "list.2", "list.x", "list.-1"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(UnusableOverride, match=r"^(a\.b|list)"):
        changed({"a": 1, "list": [1]}, {path: 2})
