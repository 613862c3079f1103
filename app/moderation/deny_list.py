"""Judges texts by a list of words and patterns, in linear time, without asking anybody."""

import asyncio
from collections.abc import Sequence

import re2

from app.domain.moderation import Verdict
from app.moderation.entries import DenyListError, Entries, options, word_pattern
from app.moderation.readings import readings

SHORT = 4_000
"""Characters in all; more take so long that others should get their turn meanwhile."""
LONGEST_PIECE, OVERLAP = 20_000, 500
"""A longer text is read in pieces, so that no single pass over it keeps others waiting."""
TAKEN_OUT = " … "
CLEAN = Verdict()


class DenyList:
    """One automaton for all entries, so that their number costs nothing at each text."""

    is_far = False

    def __init__(self, entries: Entries) -> None:
        """Raises DenyListError if the entries together are too many to be searched for at once."""
        self._categories = [entry.category for entry in entries.denied]
        self._denied = re2.Set.SearchSet(options())
        for entry in entries.denied:
            self._denied.Add(entry.pattern)
        self._denied.Compile()
        harmless = "|".join(f"(?:{word_pattern(word)})" for word in entries.harmless)
        self._harmless = re2.compile(harmless, options()) if harmless else None
        self._prove(entries)

    async def verdicts(self, texts: Sequence[str]) -> list[Verdict]:
        if sum(map(len, texts)) <= SHORT:
            return self._judged(texts)
        return await asyncio.to_thread(self._judged, texts)

    def verdict(self, text: str) -> Verdict:
        found = {
            self._categories[number]
            for piece in _pieces(text)
            for reading in readings(piece)
            for number in self._matches(reading)
        }
        return Verdict(True, tuple(sorted(found))) if found else CLEAN

    def _judged(self, texts: Sequence[str]) -> list[Verdict]:
        return [self.verdict(text) for text in texts]

    def _matches(self, reading: str) -> list[int]:
        left = reading if self._harmless is None else self._harmless.sub(TAKEN_OUT, reading)
        return self._denied.Match(left) or []

    def _prove(self, entries: Entries) -> None:
        """RE2 says nothing when its memory does not suffice; then a word would not even find itself."""
        for number, entry in enumerate(entries.denied):
            if entry.example is not None and number not in (self._denied.Match(entry.example) or ()):
                raise DenyListError(f"{entry.category}: too many entries to be searched for at once")


def _pieces(text: str) -> list[str]:
    """They overlap by more than any phrase is long."""
    if len(text) <= LONGEST_PIECE:
        return [text]
    return [text[start : start + LONGEST_PIECE] for start in range(0, len(text), LONGEST_PIECE - OVERLAP)]
