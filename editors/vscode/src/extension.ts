/** Finds the server, starts it, and shows its state. What is a finding is for the server to say. */

import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, type StaticFeature } from "vscode-languageclient/node";
import { install, mayInstall, privateEnvironment } from "./install";
import { findServer, type Server } from "./locate";
import { Status } from "./status";
import { explain, Workspace } from "./workspace";

/** Settings that decide which server runs, or what it offers from its start on. */
const NEEDS_RESTART = ["shipworthy.server", "shipworthy.codeLens", "shipworthy.checkWorkspace", "python.defaultInterpreterPath"];

let stop: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Shipworthy", { log: true });
  const status = new Status();
  const workspace = new Workspace();
  let client: LanguageClient | undefined;
  let server: Server | undefined;
  let turn = Promise.resolve();

  stop = async () => {
    const old = client;
    client = undefined;
    // A server that does not answer is ended by the client after this time, with its process.
    await old?.dispose(2000).catch((error: unknown) => log.warn(`the server did not end well: ${error}`));
  };

  async function start(): Promise<void> {
    status.busy("starting");
    await stop?.();
    server = await findServer(privateEnvironment(context));
    if (!server) {
      status.fail("no server was found; the command Shipworthy: Install Server makes one");
      if (!(await mayInstall())) {
        return;
      }
      status.busy("installing");
      await install(context, log);
      server = await findServer(privateEnvironment(context));
    }
    if (!server) {
      throw new Error("the private environment has no server");
    }
    await vscode.workspace.fs.createDirectory(context.globalStorageUri);
    log.info(`server: ${server.program} (${server.origin})`);
    client = makeClient(server, context, log);
    status.follow(client, server.origin);
    await client.start();
  }

  /** One after the other: a start while another one is under way would leave two servers. */
  function restart(): Promise<void> {
    turn = turn.then(start).catch((error: unknown) => {
      log.error(String(error));
      status.fail(error instanceof Error ? error.message : String(error));
    });
    return turn;
  }

  async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
    await turn;
    await shown(async () => {
      if (!server) {
        throw new Error("there is no server");
      }
      await work(server);
    });
  }

  async function shown(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => {
      log.error(String(error));
      void vscode.window.showErrorMessage(`Shipworthy: ${error instanceof Error ? error.message : error}`);
    });
  }

  const commands: Record<string, () => unknown> = {
    "shipworthy.restart": restart,
    "shipworthy.showOutput": () => log.show(),
    "shipworthy.checkWorkspace": () => withServer((found) => workspace.check(found, log)),
    "shipworthy.explainFile": () => withServer(explain),
    "shipworthy.installServer": () => shown(() => install(context, log).then(restart)),
  };
  context.subscriptions.push(
    log,
    status,
    workspace,
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (NEEDS_RESTART.some((section) => change.affectsConfiguration(section))) {
        void restart();
      }
    }),
  );
  void restart();
}

export function deactivate(): Promise<void> | undefined {
  return stop?.();
}

function makeClient(server: Server, context: vscode.ExtensionContext, log: vscode.LogOutputChannel): LanguageClient {
  const options = { cwd: context.globalStorageUri.fsPath };
  const client = new LanguageClient(
    "shipworthy",
    "Shipworthy",
    { command: server.program, args: server.arguments, options },
    {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }],
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticPullOptions: { onChange: true, onSave: true },
      initializationOptions: vscode.workspace.getConfiguration("shipworthy"),
      synchronize: { configurationSection: "shipworthy" },
      markdown: { isTrusted: false, supportHtml: false },
    },
  );
  client.registerFeature(WANTS_STATUS);
  return client;
}

/** Tells the server that this client wants to hear of each check. */
const WANTS_STATUS: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), shipworthyStatus: true };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};
