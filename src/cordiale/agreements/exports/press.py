"""Sets a paper as a tagged PDF with ReportLab: the one file that imports it, when a paper is made.

ReportLab writes no structure tree of its own (PDF 1.7, 14.7 and 14.8): each paragraph is marked here with the
tag of its style, the foot of a page as an artifact, and the tree is added at the end, so that a screen reader
hears headings and paragraphs in their order.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from cordiale.agreements.exports.sheet import Piece, Sheet

FONTS: Final = MappingProxyType({"Vera": "Vera.ttf", "Vera-Bold": "VeraBd.ttf"})
"""The letters, embedded in the file: the same on every machine. They come with ReportLab."""
MARGIN: Final = 56.0  # points: 2 cm
COLUMNS: Final = (200.0, 70.0, 213.0)  # points: safeguard, status, law
TAGS: Final = ("H1", "H2", "H3")
"""Styles that are a tag of their own; every other style is a paragraph."""


def printed(sheet: Sheet, language: str) -> bytes:
    """The whole, set twice: the first time tells how many pages there are."""
    for name, file in FONTS.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, file))
    _, pages = _set(sheet, language, 0)
    return _set(sheet, language, pages)[0]


def spelled(words: str) -> str:
    """Words in the letters that the paper has; one that it lacks is named, never left out: `[U+0416]`."""
    letters = pdfmetrics.getFont("Vera").face.charToGlyph
    return "".join(one if ord(one) in letters or one.isspace() else f"[U+{ord(one):04X}]" for one in words)


def _set(sheet: Sheet, language: str, pages: int) -> tuple[bytes, int]:
    """The file, and how many pages it has."""
    held = io.BytesIO()
    about = {"title": sheet.title, "subject": sheet.foot[1], "author": "Cordiale", "creator": "Cordiale"}
    document = BaseDocTemplate(
        held, pagesize=A4, lang=language, invariant=1, displayDocTitle=1, initialFontName="Vera", **about
    )

    def on_page(canvas: Any, _: Any) -> None:
        _foot(canvas, sheet, pages)

    frame = Frame(MARGIN, MARGIN, A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate(frames=[frame], onPage=on_page)])
    document.build(_story(sheet), canvasmaker=TaggedCanvas)
    return held.getvalue(), document.page


def _story(sheet: Sheet) -> list[Any]:
    """The paragraphs in their order; a heading stands with what follows it."""
    styles = _styles()
    story: list[Any] = []
    headings: list[Any] = []
    for one in sheet.pieces:
        set_ = _paragraph(one, styles)
        if one.style in TAGS:
            headings.append(set_)
            continue
        story.append(KeepTogether([*headings, set_]) if headings else set_)
        headings = []
    if sheet.rows:
        story.append(KeepTogether([*headings, _table(sheet.rows, styles)]))
    return story


def _paragraph(one: Piece, styles: dict[str, Any]) -> Any:
    return Tagged(escape(spelled(one.words)), styles[one.style])


def _table(rows: Sequence[Sequence[str]], styles: dict[str, Any]) -> Any:
    head, *rest = rows
    cells = [[_paragraph(Piece("Strong", one), styles) for one in head]]
    cells += [[_paragraph(Piece("P", one), styles) for one in row] for row in rest]
    rules = [("LINEBELOW", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(cells, colWidths=COLUMNS, repeatRows=1, style=TableStyle(rules))


def _foot(canvas: Any, sheet: Sheet, pages: int) -> None:
    """The foot of each page: which text, its digest, which page of how many."""
    canvas.begin_artifact()
    canvas.setFont("Vera", 6.5)
    page = sheet.page.format(page=canvas.getPageNumber(), pages=pages or "")
    canvas.drawString(MARGIN, MARGIN - 20, spelled(sheet.foot[0]))
    canvas.drawRightString(A4[0] - MARGIN, MARGIN - 20, spelled(page))
    canvas.drawString(MARGIN, MARGIN - 30, spelled(sheet.foot[1]))
    canvas.end()


def _styles() -> dict[str, Any]:
    plain = ParagraphStyle("P", fontName="Vera", fontSize=9, leading=12.5, spaceAfter=3)
    bold: dict[str, Any] = {"parent": plain, "fontName": "Vera-Bold"}
    sizes: dict[str, dict[str, Any]] = {
        "Small": {"parent": plain, "fontSize": 7.5, "leading": 10.5},
        "Code": {"parent": plain, "fontSize": 8, "leading": 11, "leftIndent": 14, "spaceAfter": 1},
        "Strong": bold,
        "H1": bold | {"fontSize": 15, "leading": 19, "spaceAfter": 8},
        "H2": bold | {"fontSize": 12, "leading": 15, "spaceBefore": 14, "spaceAfter": 4},
        "H3": bold | {"fontSize": 9.5, "leading": 13, "spaceBefore": 9},
    }
    return {"P": plain} | {name: ParagraphStyle(name, **words) for name, words in sizes.items()}


# ---------------------------------------------------------------------- tags


class TaggedCanvas(Canvas):
    """Counts the marked parts of each page and writes the structure tree when the file is saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.marked: list[list[str]] = [[]]

    def begin(self, tag: str) -> None:
        """Begin one part of the text."""
        here = self.marked[-1]
        self._code.append(f"/{tag} <</MCID {len(here)}>> BDC")
        here.append(tag)

    def begin_artifact(self) -> None:
        """Begin what is no part of the text: the foot of a page."""
        self._code.append("/Artifact BMC")

    def end(self) -> None:
        """End what was begun last."""
        self._code.append("EMC")

    def showPage(self) -> None:
        """Close the page, and begin to count the next."""
        super().showPage()
        self.marked.append([])

    def save(self) -> None:
        """Add the structure tree, then write the file."""
        if len(self._code):
            self.showPage()
        _plant(self._doc, self.marked)
        super().save()


class Tagged(Paragraph):
    """A paragraph that is marked with the tag of its style."""

    def draw(self) -> None:
        """Draw it between its marks."""
        self.canv.begin(self.style.name if self.style.name in TAGS else "P")
        super().draw()
        self.canv.end()


def _plant(document: Any, marked: Sequence[Sequence[str]]) -> None:
    """The structure tree: one element a marked part, and for each page which element each mark is of."""
    whole = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName("Document")})
    root = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructTreeRoot")})
    root_place, whole_place = document.Reference(root), document.Reference(whole)
    parts: list[Any] = []
    numbers: list[Any] = []
    for number, (page, tags) in enumerate(zip(document.Pages.pages, marked, strict=False)):
        page.__NoDefault__ = [*type(page).__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = number, pdfdoc.PDFName("S")
        place = document.Reference(page)
        here = [_element(document, tag, mark, (place, whole_place)) for mark, tag in enumerate(tags)]
        parts += here
        numbers += [number, pdfdoc.PDFArray(here)]
    whole.dict |= {"P": root_place, "K": pdfdoc.PDFArray(parts)}
    root.dict |= {"K": whole_place, "ParentTreeNextKey": len(marked)}
    root.dict["ParentTree"] = document.Reference(pdfdoc.PDFDictionary({"Nums": pdfdoc.PDFArray(numbers)}))
    document.Catalog.StructTreeRoot = root_place
    document.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})


def _element(document: Any, tag: str, mark: int, at: tuple[Any, Any]) -> Any:
    """One element: its tag, its parent, its page and its mark there."""
    page, parent = at
    words = {"Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName(tag), "P": parent, "Pg": page}
    return document.Reference(pdfdoc.PDFDictionary(words | {"K": mark}))
