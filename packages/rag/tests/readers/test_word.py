"""WordReader reads the body as it would be printed, with headings as sections."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from racto.core import Document
from racto.core.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    MissingExtraError,
    ReadError,
    UnsupportedFormatError,
)
from racto.core.testing import ReaderContract
from racto.rag.readers import WordReader


def written(fill: Callable[[docx.document.Document], None]) -> bytes:
    made = docx.Document()
    made.core_properties.author = ""
    fill(made)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    """The same file with a text of one part replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(target, "w") as after:
        for each in before.namelist():
            content = before.read(each)
            after.writestr(
                each, content.replace(old.encode(), new.encode()) if each == name else content
            )
    return target.getvalue()


def report(file: docx.document.Document) -> None:
    file.core_properties.title = "Yearly report"
    file.core_properties.author = "Émile"
    file.add_heading("Report", 0)
    file.add_paragraph("Before the table.")
    table = file.add_table(2, 3)
    for row, cells in zip(table.rows, [["name", "", "age"], ["Anna", "x\ny", "5"]], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    file.add_paragraph("After it.")
    file.add_heading("Details", 2)
    file.add_paragraph("one", style="List Bullet")
    file.add_paragraph("two", style="List Number")
    file.sections[0].header.paragraphs[0].text = "a header"
    file.sections[0].footer.paragraphs[0].text = "a footer"


class TestContract(ReaderContract):
    """WordReader is a reader."""

    file_name = "sample.docx"
    file_bytes = written(report)
    words = "After it."

    @pytest.fixture
    def reader(self) -> WordReader:
        return WordReader()


def read(data: bytes) -> Document:
    return WordReader().read(data)


def test_blocks_come_in_their_order():
    document = read(written(report))
    assert document.text == (
        "Report\n\nBefore the table.\n\nname |  | age\nAnna | x y | 5\n\nAfter it.\n\nDetails\n\n"
        "- one\n- two"
    )
    assert [(s.title, s.level) for s in document.sections] == [("Report", 1), ("Details", 2)]
    assert document.section_at(document.text.index("two")) == "Report > Details"
    assert document.metadata["title"] == "Yearly report"
    assert document.metadata["author"] == "Émile"


def test_changes_under_review_are_read_as_accepted():
    def fill(file: docx.document.Document) -> None:
        paragraph = file.add_paragraph("kept ")
        for tag, text in (("ins", "<w:t>added</w:t>"), ("del", "<w:delText>gone</w:delText>")):
            paragraph._p.append(
                parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1"><w:r>{text}</w:r></w:{tag}>')
            )

    assert read(written(fill)).text == "kept added"


def test_text_boxes_content_controls_and_links_are_read():
    def fill(file: docx.document.Document) -> None:
        body = file.element.body
        inner = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
        body.insert(
            0,
            parse_xml(
                f"<w:sdt {nsdecls('w')}><w:sdtContent>{inner.format('controlled')}</w:sdtContent></w:sdt>"
            ),
        )
        body.insert(
            1,
            parse_xml(
                f"<w:p {nsdecls('w')}><w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink><w:r>"
                f"<w:pict><w:txbxContent>{inner.format('boxed')}</w:txbxContent></w:pict></w:r></w:p>"
            ),
        )

    assert read(written(fill)).text == "controlled\n\nlinked\n\nboxed"


def test_footnotes_stand_at_the_end():
    def fill(file: docx.document.Document) -> None:
        paragraph = file.add_paragraph("A claim")
        paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="7"/></w:r>'))
        xml = (
            f'<w:footnotes {nsdecls("w")}><w:footnote w:id="7"><w:p><w:r><w:t>Its source.</w:t>'
            "</w:r></w:p></w:footnote></w:footnotes>"
        )
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
        part = docx.opc.part.Part(
            docx.opc.packuri.PackURI("/word/footnotes.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
            xml.encode(),
            file.part.package,
        )
        file.part.relate_to(part, kind)
        file.add_paragraph("More.")

    assert read(written(fill)).text == "A claim [note 1]\n\nMore.\n\n[note 1] Its source."


def test_a_file_without_text_is_empty():
    with pytest.raises(EmptyDocumentError):
        read(written(lambda file: None))


def test_a_zip_bomb_is_refused_by_its_directory():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", b" " * 40_000_000)
    with pytest.raises(DocumentTooLargeError, match="zip bomb"):
        read(target.getvalue())
    with pytest.raises(DocumentTooLargeError, match="larger max_unpacked"):
        WordReader(max_unpacked=1_000).read(written(report))


def test_a_directory_that_lies_about_a_size_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", b"x" * 30_000_000)
    data = target.getvalue()
    lie = data.replace((30_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lie != data
    with pytest.raises(ReadError):
        read(lie)


def test_declared_entities_are_refused():
    bomb = changed(
        written(report),
        "word/document.xml",
        "<w:document",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document',
    )
    with pytest.raises(ReadError, match="entities"):
        read(bomb)


@pytest.mark.parametrize("keep", [10, 1000, 20_000])
def test_a_torn_file_is_refused(keep: int):
    with pytest.raises(ReadError):
        read(written(report)[:keep])


def test_elements_nested_without_end_are_refused():
    deep = changed(
        written(report), "word/document.xml", "<w:body>", "<w:body>" + "<w:sdt>" * 100_000
    )
    with pytest.raises(ReadError):
        read(deep)


def test_old_and_encrypted_files_are_told_apart():
    mark = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    with pytest.raises(UnsupportedFormatError, match="before 2007"):
        read(mark)
    with pytest.raises(EncryptedDocumentError, match="without its password"):
        read(mark + "EncryptedPackage".encode("utf-16-le"))


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-rag\[docx\]"'):
        read(written(report))
