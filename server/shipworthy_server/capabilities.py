"""What the client can do, read leniently, and what the server offers to such a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types

from shipworthy.model import Severity
from shipworthy_server.convert import Encoding
from shipworthy_server.loose import items, members
from shipworthy_server.settings import DEFAULT_SEVERITIES, Settings
from shipworthy_server.uris import path_of

FIX_ALL = "source.fixAll.shipworthy"

OPEN, CHECK = "shipworthy.server.open", "shipworthy.server.checkWorkspace"
"""Commands of the server. Editors make commands of their own of these names, so extensions use others."""

_CHEAPEST = (Encoding.UTF32, Encoding.UTF8, Encoding.UTF16)


@dataclass(frozen=True)
class Client:
    """What a client said of itself in `initialize`. What it does not say, or says oddly, it cannot do.

    `pulls`: it asks for diagnostics, so none are pushed to it; `refreshes`: it asks again when told to.
    `watches`: it reports changed files. `wants_status`: it wants to hear of each check (see server.py).
    `tells_settings`: it can be asked for the user's settings, and `registers_settings`: to tell when they
    change. `severities`: how the user wants them shown.
    """

    folders: tuple[Path, ...] = ()
    process_id: int | None = None
    encoding: Encoding = Encoding.UTF16
    pulls: bool = False
    refreshes: bool = False
    watches: bool = False
    related_information: bool = False
    tags: frozenset[int] = frozenset()
    code_description: bool = False
    diagnostic_data: bool = False
    resolves_edits: bool = False
    preferred_actions: bool = False
    document_changes: bool = False
    creates_files: bool = False
    markdown: bool = False
    shows_documents: bool = False
    refreshes_lenses: bool = False
    shows_progress: bool = False
    tells_settings: bool = False
    registers_settings: bool = False
    wants_status: bool = False
    severities: Mapping[Severity, int] = field(default_factory=lambda: DEFAULT_SEVERITIES)


def client(params: Any) -> Client:
    """The client behind the parameters of `initialize`, whatever their shape."""
    can = _Reader(params, "capabilities")
    diagnostics = can.at("textDocument", "publishDiagnostics")
    action = can.at("textDocument", "codeAction")
    offered = can.at("general").values("positionEncodings")
    process_id = _Reader(params).value("processId")
    return Client(
        folders=_folders(_Reader(params)),
        process_id=process_id if isinstance(process_id, int) and process_id > 0 else None,
        encoding=next((one for one in _CHEAPEST if one.value in offered), Encoding.UTF16),
        pulls=isinstance(can.at("textDocument").value("diagnostic"), dict),
        refreshes=can.at("workspace", "diagnostics").flag("refreshSupport"),
        watches=can.at("workspace", "didChangeWatchedFiles").flag("dynamicRegistration"),
        related_information=diagnostics.flag("relatedInformation"),
        tags=frozenset(tag for tag in diagnostics.at("tagSupport").values("valueSet") if isinstance(tag, int)),
        code_description=diagnostics.flag("codeDescriptionSupport"),
        diagnostic_data=diagnostics.flag("dataSupport"),
        resolves_edits=action.flag("dataSupport") and "edit" in action.at("resolveSupport").values("properties"),
        preferred_actions=action.flag("isPreferredSupport"),
        document_changes=can.at("workspace", "workspaceEdit").flag("documentChanges"),
        creates_files="create" in can.at("workspace", "workspaceEdit").values("resourceOperations"),
        shows_documents=can.at("window", "showDocument").flag("support"),
        refreshes_lenses=can.at("workspace", "codeLens").flag("refreshSupport"),
        shows_progress=can.at("window").flag("workDoneProgress"),
        registers_settings=can.at("workspace", "didChangeConfiguration").flag("dynamicRegistration"),
        tells_settings=can.at("workspace").flag("configuration"),
        markdown="markdown" in can.at("textDocument", "hover").values("contentFormat"),
        wants_status=can.at("experimental").flag("shipworthyStatus"),
    )


def offered_to(
    known: Client, settings: Settings, notebooks: types.NotebookDocumentSyncOptions
) -> types.ServerCapabilities:
    """What the server offers to a client."""
    every_file = types.FileOperationRegistrationOptions(
        filters=[types.FileOperationFilter(scheme="file", pattern=types.FileOperationPattern(glob="**/*"))]
    )
    return types.ServerCapabilities(
        position_encoding=known.encoding.value,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=types.SaveOptions(include_text=False)
        ),
        diagnostic_provider=types.DiagnosticOptions(
            identifier="shipworthy",
            inter_file_dependencies=True,
            workspace_diagnostics=settings.checks_workspace,
            work_done_progress=True,
        )
        if known.pulls
        else None,
        code_action_provider=types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL], resolve_provider=known.resolves_edits
        ),
        hover_provider=True,
        notebook_document_sync=notebooks,
        code_lens_provider=types.CodeLensOptions() if settings.code_lens else None,
        execute_command_provider=types.ExecuteCommandOptions(commands=[OPEN, CHECK]),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True),
            file_operations=types.FileOperationOptions(did_rename=every_file, did_delete=every_file),
        ),
    )


def _folders(params: _Reader) -> tuple[Path, ...]:
    listed = [_Reader(folder).value("uri") for folder in params.values("workspaceFolders")]
    given = [uri for uri in listed or [params.value("rootUri")] if isinstance(uri, str)]
    paths = [path for path in map(path_of, given) if path is not None]
    root = params.value("rootPath")
    if not paths and isinstance(root, str) and root:
        paths = [Path(root)]
    return tuple(dict.fromkeys(paths))


class _Reader:
    """Looks into JSON of which nothing is certain."""

    def __init__(self, value: Any, *path: str) -> None:
        for name in path:
            value = members(value).get(name)
        self._value: Any = value

    def at(self, *path: str) -> _Reader:
        """What stands there, or nothing."""
        return _Reader(self._value, *path)

    def value(self, name: str) -> Any:
        """A member, or None."""
        return _Reader(self._value, name)._value

    def values(self, name: str) -> list[Any]:
        """The items of a member that is a list."""
        return items(self.value(name))

    def flag(self, name: str) -> bool:
        """Whether a member is true."""
        return self.value(name) is True
