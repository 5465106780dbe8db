"""Notebooks: each code cell is a document, checked as Python under the settings of the notebook's folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types

from shipworthy_server import convert
from shipworthy_server.server import Server

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(
            notebook="*",
            cells=[types.NotebookCellLanguage(language=one) for one in ("python", "javascript", "typescript")],
        )
    ],
    save=True,
)


def did_open(server: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    """A notebook is open, with some cells."""
    for cell in params.cell_text_documents:
        _open(server, params.notebook_document.uri, cell)


def did_change(server: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells have come, gone or changed."""
    cells = params.change.cells
    if cells is None:
        return
    if cells.structure is not None:
        for closed in cells.structure.did_close or ():
            _close(server, closed.uri)
        for cell in cells.structure.did_open or ():
            _open(server, params.notebook_document.uri, cell)
    for changed in cells.text_content or ():
        buffer = server.session.buffer(changed.document.uri)
        if buffer is not None:
            document = convert.changed(buffer.snapshot.document, changed.changes, server.client.encoding)
            server.session.change(buffer, changed.document.version, document)


def did_save(server: Server, params: types.DidSaveNotebookDocumentParams) -> None:
    """A notebook was saved."""
    for buffer in server.session.buffers():
        if buffer.notebook == params.notebook_document.uri:
            server.session.save(buffer)


def did_close(server: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    """A notebook is open no more."""
    for cell in params.cell_text_documents:
        _close(server, cell.uri)


def _open(server: Server, notebook: str, cell: types.TextDocumentItem) -> None:
    server.open(cell.uri, str(cell.language_id), cell.version, cell.text, notebook)


def _close(server: Server, uri: str) -> None:
    buffer = server.session.buffer(uri)
    if buffer is not None:
        server.close(buffer)


HANDLERS: dict[str, Callable[..., Any]] = {
    types.NOTEBOOK_DOCUMENT_DID_OPEN: did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: did_change,
    types.NOTEBOOK_DOCUMENT_DID_SAVE: did_save,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: did_close,
}
