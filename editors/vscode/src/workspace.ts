/** What the `shipworthy` command says, shown in the editor: findings of all files, and what decides for one file. */

import * as path from "node:path";
import * as vscode from "vscode";
import { commandBeside, type Server } from "./locate";
import { run } from "./run";

const FOUND_SOMETHING = 1;
const COULD_NOT_CHECK_ALL = 2;

/** A line of `shipworthy check --output-format jsonl`. */
interface Line {
  readonly path: string;
  readonly rule?: string;
  readonly severity: string;
  readonly message: string;
  readonly start?: { readonly line: number; readonly column: number };
  readonly end?: { readonly line: number; readonly column: number };
}

const SEVERITIES: Record<string, vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** Findings in files that are not open; those of open files are the server's to show. */
export class Workspace implements vscode.Disposable {
  private readonly shown = vscode.languages.createDiagnosticCollection("shipworthy-workspace");
  private readonly listener = vscode.workspace.onDidOpenTextDocument(({ uri }) => this.shown.delete(uri));

  dispose(): void {
    vscode.Disposable.from(this.shown, this.listener).dispose();
  }

  /** Check every folder of the workspace and show what is found. Raises if the command cannot be run. */
  async check(server: Server, log: vscode.LogOutputChannel): Promise<void> {
    if (vscode.workspace.getConfiguration("shipworthy").get<boolean>("checkWorkspace")) {
      // The server tells of all files by itself; said twice, every finding would stand there twice.
      this.shown.clear();
      await vscode.commands.executeCommand("workbench.actions.view.problems");
      return;
    }
    const command = commandOf(server);
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
    const options = { location: vscode.ProgressLocation.Notification, title: "Shipworthy: checking the workspace", cancellable: true };
    let unchecked = false;
    const found = await vscode.window.withProgress(options, async (_, cancelled) => {
      const all: [vscode.Uri, Line[]][] = [];
      for (const { uri } of folders) {
        const words = ["check", "--output-format", "jsonl"];
        const good = [FOUND_SOMETHING, COULD_NOT_CHECK_ALL];
        const { code, output, complaint } = await run(command, words, { folder: uri.fsPath, cancelled, good });
        all.push([uri, linesOf(output)]);
        if (code === COULD_NOT_CHECK_ALL) {
          log.error(complaint);
          unchecked = true;
        }
      }
      return all;
    });
    this.shown.clear();
    let count = 0;
    for (const [folder, lines] of found) {
      count += lines.length;
      for (const file of new Set(lines.map((line) => line.path))) {
        const ofFile = lines.filter((line) => line.path === file);
        await this.show(vscode.Uri.file(path.join(folder.fsPath, file)), ofFile);
      }
    }
    void vscode.commands.executeCommand("workbench.actions.view.problems");
    void vscode.window.setStatusBarMessage(`Shipworthy: ${count} ${count === 1 ? "finding" : "findings"} in the workspace`, 10_000);
    if (unchecked) {
      throw new Error("something could not be checked; the output says what");
    }
  }

  private async show(uri: vscode.Uri, lines: Line[]): Promise<void> {
    if (vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString())) {
      return;
    }
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)).split(/\r\n|\r|\n/);
    this.shown.set(
      uri,
      lines.map((line) => {
        const range = new vscode.Range(position(text, line.start), position(text, line.end ?? line.start));
        const diagnostic = new vscode.Diagnostic(range, line.message, SEVERITIES[line.severity] ?? vscode.DiagnosticSeverity.Error);
        diagnostic.source = "shipworthy";
        diagnostic.code = line.rule;
        return diagnostic;
      }),
    );
  }
}

/** Open a page that says which settings, rules and baseline decide for the file in the editor. */
export async function explain(server: Server): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== "file") {
    throw new Error("open a file first");
  }
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
  const { output } = await run(commandOf(server), ["explain", uri.fsPath], { folder });
  const page = await vscode.workspace.openTextDocument({ content: output, language: "yaml" });
  await vscode.window.showTextDocument(page, { preview: true });
}

function commandOf(server: Server): string {
  const command = commandBeside(server);
  if (!command) {
    throw new Error(`there is no command shipworthy beside ${server.program}`);
  }
  return command;
}

function linesOf(output: string): Line[] {
  return output.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Line);
}

/** The command counts code points from 1, VS Code counts UTF-16 units from 0. */
function position(text: string[], at: { line: number; column: number } = { line: 1, column: 1 }): vscode.Position {
  const before = [...(text[at.line - 1] ?? "")].slice(0, at.column - 1);
  return new vscode.Position(at.line - 1, before.join("").length);
}
