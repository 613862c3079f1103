"""The ratios as a picture for the README: a dot for each, with its rounds' range and a line where its goal is.

Its colours follow the reader's own theme.
"""

import math
from collections.abc import Sequence
from html import escape

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.samples import brief, paired

WIDTH, LEFT, RIGHT, TOP, ROW = 900, 370, 140, 46, 26
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST_STEPS = 8
"""More would be written one over the other; then the powers of ten have to do."""
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .quiet { fill: #59636e } .grid { stroke: #d1d9e0 }
.one { stroke: #59636e } .reached { fill: #1a7f37; stroke: #1a7f37 } .missed { fill: #cf222e; stroke: #cf222e }
.told { fill: #59636e; stroke: #59636e } .goal { stroke: #1f2328; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #30363d } .one { stroke: #9198a1 }
  .reached { fill: #3fb950; stroke: #3fb950 } .missed { fill: #f85149; stroke: #f85149 }
  .told { fill: #9198a1; stroke: #9198a1 } .goal { stroke: #f0f6fc }
}
"""


def draw(figures: Sequence[Figure]) -> str:
    """SVG. Only ratios are drawn, on a logarithmic axis. Raises ValueError if there are none."""
    ratios = [each for each in figures if each.unit == "×" and each.value > 0]
    if not ratios:
        raise ValueError("no ratio was measured")
    axis = Axis(ratios)
    height = TOP + ROW * len(ratios) + 14
    rows = [_row(each, axis, TOP + ROW * (at + 0.5)) for at, each in enumerate(ratios)]
    title = "Ours ÷ the reference, measured in the same run: the median of the rounds, their range, the goal"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{title}</title><style>{STYLE}</style>",
            f'<text x="12" y="18">{title}</text>',
            *axis.drawn(height - 10),
            *rows,
            "</svg>\n",
        ]
    )


class Axis:
    """From the step below the smallest to the step above the largest."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        values = [value for each in figures for value in (*_ends(each), each.goal or each.value)]
        low = max((step for step in STEPS if step <= min(values)), default=STEPS[0])
        high = min((step for step in STEPS if step >= max(values)), default=STEPS[-1])
        steps = [step for step in STEPS if low <= step <= high]
        self.steps = steps if len(steps) <= MOST_STEPS else [step for step in steps if math.log10(step).is_integer()]
        self._low, self._high = math.log(low), math.log(max(high, 2 * low))

    def x(self, value: float) -> float:
        share = (math.log(value) - self._low) / (self._high - self._low)
        return round(LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT), 1)

    def drawn(self, bottom: float) -> list[str]:
        return [
            f'<line class="{"one" if step == 1 else "grid"}" x1="{self.x(step)}" x2="{self.x(step)}" y1="{TOP}" '
            f'y2="{bottom}"/><text class="quiet" x="{self.x(step)}" y="{TOP - 6}" text-anchor="middle">{step:g}×</text>'
            for step in self.steps
        ]


def _row(figure: Figure, axis: Axis, y: float) -> str:
    low, high = _ends(figure)
    kind = "told" if figure.goal is None else "reached" if figure.is_reached else "missed"
    parts = [
        f'<text x="12" y="{y + 4}">{escape(figure.name)}</text>',
        f'<line class="{kind}" x1="{axis.x(low)}" x2="{axis.x(high)}" y1="{y}" y2="{y}"/>',
        f'<circle class="{kind}" cx="{axis.x(figure.value)}" cy="{y}" r="4.5"/>',
        f'<text x="{WIDTH - RIGHT + 14}" y="{y + 4}">{brief(figure.value)}× '
        f'<tspan class="quiet">{figure.goal_shown.replace(" ×", "×")}</tspan></text>',
    ]
    if figure.goal is not None:
        at = axis.x(figure.goal)
        parts.append(f'<line class="goal" x1="{at}" x2="{at}" y1="{y - 8}" y2="{y + 8}"/>')
    return "".join(parts)


def _ends(figure: Figure) -> tuple[float, float]:
    """The smallest and the largest of its rounds."""
    if len(figure.rounds) != 2:
        return figure.value, figure.value
    ratios = [each for each in paired(*figure.rounds.values()) if each > 0] or [figure.value]
    return min(ratios), max(ratios)
