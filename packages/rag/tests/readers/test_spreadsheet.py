"""SpreadsheetReader keeps every cell with its header, and every row's number."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from hypothesis import given, strategies as st

from racto.core import Chunk, ChunkMetadata, Document, RetrievalResult
from racto.core.errors import (
    BinaryDocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    MissingExtraError,
    ReadError,
    UnsupportedFormatError,
)
from racto.core.testing import ReaderContract
from racto.rag.answers.citations import citation_of, place_citations
from racto.rag.answers.sentences import Span
from racto.rag.readers import SpreadsheetReader

Write = Callable[[xlsxwriter.Workbook], None]


def xlsx(write: Write) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        write(book)
    return target.getvalue()


def people(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("People")
    # Two blank rows above, one between.
    for row, cells in {2: ["name", "age"], 3: ["Anna", 5], 5: ["Émile", 7.5]}.items():
        sheet.write_row(row, 1, cells)
    book.add_worksheet("Nothing")
    book.add_worksheet("More").write_column(0, 0, ["city", "Köln"])


def ods(table: str) -> bytes:
    """A spreadsheet as LibreOffice writes it, of one table."""
    target = io.BytesIO()
    office = "urn:oasis:names:tc:opendocument:xmlns"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{office}:manifest:1.0"><m:file-entry m:full-path="/" '
            'm:media-type="application/vnd.oasis.opendocument.spreadsheet"/></m:manifest>',
        )
        file.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}:office:1.0" '
            f'xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0"><office:body>'
            f'<office:spreadsheet><table:table table:name="S">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return target.getvalue()


def ods_cell(text: str, more: str = "") -> str:
    return (
        f'<table:table-cell {more} office:value-type="string"><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


class TestCsvContract(ReaderContract):
    """SpreadsheetReader is a reader of text."""

    file_name = "sample.csv"
    file_bytes = "name,age\nÉmile,7\n".encode()
    words = "name: Émile | age: 7"

    @pytest.fixture
    def reader(self) -> SpreadsheetReader:
        return SpreadsheetReader()


class TestWorkbookContract(ReaderContract):
    """SpreadsheetReader is a reader of workbooks."""

    file_name = "sample.xlsx"
    file_bytes = xlsx(people)
    words = "name: Émile | age: 7.5"

    @pytest.fixture
    def reader(self) -> SpreadsheetReader:
        return SpreadsheetReader()


def read(content: str | bytes) -> Document:
    return SpreadsheetReader().read(content.encode() if isinstance(content, str) else content)


def row_of(document: Document, words: str) -> int | None:
    return document.row_at(document.text.index(words))


def test_rows_are_lines_with_headers(tmp_path: Path):
    path = tmp_path / "people.csv"
    path.write_text("name,age\nAnna,5\n\nBert,\n")
    document = SpreadsheetReader().read(path)
    assert document.text == "name | age\nname: Anna | age: 5\nname: Bert"
    assert document.rows == (0, 11, 31, 31)
    assert [row_of(document, name) for name in ("name", "Anna", "Bert")] == [1, 2, 4]
    assert dict(document.metadata) == {
        "mime": "text/csv",
        "size_bytes": path.stat().st_size,
        "title": "people.csv",
        "encoding": "utf-8",
        "delimiter": ",",
        "row_count": 3,
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_column_needs_no_delimiter(end: str):
    assert read(end.join(["title", "Alpha", "Beta", ""])).text == (
        "title\ntitle: Alpha\ntitle: Beta"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a;b\n1,5;2,5\n3,5;4,5\n", "a: 1,5 | b: 2,5"),
        ("a\tb\n1,5\t2\n", "a: 1,5 | b: 2"),
        ("a|b\n1|2\n", "a: 1 | b: 2"),
        ('"a","b"\n"x, y","say ""hi"""\n', 'a: x, y | b: say "hi"'),
        ("sep=;\na;b\n1;2\n", "a: 1 | b: 2"),
        ('a,b\n"two\nlines",2\n', "a: two lines | b: 2"),
    ],
)
def test_the_delimiter_is_found_out(text: str, line: str):
    document = read(text)
    assert document.text.split("\n")[1] == line
    assert row_of(document, line) == 2


def test_headers_that_are_blank_or_repeated_are_numbered():
    document = read("x,,x,x 2\n1,2,3,4\n")
    assert document.text == "x | x | x 2\nx: 1 | column 2: 2 | x 2: 3 | x 2 2: 4"


def test_a_first_row_without_letters_is_data():
    assert read("1,2\n3,4\n5,6,7\n").text == "1 | 2\n3 | 4\n5 | 6 | 7"


def test_a_header_as_long_as_a_page_is_not_repeated_in_every_row():
    document = read("h" * 1000 + ",b\n" + "1,2\n" * 100)
    assert len(document.text) < 12_000
    assert "h" * 1000 in document.text


def test_ragged_rows_are_kept_and_counted():
    document = read("a,b\n1\n1,2,3\n\n1,2\n")
    assert document.text == "a | b\na: 1\na: 1 | b: 2 | column 3: 3\na: 1 | b: 2"
    assert document.metadata["ragged_rows"] == 2


def test_a_field_over_the_process_limit_is_kept():
    former = csv.field_size_limit()
    long = "x" * 200_000
    assert long in read(f'a,b\n"{long}",1\n').text
    assert csv.field_size_limit() == former


def test_a_quote_that_is_never_closed_swallows_no_rows():
    document = read('a,b\n"open,1\nx,2\ny,3\n')
    assert document.text.split("\n")[1:] == ['a: "open | b: 1', "a: x | b: 2", "a: y | b: 3"]


def test_nuls_are_taken_away_and_counted():
    document = read(b"name,note\nAnna,a\0b\nBert,c\n")
    assert "note: ab" in document.text
    assert document.metadata["nul_characters"] == 1
    with pytest.raises(BinaryDocumentError, match="UTF-16"):
        read("name,note\nAnna,x\n".encode("utf-16-le"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_decide(encoding: str):
    assert read("Größe,b\n1,2\n".encode(encoding)).text == "Größe | b\nGröße: 1 | b: 2"


def test_other_encodings_are_named_by_the_caller():
    data = "Größe\n1\n".encode("cp1252")
    with pytest.raises(BinaryDocumentError):
        read(data)
    assert "Größe: 1" in SpreadsheetReader(fallback_encoding="cp1252").read(data).text


def test_a_table_of_blanks_is_empty():
    with pytest.raises(EmptyDocumentError):
        read(" , ,\n,,\n")


def test_sheets_are_sections_and_rows_are_the_programs():
    document = read(xlsx(people))
    assert document.text == (
        "People\nname | age\nname: Anna | age: 5\nname: Émile | age: 7.5\n\nMore\ncity\ncity: Köln"
    )
    assert [(s.title, document.text[s.start :][:4]) for s in document.sections] == [
        ("People", "Peop"),
        ("More", "More"),
    ]
    places = {word: row_of(document, word) for word in ("People", "name", "Anna", "Émile", "Köln")}
    assert places == {"People": None, "name": 3, "Anna": 4, "Émile": 6, "Köln": 2}
    assert document.metadata["row_count"] == 5
    assert document.metadata["sheet_count"] == 2


def test_cells_are_written_as_the_sheet_holds_them():
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        day, clock, span = (
            book.add_format({"num_format": each}) for each in ("yyyy-mm-dd", "hh:mm", "[h]:mm:ss")
        )
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(
            0, 0, ["int", "big", "real", "bool", "day", "moment", "clock", "span", "id"]
        )
        sheet.write_row(1, 0, [5, 123456789012, 0.1, True])
        sheet.write_datetime(1, 4, date(2024, 1, 2), day)
        sheet.write_datetime(1, 5, datetime(2024, 1, 2, 3, 4, 5), moment)
        sheet.write_datetime(1, 6, time(12, 30), clock)
        sheet.write_datetime(1, 7, timedelta(hours=30, minutes=5), span)
        sheet.write_string(1, 8, "00123")

    assert read(xlsx(write)).text.split("\n")[-1] == (
        "int: 5 | big: 123456789012 | real: 0.1 | bool: TRUE | day: 2024-01-02 | "
        "moment: 2024-01-02 03:04:05 | clock: 12:30:00 | span: 30:05:00 | id: 00123"
    )


def test_old_workbooks_are_read(tmp_path: Path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Alt")
    for row, cells in enumerate([["name", "age"], ["Zoë", 3]], 4):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    path = tmp_path / "old.xls"
    book.save(str(path))
    document = SpreadsheetReader().read(path)
    assert document.text == "Alt\nname | age\nname: Zoë | age: 3"
    assert row_of(document, "Zoë") == 6
    assert document.metadata["mime"] == "application/vnd.ms-excel"


def test_open_document_sheets_are_read():
    blank = '<table:table-cell table:number-columns-repeated="16380"/>'
    document = read(
        ods(
            f"<table:table-row>{ods_cell('name')}{ods_cell('age')}{blank}</table:table-row>"
            f'<table:table-row table:number-rows-repeated="3">{blank}</table:table-row>'
            f"<table:table-row>{ods_cell('Anna')}{ods_cell('5')}</table:table-row>"
            f'<table:table-row table:number-rows-repeated="1048570">{blank}</table:table-row>'
        )
    )
    assert document.text == "S\nname | age\nname: Anna | age: 5"
    assert row_of(document, "Anna") == 5


def test_text_under_a_workbooks_name_is_read_as_text(tmp_path: Path):
    path = tmp_path / "export.xls"
    path.write_text("name\tage\nAnna\t5\n")
    assert "name: Anna | age: 5" in SpreadsheetReader().read(path).text


def test_two_cells_far_apart_are_refused_before_they_take_gigabytes():
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_000_000, 16_000, "b")

    with pytest.raises(DocumentTooLargeError, match="spans 16,001,016,001 cells"):
        read(xlsx(write))


def test_repeated_cells_are_refused_before_they_take_gigabytes():
    row = ods_cell("a", 'table:number-columns-repeated="16000"')
    far = f'<table:table-row table:number-rows-repeated="1000000">{row}</table:table-row>'
    with pytest.raises(DocumentTooLargeError, match="spans"):
        read(ods(far))


def test_one_long_text_in_every_cell_is_refused():
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for row in range(20_000):
            sheet.write_string(row, 0, "y" * 30_000)

    with pytest.raises(DocumentTooLargeError, match="the same long one"):
        read(xlsx(write))


@pytest.mark.parametrize("keep", [10, 500, 3000])
def test_a_torn_workbook_is_refused(keep: int):
    with pytest.raises(ReadError):
        read(xlsx(people)[:keep])


def test_a_binary_workbook_is_named():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("xl/workbook.bin", b"x")
    with pytest.raises(UnsupportedFormatError, match=r"save it as \.xlsx"):
        read(target.getvalue())


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-rag\[spreadsheets\]"'):
        read(xlsx(people))
    assert read("a,b\n1,2\n").rows == (0, 6)


CELLS = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=6).map(str.strip)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8))
def test_every_cell_is_in_the_line_of_its_row(table: list[list[str]]):
    if not any(map(any, table)):
        return
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(table)
    text = f"sep=,\n{target.getvalue()}"
    document = read(text)
    lines = {document.row_at(start): start for start in document.rows}
    for number, cells in enumerate(table, 1):
        if any(cells):
            line = document.text[lines[number] :].split("\n")[0]
            assert all(cell in line for cell in cells)


def test_a_citation_names_the_row():
    document = read(xlsx(people))
    start = document.text.index("Émile")
    chunk = Chunk(
        content=document.text,
        doc_id=document.doc_id,
        metadata=ChunkMetadata(source="people.xlsx", end_char=len(document.text)),
    )
    cited = citation_of(1, chunk, Span(start, start + 5))
    (placed,) = place_citations(
        [cited], [RetrievalResult(chunk=chunk, score=1.0, rank=1)], lambda _: document
    )
    assert (placed.section, placed.row, placed.quote) == ("People", 6, "Émile")
    assert placed.location.startswith("people.xlsx, section 'People', row 6, characters")
