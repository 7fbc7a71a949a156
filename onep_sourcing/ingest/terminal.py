"""A preview as tables for a terminal."""

from __future__ import annotations

from typing import Any


def as_text(result: dict[str, Any]) -> str:
    """Return the preview as tables for a terminal."""
    counts, lines = result["counts"], []
    parts = [result["format"], result["encoding"], _shown(result["delimiter"]), result["sheet"]]
    lines.append("  ".join(str(part) for part in parts if part))
    if result["compression"]:
        archive = result["compression"].upper()
        lines[-1] += f"  out of {archive}" + (f": {result['member']}" if result["member"] else "")
    if result["header_row"]:
        lines[-1] += f"  header in line {result['header_row']}"
    lines += ["", "COLUMNS"]
    for entry in result["mapping"]:
        target = entry["field"] or (
            "? " + ", ".join(entry["alternatives"][:2]) if entry["level"] == "asked" else "-"
        )
        why = "; ".join(entry["why"])
        lines.append(f"  {entry['column'][:32]:<32} {target:<26} {entry['confidence']:.2f}  {why}")
    if result["semantics"]:
        lines += ["", "FIGURES"]
    for meaning in result["semantics"]:
        why = "; ".join(reason["message"] for reason in meaning["why"])
        lines.append(
            f"  {meaning['kind']:<32} {meaning['value']:<26} {meaning['confidence']:.2f}  {why}"
        )
    if result["held"]:
        lines += ["", f"HELD: {result['held']}"]
    of = " (sample)" if result["sampled"] else ""
    rows, accepted, quarantined = (counts[key] for key in ("rows", "accepted", "quarantined"))
    lines += ["", f"ROWS{of}: {rows} = {accepted} accepted + {quarantined} quarantined"]
    for issue in result["issues"][:20]:
        raw = f" [{issue['raw'][:40]}]" if issue["raw"] else ""
        lines.append(f"  line {issue['line']:<7} {issue['severity']:<7} {issue['message']}{raw}")
    if len(result["issues"]) > 20:
        lines.append(f"  … {len(result['issues']) - 20} more")
    if result["repairs"]:
        lines += ["", f"REPAIRED{of}"]
    for repair in result["repairs"]:
        lines.append(f"  {repair['count']:<8} {repair['field'] or '-':<26} {repair['message']}")
    lines += ["", "FIRST OFFERS"]
    for offer in result["offers"][:10]:
        price = f"{offer['purchase_price']} {offer['currency'] or ''}".strip()
        stock = "-" if offer["stock_quantity"] is None else offer["stock_quantity"]
        lines.append(
            f"  {offer['supplier_sku'][:20]:<20} {offer['ean'] or '-':<14} "
            f"{price:>14}  stock {stock!s:<7} {(offer['name'] or '')[:50]}"
        )
    return "\n".join(lines) + "\n"


def _shown(delimiter: str | None) -> str | None:
    return {"\t": "tab", ",": "comma", ";": "semicolon"}.get(delimiter or "", delimiter)
