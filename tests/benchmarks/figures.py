"""A measured figure, printed as a table for people and as JSON lines for machines."""

import json
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure.

    figure: dotted name, as `import.csv_100k.vs_floor`
    value: the measure; a speed is always a ratio of two sides of one run
    goal: what it should reach, None when it is only told
    better: which way is good
    """

    figure: str
    value: float
    goal: float | None = None
    better: Literal["higher", "lower"] = "higher"

    @property
    def reached(self) -> bool | None:
        """Whether the goal is met, None without a goal."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.better == "higher" else self.value <= self.goal


def print_figures(figures: list[Figure]) -> None:
    """Print a table, then one JSON object a line."""
    width = max((len(figure.figure) for figure in figures), default=0)
    for figure in figures:
        goal = "" if figure.goal is None else f"{figure.goal:>12,.3g}"
        verdict = {True: "reached", False: "missed", None: ""}[figure.reached]
        print(f"{figure.figure:<{width}}  {figure.value:>14,.3f}  {goal:>12}  {verdict}")
    for figure in figures:
        print(
            json.dumps(
                {
                    "figure": figure.figure,
                    "value": round(figure.value, 4),
                    "goal": figure.goal,
                    "better": figure.better,
                }
            )
        )
