"""Files as suppliers write them, of the same two articles: builders."""

import io
import zipfile

import openpyxl
import xlwt

HEADER = ["Référence", "EAN", "Désignation", "Prix net HT", "Stock"]


ARTICLES = [
    ["R-01", "3606480325205", "Lampe d'été", "12,50", "3"],
    ["R-02", "4006381333931", "Table à café", "1099,00", "0"],
]


FOUND = [
    ("R-01", "03606480325205", "Lampe d'été", "12.50", 3),
    ("R-02", "04006381333931", "Table à café", "1099.00", 0),
]


def joined(delimiter, rows=(HEADER, *ARTICLES), end="\n"):
    return end.join(delimiter.join(row) for row in rows) + end


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def workbook(rows, **options):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for merged in options.get("merge", ()):
        book.active.merge_cells(merged)
    for cell, written in options.get("formats", {}).items():
        book.active[cell].number_format = written
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def old_workbook(rows):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Tarif")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def page(rows):
    lines = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    return (
        "<html><head><meta http-equiv=Content-Type content='text/html; charset=windows-1252'>"
        f"</head><body><table border=1>{lines}</table></body></html>"
    ).encode("cp1252")


def spreadsheet_xml(rows):
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    lines = "".join(
        "<Row>"
        + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row)
        + "</Row>"
        for row in rows
    )
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="Tarif"><Table>{lines}</Table></Worksheet></Workbook>'
    ).encode()


def fixed_width(rows):
    widths = (10, 16, 24, 12, 8)
    return "\r\n".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def records(rows):
    return [dict(zip(HEADER, row, strict=True)) for row in rows]
