"""Layouts whose answers are known: those that are measured on, those gathered since, and those
invented to learn from.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

LAYOUTS = Path(__file__).parents[2] / "onep_sourcing" / "tests" / "data" / "feed_layouts.jsonl"
GATHERED = LAYOUTS.with_name("gathered_layouts.txt")
INVENTED = LAYOUTS.with_name("invented_layouts.txt")
_PRICED = frozenset({"purchase_price", "recommended_retail_price", "tier_price"})


@dataclass(frozen=True)
class Layout:
    """A file whose answers are known.

    names: unique names of its columns; answers: acceptable fields of each, None for ignoring it
    """

    id: str
    language: str
    names: list[str]
    sample: pd.DataFrame
    answers: list[list[str | None]]

    @property
    def supplier(self) -> str:
        """Whose file it is: the name in its id (`fr-rexel-enrichi` is of rexel)."""
        return self.id.split("-")[1]

    @property
    def is_priced(self) -> bool:
        """Some column is a price."""
        return any(_PRICED.intersection(answer) for answer in self.answers)


def read_layouts(path: Path) -> list[Layout]:
    """Read layouts, one JSON object a line."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        item = json.loads(line)
        headers, width = item["headers"], len(item["headers"])
        names = unique_names(headers)
        rows = [([cell or "" for cell in row] + [""] * width)[:width] for row in item["rows"]]
        stripped = {header.strip(): answer for header, answer in item["mapping"].items()}
        answers = []
        for header in headers:
            answer = item["mapping"].get(header, stripped.get(header.strip()))
            answers.append(answer if isinstance(answer, list) else [answer])
        sample = pd.DataFrame(rows, columns=names, dtype=str)
        found.append(Layout(item["id"], item["language"], names, sample, answers))
    return found


def read_text(path: Path) -> list[Layout]:
    """Read layouts as text: `## id`, then a line a column, `header => fields | cells`."""
    found: list[tuple[str, list[str], list[list[str | None]], list[list[str]]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append((line[3:].strip(), [], [], []))
        elif " => " in line and found:
            header, rest = line.split(" => ", 1)
            answers, cells = rest.split(" |", 1)
            _id, headers, fields, columns = found[-1]
            headers.append(header)
            fields.append([None if name == "-" else name for name in answers.split("/")])
            columns.append([cell.strip() for cell in cells.split(";")])
    layouts = []
    for name, headers, fields, columns in found:
        names, height = unique_names(headers), max(map(len, columns))
        filled = [(column + [""] * height)[:height] for column in columns]
        sample = pd.DataFrame(dict(zip(names, filled, strict=True)), dtype=str)
        layouts.append(Layout(name, name.split("-")[0], names, sample, fields))
    return layouts


def unique_names(headers: list[str]) -> list[str]:
    """Return headers as the readers name columns: `X (2)` the second time, `Column 3` unnamed."""
    seen: Counter[str] = Counter()
    names = []
    for place, header in enumerate(headers, 1):
        name = header.strip()
        seen[name] += 1
        numbered = f"{name} ({seen[name]})" if seen[name] > 1 else name
        names.append(numbered if name else f"Column {place}")
    return names
