"""A writer of workbooks in Excel's binary format (XLSB): as few records as a reader needs.

Each part of the package is a row of records: type and length, both in groups of seven bits, then
the content, little-endian. [MS-XLSB] names the records.
"""

import io
import struct
import zipfile

ROW_HEADER, CELL_REAL, CELL_TEXT = 0x0000, 0x0005, 0x0006
BEGIN_SHEET, END_SHEET, BEGIN_DATA, END_DATA, DIMENSION = 0x0081, 0x0082, 0x0091, 0x0092, 0x0094
BEGIN_BOOK, END_BOOK, BEGIN_SHEETS, END_SHEETS, SHEET = 0x0083, 0x0084, 0x008F, 0x0090, 0x009C

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def write(sheets):
    """Bytes of a workbook. {name: rows of text, numbers or None}"""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.bin")}),
        "xl/workbook.bin": _book(sheets),
        "xl/_rels/workbook.bin.rels": _relations(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.bin") for n in _numbers(sheets)}
        ),
    }
    for number, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{number}.bin"] = _sheet(rows)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def _numbers(sheets):
    return range(1, len(sheets) + 1)


def _record(kind, content=b""):
    return _groups(kind) + _groups(len(content)) + content


def _groups(value):
    """A number in groups of seven bits, the lowest first; the high bit says that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _text(text):
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


def _book(sheets):
    listed = b"".join(
        _record(SHEET, struct.pack("<II", 0, number) + _text(f"rId{number}") + _text(name))
        for number, name in enumerate(sheets, 1)
    )
    return b"".join(
        (
            _record(BEGIN_BOOK),
            _record(BEGIN_SHEETS),
            listed,
            _record(END_SHEETS),
            _record(END_BOOK),
        )
    )


def _sheet(rows):
    width = max(map(len, rows))
    parts = [
        _record(BEGIN_SHEET),
        _record(DIMENSION, struct.pack("<4I", 0, len(rows) - 1, 0, width - 1)),
        _record(BEGIN_DATA),
    ]
    for number, row in enumerate(rows):
        if not row:
            continue
        spans = struct.pack("<III", 1, 0, len(row) - 1)
        parts.append(_record(ROW_HEADER, struct.pack("<IIHHB", number, 0, 300, 0, 0) + spans))
        parts += [_cell(place, value) for place, value in enumerate(row) if value is not None]
    parts += [_record(END_DATA), _record(END_SHEET)]
    return b"".join(parts)


def _cell(place, value):
    head = struct.pack("<II", place, 0)
    if isinstance(value, str):
        return _record(CELL_TEXT, head + _text(value))
    return _record(CELL_REAL, head + struct.pack("<d", value))


def _content_types(count):
    kind = "application/vnd.ms-excel"
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.bin" ContentType="{kind}.worksheet"/>'
        for number in range(1, count + 1)
    )
    return (
        f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.bin" '
        f'ContentType="{kind}.sheet.binary.macroEnabled.main"/>'
        f"{sheets}</Types>"
    )


def _relations(targets):
    listed = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'{_XML}<Relationships xmlns="{_RELATIONS}">{listed}</Relationships>'
