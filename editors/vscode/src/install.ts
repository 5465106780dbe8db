/** The private environment: made from the wheel inside this extension, with a Python of the machine. */

import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { onPath, programIn } from "./locate";
import { run } from "./run";

const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];
const IS_NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))";

/** The folder of the private environment of this version of the extension. It need not exist yet. */
export function privateEnvironment(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, `server-${context.extension.packageJSON.version}`);
}

/** Ask, unless the settings say not to. */
export async function mayInstall(): Promise<boolean> {
  const wish = vscode.workspace.getConfiguration("shipworthy").get<string>("server.install", "ask");
  if (wish !== "ask") {
    return wish === "always";
  }
  const yes = "Install";
  const question =
    "Shipworthy found no server. Install it in an environment of its own? The libraries that it needs are downloaded with pip.";
  return (await vscode.window.showInformationMessage(question, yes, "Not Now")) === yes;
}

/** Make the private environment, in place of one that is there. Raises with what pip or Python said. */
export async function install(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<void> {
  const environment = privateEnvironment(context);
  const storage = context.globalStorageUri.fsPath;
  await fs.mkdir(storage, { recursive: true });
  const wheel = await wheelOf(context);
  const options = { location: vscode.ProgressLocation.Notification, title: "Shipworthy: installing the server", cancellable: true };
  await vscode.window.withProgress(options, async (progress, cancelled) => {
    const python = await findPython(storage);
    log.info(`making ${environment} with ${python}`);
    try {
      progress.report({ message: "making an environment" });
      await run(python, ["-I", "-m", "venv", "--clear", environment], { folder: storage, cancelled });
      progress.report({ message: "installing" });
      const pip = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", wheel];
      log.info((await run(programIn(environment, "python"), pip, { folder: storage, cancelled })).output);
    } catch (error) {
      // Half an environment would be taken for a whole one at the next start.
      await fs.rm(environment, { recursive: true, force: true });
      throw error;
    }
  });
  await removeOthers(storage, environment);
}

async function wheelOf(context: vscode.ExtensionContext): Promise<string> {
  const folder = path.join(context.extensionPath, "wheel");
  const wheel = (await fs.readdir(folder).catch(() => [])).find((name) => name.endsWith(".whl"));
  if (!wheel) {
    throw new Error("this build of the extension brings no server; install it with `pip install shipworthy`");
  }
  return path.join(folder, wheel);
}

async function findPython(folder: string): Promise<string> {
  const set = vscode.workspace.getConfiguration("shipworthy").get<string>("server.python", "");
  const candidates = set ? [set] : NAMES.map(onPath).filter((found) => found !== undefined);
  for (const candidate of candidates) {
    const suits = await run(candidate, ["-I", "-c", IS_NEW_ENOUGH], { folder }).then(
      () => true,
      () => false,
    );
    if (suits) {
      return candidate;
    }
  }
  throw new Error(set ? `${set} is not a Python 3.11 or newer` : "no Python 3.11 or newer is on PATH; set shipworthy.server.python");
}

/** Environments of earlier versions of the extension are of no use any more. */
async function removeOthers(storage: string, environment: string): Promise<void> {
  for (const name of await fs.readdir(storage)) {
    const place = path.join(storage, name);
    if (name.startsWith("server-") && place !== environment) {
      await fs.rm(place, { recursive: true, force: true });
    }
  }
}
