"""Notebooks: the cells of one language are one text, in their order, so that they know each other's names.

The text is checked under the settings of the notebook's folder; `Snapshot.parts` says which of its lines are whose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types

from shipworthy.document import Document
from shipworthy.language import TEXT
from shipworthy_server import convert
from shipworthy_server.parts import Part
from shipworthy_server.server import Server

_LANGUAGES = ("python", "javascript", "typescript")

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(
            notebook="*", cells=[types.NotebookCellLanguage(language=one) for one in _LANGUAGES]
        )
    ],
    save=True,
)

_MAGIC = re.compile(r"(?m)^[%!?]")
_LINE_START = re.compile(r"(?m)^[^\r\n]")


@dataclass
class Cell:
    """A cell as it is in the editor."""

    language: str
    version: int
    document: Document


@dataclass
class Notebook:
    """An open notebook. `order`: the URIs of all its cells, those that are not checked too."""

    uri: str
    order: list[str]
    cells: dict[str, Cell] = field(default_factory=dict[str, Cell])

    def add(self, opened: Iterable[types.TextDocumentItem]) -> None:
        """Cells have come."""
        for one in opened:
            document = Document("", one.text, TEXT)
            self.cells[one.uri] = Cell(str(one.language_id), one.version, document)
            if one.uri not in self.order:
                self.order.append(one.uri)

    def text(self, language: str) -> tuple[str, tuple[Part, ...]]:
        """The text of all cells of a language, and which of its lines are whose."""
        texts: list[str] = []
        parts: list[Part] = []
        line = 0
        for uri in self.order:
            cell = self.cells.get(uri)
            if cell is None or cell.language != language:
                continue
            document, count = cell.document, cell.document.line_count
            parts.append(Part(uri, cell.version, line, count, document.line_text(count)))
            line += count
            text = _without_magic(document.text)
            texts.append(text + ("\r\n" if text.endswith("\r") else "\n"))
        return "".join(texts), tuple(parts)


def did_open(server: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    """A notebook is open, with some cells."""
    opened = params.notebook_document
    notebook = server.notebooks[opened.uri] = Notebook(opened.uri, [cell.document for cell in opened.cells])
    notebook.add(params.cell_text_documents)
    _check(server, notebook)


def did_change(server: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells have come, gone, moved or changed."""
    notebook, cells = server.notebooks.get(params.notebook_document.uri), params.change.cells
    if notebook is None or cells is None:
        return
    if cells.structure is not None:
        array = cells.structure.array
        for closed in cells.structure.did_close or ():
            notebook.cells.pop(closed.uri, None)
        end = array.start + array.delete_count
        notebook.order[array.start : end] = [cell.document for cell in array.cells or ()]
        notebook.add(cells.structure.did_open or ())
    for changed in cells.text_content or ():
        cell = notebook.cells.get(changed.document.uri)
        if cell is not None:
            cell.document = convert.changed(cell.document, changed.changes, server.client.encoding)
            cell.version = changed.document.version
    _check(server, notebook)


def did_save(server: Server, params: types.DidSaveNotebookDocumentParams) -> None:
    """A notebook was saved."""
    for language in _LANGUAGES:
        buffer = server.session.buffer(_key(params.notebook_document.uri, language))
        if buffer is not None:
            server.session.save(buffer)


def did_close(server: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    """A notebook is open no more."""
    notebook = server.notebooks.pop(params.notebook_document.uri, None)
    if notebook is not None:
        notebook.cells.clear()
        _check(server, notebook)


def _check(server: Server, notebook: Notebook) -> None:
    """Have the texts of a notebook be what its cells are now."""
    for language in _LANGUAGES:
        text, parts = notebook.text(language)
        key = _key(notebook.uri, language)
        buffer = server.session.buffer(key)
        server.show_parts(key, parts)
        if buffer is None and parts:
            server.session.open(key, language, 1, text, notebook.uri, parts)
        elif buffer is not None and not parts:
            server.session.close(buffer)
        elif buffer is not None and parts != buffer.snapshot.parts:
            document = convert.replaced(buffer.snapshot.document, text)
            server.session.change(buffer, buffer.snapshot.version + 1, document, parts)


def _key(notebook: str, language: str) -> str:
    return f"{notebook}#{language}"


def _without_magic(text: str) -> str:
    """A cell's text with lines that are for the notebook's shell, such as `%cd` and `!pip`, made comments."""
    return (_LINE_START if text.startswith("%%") else _MAGIC).sub("#", text)


HANDLERS: dict[str, Callable[..., Any]] = {
    types.NOTEBOOK_DOCUMENT_DID_OPEN: did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: did_change,
    types.NOTEBOOK_DOCUMENT_DID_SAVE: did_save,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: did_close,
}
