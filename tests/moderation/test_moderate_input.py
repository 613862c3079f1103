"""An input before its moderators: what of it is prose, who is asked, and what a refusal says."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.actions.moderate_input import moderate
from app.domain.errors import ContentRefused, ModerationUnavailable
from app.domain.moderation import Verdict


class Listening:
    """Flags texts with the word `bad`, and remembers all it was asked."""

    is_far = False

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def verdicts(self, texts: Sequence[str]) -> list[Verdict]:
        self.texts += texts
        return [Verdict("bad" in text, ("crude", "worse") if "bad" in text else ()) for text in texts]


class Away:
    is_far = False

    async def verdicts(self, texts: Sequence[str]) -> list[Verdict]:
        raise ModerationUnavailable("away")


async def heard(given: dict[str, Any]) -> list[str]:
    moderator = Listening()
    await moderate([moderator], given)
    return moderator.texts


async def test_every_prose_is_judged() -> None:
    given = {"prompt": "a fox", "style": ["soft", {"mood": "calm"}], "width": 512, "seed": None, "hd": True}
    assert await heard(given) == ["a fox", "soft", "calm"]


async def test_links_and_inline_files_are_not_read() -> None:
    given = {"prompt": "a fox", "image": "https://example.com/a.png", "mask": "data:image/png;base64,AAAA"}
    assert await heard(given) == ["a fox"]


@pytest.mark.parametrize("prompt", ["https://example.com/bad", "data:image/png,bad"])
async def test_a_prompt_is_prose_whatever_it_looks_like(prompt: str) -> None:
    with pytest.raises(ContentRefused):
        await heard({"prompt": prompt})


@pytest.mark.parametrize("value", ["https://example.com/a bad one", "data:text/plain,bad", "ftp://bad", "bad://a"])
async def test_what_only_begins_like_a_link_is_prose(value: str) -> None:
    with pytest.raises(ContentRefused):
        await heard({"caption": value})


async def test_the_parts_of_a_negative_prompt_are_judged_one_by_one() -> None:
    """Who lists what must not be seen is careful, and the list as a sentence would say the opposite."""
    assert await heard({"prompt": "a fox", "negative_prompt": "blurry, nude; child\n "}) == [
        "a fox",
        "blurry",
        " nude",
        " child",
    ]


async def test_a_refusal_names_the_field_and_the_category_and_not_the_text() -> None:
    with pytest.raises(ContentRefused) as refused:
        await heard({"prompt": "a fox", "extra": {"captions": ["fine", "a bad secret thing"]}})
    (problem,) = refused.value.problems
    assert problem.field == "input.extra.captions.1"
    assert "crude, worse" in refused.value.detail
    assert "secret" not in refused.value.detail + problem.message


async def test_the_first_refusal_spares_the_others_the_question() -> None:
    second = Listening()
    with pytest.raises(ContentRefused):
        await moderate([Listening(), second], {"prompt": "bad"})
    assert second.texts == []


async def test_trouble_is_not_hidden() -> None:
    with pytest.raises(ModerationUnavailable):
        await moderate([Listening(), Away()], {"prompt": "good"})


async def test_nobody_is_asked_about_nothing() -> None:
    await moderate([Away()], {"prompt": "  ", "width": 512})


async def test_without_moderators_all_passes() -> None:
    await moderate((), {"prompt": "bad"})
