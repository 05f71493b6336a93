/**
 * Questions to the person at the terminal. Without a terminal nothing is asked: the error says how
 * to do without the question.
 *
 * @module
 */

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CliError, EXIT } from "../exit.ts";
import type { Io } from "./io.ts";

const isInteractive = ({ stdin, stderr }: Io): boolean =>
  stdin.isTTY === true && stderr.isTTY === true;

/**
 * Asks for a secret without showing it.
 *
 * @param instead what to say where there is no terminal
 */
export async function askSecret(io: Io, question: string, instead: string): Promise<string> {
  if (!isInteractive(io)) throw new CliError(instead, EXIT.auth);
  io.stderr.write(question);
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: io.stdin, output: mute, terminal: true });
  try {
    return (await line.question("")).trim();
  } finally {
    line.close();
    io.stderr.write("\n");
  }
}

/**
 * Asks before what cannot be undone.
 *
 * @param isConfirmed whether --yes was given
 * @throws when the answer is no, and without a terminal
 */
export async function confirm(io: Io, question: string, isConfirmed: boolean): Promise<void> {
  if (isConfirmed) return;
  if (!isInteractive(io)) throw new CliError(`${question} Say --yes to do it without a terminal.`);
  const line = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = (await line.question(`${question} [y/N] `)).trim().toLowerCase();
    if (answer !== "y" && answer !== "yes") throw new CliError("Nothing was done.", EXIT.failed);
  } finally {
    line.close();
  }
}

/**
 * Asks for a line.
 *
 * @param usual what an empty answer means
 * @param instead what to say where there is no terminal
 */
export async function askLine(
  io: Io,
  question: string,
  usual: string,
  instead: string,
): Promise<string> {
  if (!isInteractive(io)) throw new CliError(instead);
  const line = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const shown = usual === "" ? "" : ` [${usual}]`;
    return (await line.question(`${question}${shown}: `)).trim() || usual;
  } finally {
    line.close();
  }
}

/** The pipe that the command reads. @throws when stdin is a terminal */
export function pipeOf({ stdin }: Io): Io["stdin"] {
  if (stdin.isTTY) throw new CliError("Nothing comes in: pipe it, or name a file.");
  return stdin;
}

/** All that comes in by a pipe, as text. */
export async function readPipe(io: Io): Promise<string> {
  return (await pipeBytes(io)).toString("utf8");
}

export async function pipeBytes(io: Io): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of pipeOf(io)) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts);
}
