/**
 * Questions to the one at the terminal.
 *
 * @module
 */

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CliError, EXIT } from "../exit.ts";

const interactive = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks for a secret without showing it. */
export async function askSecret(question: string, instead: string): Promise<string> {
  if (!interactive()) throw new CliError(instead, EXIT.auth);
  process.stderr.write(question);
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: process.stdin, output: mute, terminal: true });
  try {
    return (await line.question("")).trim();
  } finally {
    line.close();
    process.stderr.write("\n");
  }
}

/** Asks before what cannot be undone; in a script it wants --yes. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!interactive()) throw new CliError(`${question} Say --yes to do it without a terminal.`);
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const said = (await line.question(`${question} [y/N] `)).trim().toLowerCase();
    if (said !== "y" && said !== "yes") throw new CliError("Nothing was done.", EXIT.failed);
  } finally {
    line.close();
  }
}

/** All that comes in by a pipe. */
export async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) throw new CliError("Nothing comes in: pipe it, or name a file.");
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
