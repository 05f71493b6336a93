/**
 * What a failure is to a command line: the code that it ends with, and the words for a person.
 *
 * @module
 */

import { MemoryError } from "../client/index.ts";
import { CliError, EXIT } from "./exit.ts";

export function exitOf(error: unknown): number {
  if (error instanceof CliError) return error.exit;
  if (!(error instanceof MemoryError)) return EXIT.failed;
  const { status } = error;
  if (status === 0 || status === 429 || status >= 502) return EXIT.unavailable;
  if (status === 401 || status === 403) return EXIT.auth;
  if (status === 404) return EXIT.not_found;
  if (status === 409 || status === 412 || status === 422) return EXIT.conflict;
  return status >= 500 ? EXIT.failed : EXIT.usage;
}

/**
 * What went wrong, for a person: what, which field, and what to do.
 *
 * @param started where `npm start` of this folder listens; null: that is not known
 */
export function explain(error: unknown, started: string | null = null): string {
  if (!(error instanceof MemoryError))
    return error instanceof Error ? error.message : String(error);
  const fields = error.errors.filter(
    ({ path, message }) => !error.message.includes(message) || !error.message.includes(path),
  );
  const lines = [error.message, ...fields.map(({ path, message }) => `  ${path}: ${message}`)];
  if (error.status === 401)
    lines.push("Set MEMORY_KEY, or save a key: memory-cli profile add NAME --url URL");
  if (error.code === "network")
    lines.push(
      "Is it running, and is the address right? memory-cli profile show; memory-cli doctor",
    );
  if (error.code === "network" && started !== null && !error.message.startsWith(`${started} `))
    lines.push(
      `npm start of this folder listens elsewhere, at ${started}: --url ${started}, or mend the profile.`,
    );
  if (error.code === "unexpected")
    lines.push(
      "This is no answer of the service. Is it another server's address? memory-cli profile show",
    );
  if (error.retryAfterMs !== null)
    lines.push(`Try again in ${Math.ceil(error.retryAfterMs / 1_000)} s.`);
  if (error.requestId !== null) lines.push(`request_id ${error.requestId}`);
  return lines.join("\n");
}
