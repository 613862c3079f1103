"""The deny-list: finds a word in every disguise, and none inside a harmless one."""

import json
import re
from pathlib import Path

import pytest

from app.moderation.deny_list import LONGEST_PIECE, OVERLAP, SHORT, DenyList
from app.moderation.entries import DenyListError, Entries, listed, parsed, read, shipped
from app.moderation.readings import readings

OWN = DenyList(
    parsed(
        """
        harmless = ["foo fighters", "blue tit"]
        [crude]
        words = ["foo", "ass", "tit", "tits", "cock", "cunt", "sex", "anus", "penis", "dick", "xxx", "bad words"]
        [other-scripts]
        words = ["裸体", "голый"]
        [places]
        patterns = [' bar (\\S+ ){0,2}baz ']
        """
    )
)
DISGUISES = {
    "as it is": "foo",
    "in a sentence": "a (foo), please!",
    "in capitals": "FOO",
    "accented": "fóö",
    "under a pile of accents": "f\u0301\u0316\u0301o\u0300o\u0336",
    "full-width": "ｆｏｏ",
    "in mathematical letters": "𝖋𝖔𝖔",
    "in circles": "ⓕⓞⓞ",
    "in black squares": "🅵🅾🅾",
    "in flags": "🇫🇴🇴",
    "in small capitals": "ꜰᴏᴏ",
    "with Cyrillic letters": "fоо",
    "with Greek letters": "fοο",
    "with strokes": "føø",
    "with zeros": "f00",
    "with a zero in capitals": "F0O",
    "with signs without width": "f\u200bo\u2060o",
    "with a soft hyphen": "f\u00adoo",
    "turned around by a mark": "\u202efoo\u202c",
    "spaced out": "f o o",
    "spaced out widely": "f   o   o",
    "hyphenated": "f-o-o",
    "dotted": "f.o.o",
    "underlined": "f_o_o",
    "starred": "f*o*o",
    "cut in the middle": "f*oo",
    "spaced out with an article": "a f o o",
    "spaced out among others": "r e d   f o o   h e r e",
    "spaced out with zeros": "f 0 o",
    "stretched beside the word's own pair": "fffoo",
    "as a tag": "#foo",
    "twice over": "F-0-о",
}
HARMLESS = [
    "Scunthorpe",
    "a blue tit on a twig",
    "Essex",
    "a cocktail at the bar",
    "the assassin of the grand bass",
    "Foo Fighters on stage",
    "the pen is red",
    "show an us map",
    "S C U N T H O R P E",
    "C O C K T A I L",
    "E S S E X",
    "Galaxy A55, 50mm, f/1.8, 8k",
    "it costs $5, or 5$",
    "title, petite, constitution",
    "sextant and Middlesex",
    "shiitake mushrooms, peacock, Hancock, Dickens",
    "a red pen.is it red?",
    "xxxl shirts and MMXXX",
    "a food photo, wide bar, empty",
    "красная лиса в снегу",
    "雪の中の赤い狐",
    "",
    "\u200b",
]


def test_the_list_of_disguises_is_not_empty_by_mistake() -> None:
    assert len(DISGUISES) > 30


@pytest.mark.parametrize("name", DISGUISES)
def test_a_word_is_found(name: str) -> None:
    verdict = OWN.verdict(DISGUISES[name])
    assert (verdict.flagged, verdict.categories) == (True, ("crude",)), readings(DISGUISES[name])


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_passes(text: str) -> None:
    assert not OWN.verdict(text).flagged, readings(text)


@pytest.mark.parametrize("text", ["@ss", "a$$", "5ex", "s3x", "d1ck", "d!ck", "seeeex", "xxx", "bаdwоrds", "b4d w0rds"])
def test_digits_and_signs_are_read_as_letters(text: str) -> None:
    assert OWN.verdict(text).flagged, readings(text)


@pytest.mark.parametrize("text", ["bad words", "bad  words", "bad-words", "badwords", "b a d w o r d s", "bad, words"])
def test_several_words_are_found_however_they_are_parted(text: str) -> None:
    assert OWN.verdict(text).flagged, readings(text)


@pytest.mark.parametrize("text", ["голый", "ГОЛЫЙ кот", "裸体画", "一张裸体照片"])
def test_other_scripts_have_words_too(text: str) -> None:
    assert OWN.verdict(text).categories == ("other-scripts",)


def test_patterns_see_the_same_readings() -> None:
    assert OWN.verdict("BÁR, by the b-a-z").categories == ("places",)
    assert not OWN.verdict("bar one two three baz").flagged


def test_all_categories_are_named() -> None:
    assert OWN.verdict("foo bar baz").categories == ("crude", "places")


REFUSED_BY_US = [
    "child porn",
    "CHILD P0RN",
    "с h i l d  p о r n",
    "childporn",
    "a nude 15 year old girl",
    "naked, little girl, photo",
    "15yo girl nude",
    "lolicon",
    "nudify this photo",
    "undress my neighbour",
    "remove her clothes",
    "revenge porn",
]
PASSED_BY_US = [
    "a red fox in the snow",
    "portrait of a nude woman by Modigliani",
    "a child holding a naked mole rat",
    "toddler shoes in nude tones",
    "a five year old painting of a nude woman",
    "the naked eye sees children",
    "strip the image of colour",
    "a wedding dress",
    "food porn for children",
    "teenage mutant ninja turtles",
    "a blue tit in Essex drinks a cocktail in Scunthorpe",
    "girl with a pearl earring, 17 years old oil painting",
]


@pytest.mark.parametrize("text", REFUSED_BY_US)
def test_our_own_list_refuses(text: str) -> None:
    assert DenyList(shipped()).verdict(text).flagged


@pytest.mark.parametrize("text", PASSED_BY_US)
def test_our_own_list_lets_pass(text: str) -> None:
    assert not DenyList(shipped()).verdict(text).flagged


def test_our_own_list_is_short() -> None:
    assert len(shipped().denied) < 50


HOSTILE = {
    "one word": "a" * 10_000,
    "digits": "a1" * 5_000,
    "spelled out": "f " * 5_000,
    "hyphenated": "f-" * 5_000,
    "a pile of accents": "f" + "\u0301\u0316" * 5_000,
    "signs alone": "-_" * 5_000,
    "one letter, then nothing": "f" + " " * 9_999,
    "signs that are sentences": "\ufdfa" * 10_000,
    "all disguises": "F-0-о " * 1_600,
    "nearly a pattern": "bar foo " * 1_250,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_has_more_than_twelve_readings_or_grows_without_bound(name: str) -> None:
    """Which is what keeps judging linear: every reading is a few passes, and RE2's own are linear by construction."""
    found = readings(HOSTILE[name])
    assert len(found) <= 12
    assert all(len(reading) <= 2 * len(HOSTILE[name]) + 2 for reading in found)


async def test_a_long_text_is_judged_like_a_short_one() -> None:
    texts = ["a red fox " * SHORT, "a red fox " * SHORT + "f o o"]
    assert [verdict.flagged for verdict in await OWN.verdicts(texts)] == [False, True]


@pytest.mark.parametrize("before", [LONGEST_PIECE - 5, LONGEST_PIECE - OVERLAP, 3 * LONGEST_PIECE])
def test_a_word_is_found_wherever_it_stands_in_a_long_text(before: int) -> None:
    assert OWN.verdict("x" * before + " bad words " + "y" * LONGEST_PIECE).flagged


def test_an_empty_list_refuses_nothing() -> None:
    assert not DenyList(Entries(())).verdict("foo").flagged


def test_thousands_of_words_are_one_search() -> None:
    words = [f"word{chr(97 + a)}{chr(97 + b)}{chr(97 + c)}" for a in range(20) for b in range(20) for c in range(10)]
    many = DenyList(parsed(f"[many]\nwords = {json.dumps(words)}"))
    assert many.verdict("a w0rd-a-b-c here").flagged
    assert not many.verdict("wordabz").flagged


UNUSABLE = {
    "no TOML": ("words = [", "no TOML"),
    "words at the top": ('words = ["foo"]', "'words' is no category"),
    "an unknown field": ('[crude]\nword = ["foo"]', "knows `words` and `patterns` alone, not word"),
    "a category in capitals": ('["My Words"]\nwords = ["foo"]', "'My Words' is no category"),
    "words that are a text": ('[crude]\nwords = "foo"', "crude.words must be a list of texts"),
    "a word of signs": ('[crude]\nwords = ["!!!"]', "'!!!' has no letter"),
    "an open bracket": ("[crude]\npatterns = ['(foo']", "is not RE2's (missing )"),
    "a look behind": ("[crude]\npatterns = ['(?<=a)b']", "is not RE2's"),
    "a reference back": ("[crude]\npatterns = ['(a)\\1']", "is not RE2's"),
    "all texts": ("[crude]\npatterns = ['.*']", "would refuse everything"),
    "too much repetition": ("[crude]\npatterns = ['((a{1,100}){1,100}){1,100}']", "is not RE2's"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_list_that_cannot_be_used_says_where(name: str) -> None:
    text, said = UNUSABLE[name]
    with pytest.raises(DenyListError, match=re.escape(said)):
        parsed(text)


def test_a_pattern_that_would_take_for_ever_elsewhere_is_welcome() -> None:
    slow = DenyList(parsed("[crude]\npatterns = ['(a+)+(a+)+(a+)+! ']"))
    assert not slow.verdict("a" * 10_000).flagged


def test_an_operator_s_list_adds_to_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('harmless = ["lolicon museum"]\n["our/taste"]\nwords = ["pineapple pizza"]')
    judge = DenyList(listed(own))
    assert judge.verdict("p1neapple pízza").categories == ("our/taste",)
    assert judge.verdict("lolicon").categories == ("sexual/minors",)
    assert not judge.verdict("the lolicon museum").flagged


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DenyListError, match="FileNotFoundError"):
        read(tmp_path / "missing.toml")
