# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Write the sample supplier files, the same bytes for the same seed.

    python data/generate.py [--seed 2026] [--out data]

Suppliers, brands and articles are invented from the words in ``vocabulary/``. README.md beside
this file says what each file is and which traps it holds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from generator import bad_files, lists, offers, outputs
from generator.draws import stream
from generator.vocabulary import Vocabulary

HERE = Path(__file__).resolve().parent


def generate(seed: int) -> dict[str, bytes]:
    """Return the content of every file by its path below the output folder."""
    vocabulary = Vocabulary.read(HERE / "vocabulary")
    files: dict[str, bytes] = {}
    price_lists: list[lists.PriceList] = []
    for supplier, own in offers.make_offers(vocabulary, seed):
        price_lists.append(lists.assemble(supplier, own, stream(seed, "lines", supplier.file)))
        files[supplier.file] = lists.write(price_lists[-1])
    files["demo_catalogue.csv"] = outputs.catalogue(price_lists)
    files["expected.json"] = outputs.expected(seed, price_lists)
    for name, content in bad_files.make(stream(seed, "bad")).items():
        files[f"bad/{name}"] = content
    return files


def main() -> None:
    """Write the files of a seed to a folder and say how large they are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, default=HERE, help="folder, this one by default")
    arguments = parser.parse_args()
    for name, content in generate(arguments.seed).items():
        path = arguments.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
