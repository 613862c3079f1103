"""Stretches of time, joined, measured and looked up. Epoch seconds."""

from collections.abc import Iterable, Sequence

Window = tuple[float, float]


def joined(windows: Iterable[Window]) -> list[Window]:
    """In order, overlapping ones as one."""
    found: list[Window] = []
    for begin, end in sorted(windows):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def overlap(one: Window, windows: Sequence[Window]) -> float:
    """Seconds of `one` that lie in any of the joined `windows`."""
    return sum(max(0.0, min(one[1], end) - max(one[0], begin)) for begin, end in windows)


def common(first: Sequence[Window], second: Sequence[Window]) -> list[Window]:
    """Where both are."""
    pairs = ((max(a, c), min(b, d)) for a, b in first for c, d in second)
    return joined((begin, end) for begin, end in pairs if begin < end)
