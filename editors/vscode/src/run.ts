/** Run a program and take what it says. */

import { execFile } from "node:child_process";
import type { CancellationToken } from "vscode";

const MOST = 256 * 1024 * 1024;

export interface Options {
  /** Where it runs: never a folder of the workspace when the program is a Python, which may import from there. */
  readonly folder: string;
  readonly cancelled?: CancellationToken;
  /** Exit codes that are answers, and not failures. */
  readonly good?: number[];
}

export interface Done {
  readonly code: number;
  readonly output: string;
  readonly complaint: string;
}

/** How a program ended. Raises with what it said if it fails or is cancelled. */
export function run(program: string, words: string[], options: Options): Promise<Done> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, { cwd: options.folder, maxBuffer: MOST }, (error, output, complaint) => {
      stop?.dispose();
      const code = typeof error?.code === "number" ? error.code : 0;
      if (error && !options.good?.includes(code)) {
        reject(new Error(options.cancelled?.isCancellationRequested ? "cancelled" : complaint.trim() || error.message));
      } else {
        resolve({ code, output, complaint });
      }
    });
    const stop = options.cancelled?.onCancellationRequested(() => child.kill());
  });
}
