"""Hypothesis strategies of price lists, well made and then damaged."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import openpyxl
import xlwt
from hypothesis import strategies as st

CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "cp1250")
DELIMITERS = (";", ",", "\t", "|", "~", "§", "||")
NAMES = (
    "Référence", "EAN", "Désignation", "Prix net HT", "Prix public TTC", "Stock", "Délai", "Poids",
    "Dimensions", "Colisage", "TVA", "Devise", "Prix 10+", "Qté mini", "Remise", "Action", "Image",
    "Unité de prix", "Dispo", "", "EAN", "Column 2", "prix",
)  # fmt: skip
CELLS = (
    "", " ", "A-1", "4006381333931", "4,00638E+12", '="00123"', "12,50", "1.234,56 €", "1 234",
    "-5", "sur devis", ">100", "rupture", "J+3", "05/12/2026", "99/99/9999", "semaine 60",
    "2-3 sem.", "48h", "1,2 kg", "10x20x5 cm", "lot de 6", "35+10", "10 %", "0,1", "net", "D",
    "Total général", "€", "x" * 300, '"', '""', "a;b", "l1\nl2", "=cmd|' /C calc'!A0", "\x00",
    "\ufeff", "\u2028", "٣", "１２", "∞", "nan", "1e400", "9" * 400, "--", "<b>x</b>",
    "&#x110000;", "&eacute;", "\ud7ff", "𝟙", "0x1F", "1_000",
)  # fmt: skip

cell = st.sampled_from(CELLS) | st.text(max_size=12)
row = st.lists(cell, min_size=1, max_size=9)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows under a header, or under none, as ragged as they come."""
    rows = draw(st.lists(row, max_size=14))
    if draw(st.booleans()):
        rows.insert(0, draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=9)))
    for _title in range(draw(st.integers(0, 2))):
        rows.insert(0, [draw(cell)])
    return rows


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Delimited or padded text in any encoding."""
    sign = draw(st.sampled_from(DELIMITERS))
    end = draw(st.sampled_from(("\n", "\r\n", "\r")))
    style = draw(st.sampled_from(("plain", "quoted", "padded")))
    lines = []
    for cells in draw(tables()):
        if style == "quoted":
            cells = ['"' + text.replace('"', '""') + '"' for text in cells]
        if style == "padded":
            lines.append("".join(text[:14].ljust(16) for text in cells))
        else:
            lines.append(sign.join(cells))
    return end.join(lines).encode(draw(st.sampled_from(CODECS)), "replace")


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """XLSX with merged cells, old XLS, and pages that call themselves workbooks."""
    rows = draw(tables())
    kind = draw(st.sampled_from(("xlsx", "xls", "html", "xml")))
    data = io.BytesIO()
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for number, cells in enumerate(rows, start=1):
            for place, text in enumerate(cells, start=1):
                clean = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)
                book.active.cell(number, place).value = draw(
                    st.sampled_from((clean, 12.5, 7, True))
                )
        if rows and draw(st.booleans()):
            book.active.merge_cells(f"A1:C{draw(st.integers(1, 5))}")
        book.save(data)
        return data.getvalue()
    if kind == "xls":
        sheet = (old := xlwt.Workbook()).add_sheet("a")
        for number, cells in enumerate(rows):
            for place, text in enumerate(cells):
                sheet.write(number, place, text.encode("utf-8", "replace").decode()[:300])
        old.save(data)
        return data.getvalue()
    span = draw(st.sampled_from(("", " colspan=3", " rowspan=9999", ' colspan="x"')))
    lines = "".join("<tr>" + "".join(f"<td{span}>{text}" for text in cells) for cells in rows)
    if kind == "html":
        return f"<html><table>{lines}</table>".encode("utf-8", "replace")
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    lines = "".join(
        f'<Row ss:Index="{draw(st.integers(0, 99))}">'
        + "".join(f"<Cell><Data>{text.replace('<', '')}</Data></Cell>" for text in cells)
        + "</Row>"
        for cells in rows
    )
    head = f'<Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="a"><Table>'
    return f"{head}{lines}</Table></Worksheet></Workbook>".encode("utf-8", "replace")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | cell,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), below, max_size=6)
    ),
    max_leaves=30,
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """JSON and XML of any shape."""
    if draw(st.booleans()):
        return json.dumps(draw(values)).encode()
    names = st.sampled_from(("item", "ean", "price", "name", "sku", "stock", "a"))

    def element(depth: int) -> str:
        name = draw(names)
        inside = draw(st.sampled_from(CELLS)).replace("<", "").replace("\x00", "")
        if depth:
            inside += "".join(element(depth - 1) for _ in range(draw(st.integers(0, 4))))
        return f"<{name} id='{draw(st.integers(0, 9))}'>{inside}</{name}>"

    return element(3).encode("utf-8", "replace")


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """One or several of these in a ZIP or GZ."""
    inner = st.one_of(texts(), workbooks(), documents(), st.binary(max_size=200))
    if draw(st.booleans()):
        return gzip.compress(draw(inner))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(draw(st.integers(0, 3))):
            archive.writestr(
                draw(st.sampled_from(("a.csv", "b.xlsx", "../c.csv", "d/"))) + str(number),
                draw(inner),
            )
    return data.getvalue()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file with bytes cut out, doubled, overwritten or moved."""
    data = bytearray(draw(st.one_of(texts(), workbooks(), documents(), archives())))
    for _blow in range(draw(st.integers(1, 6))):
        if not data:
            break
        at = int(draw(st.floats(0, 1)) * (len(data) - 1))  # a length may change with the time
        length = draw(st.integers(0, 64))
        action = draw(st.sampled_from(("cut", "double", "write", "end")))
        if action == "cut":
            del data[at : at + length]
        elif action == "double":
            data[at:at] = data[at : at + length]
        elif action == "write":
            data[at : at + 4] = draw(st.binary(max_size=6))
        else:
            del data[at:]
    return bytes(data)


any_file = st.one_of(
    texts(), workbooks(), documents(), archives(), damaged(), damaged(), st.binary(max_size=400)
)
