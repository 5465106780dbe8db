/** What the user sees of the server: an item in the status bar, and the status of the language. */

import * as vscode from "vscode";
import { State, type LanguageClient } from "vscode-languageclient/node";

/** Sent by the server after each check of a document; see server.py. */
interface Checked {
  readonly uri: string;
  readonly version: number;
  readonly whole: boolean;
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("shipworthy", vscode.StatusBarAlignment.Right, 50);
  private readonly language = vscode.languages.createLanguageStatusItem("shipworthy", { scheme: "file" });
  private readonly checked = new Map<string, Checked>();
  private readonly listeners: vscode.Disposable[];
  private trouble: string | undefined;
  private server = "";
  private running = false;

  constructor() {
    this.item.name = this.language.name = "Shipworthy";
    this.item.command = this.language.command = { command: "shipworthy.showOutput", title: "Show Output" };
    this.listeners = [
      vscode.window.onDidChangeActiveTextEditor(() => this.show()),
      vscode.languages.onDidChangeDiagnostics(() => this.show()),
      vscode.workspace.onDidCloseTextDocument((document) => this.checked.delete(document.uri.toString())),
    ];
    this.show();
    this.item.show();
  }

  /** Something is under way that must end before files are checked. */
  busy(what: string): void {
    this.trouble = undefined;
    this.running = false;
    this.show(what);
  }

  /** Files cannot be checked, and why. */
  fail(why: string): void {
    this.trouble = why;
    this.running = false;
    this.show();
  }

  /** Follow a server from its start to its end. */
  follow(client: LanguageClient, origin: string): void {
    client.onDidChangeState(({ newState }) => {
      const info = client.initializeResult?.serverInfo;
      this.server = `server ${info?.version ?? ""}, from ${origin}`;
      this.running = newState === State.Running;
      this.trouble = newState === State.Stopped ? "the server has stopped" : undefined;
      this.checked.clear();
      this.show();
    });
    client.onNotification("$/shipworthy/checked", (checked: Checked) => {
      this.checked.set(client.protocol2CodeConverter.asUri(checked.uri).toString(), checked);
      this.show();
    });
  }

  dispose(): void {
    vscode.Disposable.from(this.item, this.language, ...this.listeners).dispose();
  }

  private show(what = "starting"): void {
    const document = vscode.window.activeTextEditor?.document;
    const checked = document && this.checked.get(document.uri.toString());
    const count = document ? this.findings(document.uri) : 0;
    this.language.busy = !this.trouble && (!this.running || (checked !== undefined && !checked.whole));
    this.language.severity = this.trouble ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    this.item.backgroundColor = this.trouble ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    if (this.trouble) {
      this.item.text = "$(shield) Shipworthy: not checking";
      this.language.text = `Shipworthy cannot check: ${this.trouble}`;
    } else if (!this.running) {
      this.item.text = `$(sync~spin) Shipworthy: ${what}`;
      this.language.text = `Shipworthy: ${what}`;
    } else {
      this.item.text = checked ? `$(shield) ${count}` : "$(shield) Shipworthy";
      this.language.text = checked ? `Shipworthy: ${count} ${count === 1 ? "finding" : "findings"}` : "Shipworthy";
    }
    this.language.detail = this.server;
    const words = `${this.language.text}\n\n${this.server}\n\n`;
    const links = "[Restart](command:shipworthy.restart) · [Check workspace](command:shipworthy.checkWorkspace)";
    this.item.tooltip = new vscode.MarkdownString(words + links);
    this.item.tooltip.isTrusted = { enabledCommands: ["shipworthy.restart", "shipworthy.checkWorkspace"] };
    this.item.accessibilityInformation = { label: this.language.text };
  }

  private findings(uri: vscode.Uri): number {
    return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "shipworthy").length;
  }
}
