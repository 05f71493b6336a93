/**
 * The copies of incidents in the bucket, of a day: they outlive the Coordinator, and what it keeps.
 * Only reads.
 *
 * @module
 */

import type { CommandResult } from "../contract/call.ts";
import { INCIDENT_KINDS, SEVERITIES } from "../contract/vocabulary.ts";
import type { Incident } from "../contract/watching/answers.ts";
import { unlessR2Fails } from "./backup-catalog.ts";

/** Entries of one answer; the newest of the day. */
const ANSWERED = 2_000;
/** Objects that are read for it, and characters of one; a copy has two hundred entries. */
const OBJECTS_MAX = 100;
const OBJECT_BYTES = 8 * 1_024 * 1_024;

export class IncidentArchive {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  /** Oldest first. @param day YYYY-MM-DD, UTC */
  day(day: string): Promise<CommandResult<Incident[]>> {
    return unlessR2Fails(async () => {
      const keys = (await this.#keys(`incidents/${day}/`)).slice(-OBJECTS_MAX).reverse();
      let found: Incident[] = [];
      for (const key of keys) {
        if (found.length >= ANSWERED) break;
        const object = await this.#bucket.get(key);
        if (!object || object.size > OBJECT_BYTES) continue;
        found = [...incidentsOf(await object.text()), ...found];
      }
      found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq));
      return { ok: true, value: found.slice(-ANSWERED) };
    });
  }

  /** In the order in which they were copied. */
  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#bucket.list({ prefix, ...(cursor ? { cursor } : {}) });
      keys.push(...page.objects.map(({ key }) => key));
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
    return keys.sort();
  }
}

/** The bucket is not ours alone: a line that is no incident is passed over. */
function incidentsOf(text: string): Incident[] {
  return text.split("\n").flatMap((line): Incident[] => {
    try {
      const { seq, at, kind, severity, title, detail } = JSON.parse(line) as Partial<Incident>;
      const isOne =
        typeof seq === "number" &&
        typeof at === "string" &&
        typeof title === "string" &&
        INCIDENT_KINDS.some((one) => one === kind) &&
        SEVERITIES.some((one) => one === severity);
      const isObject = typeof detail === "object" && detail !== null;
      return isOne
        ? [{ seq, at, kind, severity, title, detail: isObject ? detail : {} } as Incident]
        : [];
    } catch {
      return [];
    }
  });
}
