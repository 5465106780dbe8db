/** Where the server is: what is set, the workspace's environment, PATH, or the private environment. Runs nothing. */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

const WINDOWS = process.platform === "win32";
const PROGRAMS = WINDOWS ? "Scripts" : "bin";

/** A server that can be started, and in words where it was found. */
export interface Server {
  readonly program: string;
  readonly arguments: string[];
  readonly origin: string;
}

/** The server to start, or undefined if there is none and one must be installed. Raises if the setting names none. */
export async function findServer(privateEnvironment: string): Promise<Server | undefined> {
  const set = serverOfSetting();
  if (set) {
    return set;
  }
  const candidates: [string | undefined, string][] = [];
  if (vscode.workspace.isTrusted) {
    candidates.push([await serverOfPythonExtension(), "the interpreter chosen in the Python extension"]);
    for (const folder of folders()) {
      for (const name of [".venv", "venv"]) {
        candidates.push([serverIn(path.join(folder, name)), `the environment ${name} of the workspace`]);
      }
    }
  }
  candidates.push([onPath("shipworthy-server"), "PATH"]);
  candidates.push([serverIn(privateEnvironment), "the private environment of the extension"]);
  const found = candidates.find(([program]) => program !== undefined);
  return found?.[0] ? { program: found[0], arguments: [], origin: found[1] } : undefined;
}

/** A program of a Python environment, with its full path. */
export function programIn(environment: string, name: string): string {
  return path.join(environment, PROGRAMS, WINDOWS ? `${name}.exe` : name);
}

/** The `shipworthy` command that belongs to a server. */
export function commandBeside(server: Server): string | undefined {
  const program = path.join(path.dirname(server.program), WINDOWS ? "shipworthy.exe" : "shipworthy");
  return isFile(program) ? program : undefined;
}

/** A program on PATH with its full path. Places that are relative, or in a workspace without trust, are passed over. */
export function onPath(name: string): string | undefined {
  const places = (process.env["PATH"] ?? "").split(path.delimiter).filter((place) => path.isAbsolute(place));
  const allowed = places.filter((place) => vscode.workspace.isTrusted || !folders().some((folder) => holds(folder, place)));
  const names = WINDOWS ? [`${name}.exe`] : [name];
  return allowed.flatMap((place) => names.map((one) => path.join(place, one))).find(isFile);
}

function serverOfSetting(): Server | undefined {
  const words = vscode.workspace.getConfiguration("shipworthy").get<string[]>("server.command", []);
  const [first, ...rest] = words.map(expanded);
  if (!first) {
    return undefined;
  }
  const program = path.isAbsolute(first) ? first : onPath(first);
  if (!program || !isFile(program)) {
    throw new Error(`the setting shipworthy.server.command names ${first}, which is not there`);
  }
  return { program, arguments: rest, origin: "the setting shipworthy.server.command" };
}

function expanded(word: string): string {
  const home = word === "~" || word.startsWith("~/") ? os.homedir() + word.slice(1) : word;
  return home.replaceAll("${workspaceFolder}", folders()[0] ?? "");
}

/** The Python extension, where it is installed, knows which interpreter the user chose. */
async function serverOfPythonExtension(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension("ms-python.python");
  if (!extension) {
    return undefined;
  }
  try {
    const api = await extension.activate();
    const interpreter: unknown = api?.environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri)?.path;
    if (typeof interpreter !== "string" || !path.isAbsolute(interpreter)) {
      return undefined;
    }
    const program = path.join(path.dirname(interpreter), WINDOWS ? "shipworthy-server.exe" : "shipworthy-server");
    return isFile(program) ? program : undefined;
  } catch {
    // That extension's trouble is its own to report; the other places are looked at.
    return undefined;
  }
}

function serverIn(environment: string): string | undefined {
  const program = programIn(environment, "shipworthy-server");
  return isFile(program) ? program : undefined;
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath);
}

function holds(folder: string, place: string): boolean {
  const relative = path.relative(folder, place);
  return !relative.startsWith("..") && !path.isAbsolute(relative);
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
