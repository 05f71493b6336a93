// The library's types bring the runtime's with them, whose `process` would hide Node's in scripts and tests.
/// <reference types="node" />
/**
 * Errors and incidents for Sentry. The only file that knows its library, which its authors no longer tend: it is never
 * the only record of anything, because everything that is reported here is logged first.
 *
 * @module
 */

import { Toucan } from "toucan-js";
import type { Severity } from "./views.ts";

/** Where bugs and incidents go beside the log. */
export interface Reporter {
  /** A bug. @param tags short, never text of a user */
  bug(error: unknown, tags: Readonly<Record<string, string>>): void;
  incident(title: string, severity: Severity, tags: Readonly<Record<string, string>>): void;
}

const LEVELS = { info: "info", warning: "warning", critical: "fatal" } as const;
/** What looks like a key, a token or a credential in an address. */
const SECRETS = /\bmk_[0-9a-f]+_[0-9a-f]+|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=\/\/)[^\s/@]+(?=@)/gi;

export interface ReporterOptions {
  /** null: nothing is reported. */
  dsn: string | null;
  release: string;
  waitUntil: (work: Promise<unknown>) => void;
}

export function createReporter({ dsn, release, waitUntil }: ReporterOptions): Reporter {
  if (dsn === null) return { bug: () => undefined, incident: () => undefined };
  const open = (tags: Readonly<Record<string, string>>): Toucan => {
    const sentry = new Toucan({
      dsn,
      release,
      context: { waitUntil },
      // Neither body nor headers nor query: they hold what users wrote, and keys.
      requestDataOptions: { allowedHeaders: [], allowedSearchParams: [], allowedCookies: [], allowedIps: false },
      beforeSend: (event) => JSON.parse(scrub(JSON.stringify(event))) as typeof event,
    });
    for (const [name, value] of Object.entries(tags)) sentry.setTag(name, value);
    return sentry;
  };
  return {
    bug: (error, tags) => void open(tags).captureException(error),
    incident: (title, severity, tags) => void open(tags).captureMessage(title, LEVELS[severity]),
  };
}

/** The text without anything that looks like a secret. */
export function scrub(text: string): string {
  return text.replaceAll(SECRETS, "[removed]");
}
