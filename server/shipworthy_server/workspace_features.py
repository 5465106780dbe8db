"""What the client may ask and tell of the workspace as a whole, and the server with all its features."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types

from shipworthy.language import LANGUAGES
from shipworthy.secrets.placeholders import EXAMPLES
from shipworthy_server import capabilities, features, notebooks, pinned, settings
from shipworthy_server.everywhere import closed_files
from shipworthy_server.faults import RefusedError
from shipworthy_server.loose import Json, items
from shipworthy_server.progress import under_way
from shipworthy_server.server import Server, mark_of
from shipworthy_server.uris import path_of
from shipworthy_server.workspace import SETTINGS_FILES

_ALSO_WATCHED = (pinned.FILE, *EXAMPLES)
"""Other files that the server reads: the versions of hooks, and what a project shows in place of its secrets."""


_CHECKING = "checking the workspace"


async def initialized(server: Server, _: types.InitializedParams) -> None:
    """Ask for the user's settings, and to be told of changed files: settings, and what others are checked against."""
    _compare_versions(server)
    if server.client.tells_settings:
        await _ask_for_settings(server)
    if server.client.registers_settings:
        options = types.DidChangeConfigurationRegistrationOptions(section=settings.SECTION)
        await server.register(types.WORKSPACE_DID_CHANGE_CONFIGURATION, options, "settings")
    if server.client.watches:
        suffixes = sorted(suffix[1:] for language in LANGUAGES for suffix in language.suffixes)
        names = ",".join((*SETTINGS_FILES, *_ALSO_WATCHED))
        await server.watch([f"**/{{{names}}}", f"**/*.{{{','.join(suffixes)}}}"])


async def did_change_configuration(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """The user has changed settings. Some clients send them along, some want to be asked."""
    if server.client.tells_settings:
        await _ask_for_settings(server)
    elif params.settings is not None:
        server.configure(*settings.read(params.settings))


def did_change_watched_files(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Files have changed on the disk. Of those that are open the client tells more by other means."""
    changed = [
        path
        for change in params.changes
        if (path := path_of(change.uri)) is not None
        and (change.type != types.FileChangeType.Changed or server.session.buffer(change.uri) is None)
    ]
    if any(path.name == pinned.FILE for path in changed):
        _compare_versions(server)
    server.files_changed(changed)


def did_rename_files(server: Server, params: types.RenameFilesParams) -> None:
    """Files have other names. Those that are open are closed and opened by the client."""
    _moved(server, (uri for file in params.files for uri in (file.old_uri, file.new_uri)))


def did_delete_files(server: Server, params: types.DeleteFilesParams) -> None:
    """Files are no more."""
    _moved(server, (file.uri for file in params.files))


def did_change_folders(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders were added to the workspace, or taken from it."""
    removed = {path_of(folder.uri) for folder in params.event.removed}
    added = [path for folder in params.event.added if (path := path_of(folder.uri)) is not None]
    folders = server.session.workspace.folders
    folders[:] = [*(folder for folder in folders if folder not in removed), *added]
    server.clear_closed(path for path in removed if path is not None and path not in folders)
    server.survey_due.set()
    _compare_versions(server)


async def workspace_diagnostic(server: Server, params: types.WorkspaceDiagnosticParams) -> Json:
    """The diagnostics of all files that are not open; the answer to the next question waits for a change.

    Where the client takes parts of the answer, each file is told when it was checked.
    """
    await server.survey_due.wait()
    server.survey_due.clear()
    known = {one.uri: one.value for one in params.previous_result_ids}
    kept: list[Json] = []
    try:
        with under_way(server, _CHECKING, params.work_done_token) as progress:
            async for checked in closed_files(server, progress):
                uri = server.uri_at(checked.path)
                mark = mark_of(checked.items)
                if not checked.items and uri not in known:
                    continue
                report: Json = {"uri": uri, "version": None, "kind": "full", "resultId": mark, "items": checked.items}
                if known.get(uri) == mark:
                    report = {"uri": uri, "version": None, "kind": "unchanged", "resultId": mark}
                if params.partial_result_token is None:
                    kept.append(report)
                else:
                    value = {"items": [report]}
                    server.protocol.notify(types.PROGRESS, {"token": params.partial_result_token, "value": value})
    except BaseException:
        server.survey_due.set()
        raise
    return {"items": kept}


async def execute_command(server: Server, params: types.ExecuteCommandParams) -> Json | None:
    """Do what a code action or a user asks for by name."""
    given = list(params.arguments or ())
    if params.command == capabilities.CHECK:
        return await _check_workspace(server, params.work_done_token)
    if params.command == capabilities.OPEN and given and str(given[0]).startswith("https://"):
        shown = types.ShowDocumentParams(uri=str(given[0]), external=True)
        await server.protocol.send_request_async(types.WINDOW_SHOW_DOCUMENT, shown)
        return None
    raise RefusedError(f"{params.command} with these arguments is no command of this server")


async def _check_workspace(server: Server, token: int | str | None) -> Json:
    """Check all files and push what is found in those that are not open; the numbers of files and of findings."""
    files = found = 0
    gone = set(server.surveyed)
    with under_way(server, _CHECKING, token) as progress:
        async for checked in closed_files(server, progress):
            files, found = files + 1, found + len(checked.items)
            gone.discard(checked.path)
            if checked.items or checked.path in server.surveyed:
                server.show_closed(checked.path, checked.items)
    for path in gone:
        server.show_closed(path, [])
    return {"files": files, "findings": found}


async def _ask_for_settings(server: Server) -> None:
    wanted = types.ConfigurationParams(items=[types.ConfigurationItem(section=settings.SECTION)])
    answer = await server.protocol.send_request_async(types.WORKSPACE_CONFIGURATION, wanted)
    for found in items(answer)[:1]:
        if found is not None:
            server.configure(*settings.read(found))


def _moved(server: Server, uris: Iterable[str]) -> None:
    paths = [path for uri in uris if (path := path_of(uri)) is not None]
    server.clear_closed(paths)
    server.files_changed(paths)


def _compare_versions(server: Server) -> None:
    for folder in server.session.workspace.folders:
        server.say_once(pinned.difference(_root(folder)))


def _root(folder: Path) -> Path:
    return next((one for one in (folder, *folder.parents) if (one / pinned.FILE).is_file()), folder)


HANDLERS: dict[str, Callable[..., Any]] = {
    types.INITIALIZED: initialized,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: did_change_watched_files,
    types.WORKSPACE_DID_RENAME_FILES: did_rename_files,
    types.WORKSPACE_DID_DELETE_FILES: did_delete_files,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: did_change_folders,
    types.WORKSPACE_DIAGNOSTIC: workspace_diagnostic,
    types.WORKSPACE_EXECUTE_COMMAND: execute_command,
}


def make_server() -> Server:
    """A server with all its features."""
    server = Server(notebooks.SYNC)
    for method, handler in {**HANDLERS, **features.HANDLERS, **notebooks.HANDLERS}.items():
        server.feature(method)(handler)
    return server
