// The library's types bring the runtime's with them, whose `process` would hide Node's in scripts
// and tests.
/// <reference types="node" />
/**
 * Reports errors and incidents to Sentry, without anything that looks like a secret. The only
 * file that knows Sentry's library, which its authors no longer tend: everything that is
 * reported here is logged first, so it is never the only record of anything.
 *
 * @module
 */

import { Toucan } from "toucan-js";
import type { Severity } from "../contract/watching/answers.ts";
import { redactValue } from "../memory/redaction/index.ts";

/** Where bugs and incidents go beside the log. */
export interface Reporter {
  /** A bug. @param tags short, never text of a user */
  bug(error: unknown, tags: Readonly<Record<string, string>>): void;
  incident(title: string, severity: Severity, tags: Readonly<Record<string, string>>): void;
}

const LEVELS = { info: "info", warning: "warning", critical: "fatal" } as const;
/** What looks like a key or a credential in an address. */
const SECRETS = /\bmk_[0-9a-f]+_[0-9a-f]+|\bBearer\s+\S+|(?<=\/\/)[^\s/@]+(?=@)/gi;
/**
 * What may hold a JSON Web Token, which `withoutToken` judges: an expression for all of it would be
 * quadratic.
 */
const DOTTED = /[\w.-]+/g;
const TOKEN_START = /\beyJ/i;
const REMOVED = "[removed]";
const RULES = { mode: "redact", own: [] } as const;

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
      requestDataOptions: {
        allowedHeaders: [],
        allowedSearchParams: [],
        allowedCookies: [],
        allowedIps: false,
      },
      beforeSend: (event) => {
        const scrubbed = JSON.parse(scrub(JSON.stringify(event))) as typeof event;
        return redactValue(scrubbed, RULES).value;
      },
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
  return text.replaceAll(SECRETS, REMOVED).replaceAll(DOTTED, withoutToken);
}

/** A token has three parts; whatever is dotted to it goes with it. */
function withoutToken(dotted: string): string {
  const start = TOKEN_START.exec(dotted)?.index;
  if (start === undefined) return dotted;
  const parts = dotted.slice(start).split(".", 3);
  return parts.length < 3 ? dotted : dotted.slice(0, start) + REMOVED;
}
