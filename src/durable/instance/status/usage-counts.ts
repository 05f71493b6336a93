/**
 * Counts how much each namespace and each key uses this instance: in memory to count with, and in
 * its storage a moment later, a row a name. Of more names than are kept, those that came the
 * longest ago are summed up as others. The owner of the table `usage_counts`.
 *
 * @module
 */

import { MS } from "../../../contract/limits.ts";
import type { UsageMeasure, UsageSpan } from "../../../contract/vocabulary.ts";
import {
  mergedUsage,
  NO_USAGE,
  type UsageList,
  type UsageShare,
} from "../../shared/instance/usage.ts";
import type { PartContext } from "../../shared/context.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { openEpisodes, type OpenBy } from "../episodes/store/open-episodes.ts";
import type { UsageSink } from "./usage-sink.ts";
import { counted, emptyTally, joined, lately, type Counted, type Tally } from "./usage-tally.ts";

export const USAGE_COUNTS_SCHEMA: readonly string[] = [
  // kind: namespace or key. name: '' for the others.
  `CREATE TABLE IF NOT EXISTS usage_counts (
    kind TEXT NOT NULL, name TEXT NOT NULL, counted_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID`,
];

/** Namespaces, and keys, that are counted by name. */
const NAMES_MAX = 1_000;
/** A name of which nothing was counted for this long is forgotten, ms. */
const FORGOTTEN_AFTER_MS = 2 * MS.day;
/** The name of those that are summed up. */
const OTHERS = "";
/** Who is behind requests that show no key, or none that is known here. */
export const NOBODY = "nobody";

type Kind = OpenBy;

/** Whose request it is. */
export interface UsedBy {
  /** null: it was not let into one. */
  namespace: string | null;
  /** The key's id, operator or nobody. */
  key: string;
}

interface Named {
  tally: Tally;
  countedAt: number;
}

interface UsageCountsDeps extends Pick<PartContext, "sql" | "now" | "log"> {
  /** The setting `usage_save_ms`. */
  saveAfterMs: () => number;
  /** Calls back after this many ms. */
  later: (work: () => void, ms: number) => void;
  /** Where namespaces' counts go beside the table; undefined: nowhere. */
  sink?: Pick<UsageSink, "count" | "flush"> | undefined;
}

export class UsageCounter {
  readonly schema = USAGE_COUNTS_SCHEMA;
  readonly #deps: UsageCountsDeps;
  readonly #sql: LocalSql;
  /** By kind and name, those that came last at the end. Made of the table when first needed. */
  #names: Readonly<Record<Kind, Map<string, Named>>> | null = null;
  /** What the table does not have as it is, as [kind, name]. */
  #unsaved = new Map<string, readonly [Kind, string]>();
  #isSaving = false;

  constructor(deps: UsageCountsDeps) {
    this.#deps = deps;
    this.#sql = deps.sql;
  }

  count({ namespace, key }: UsedBy, added: Counted): void {
    if (namespace !== null) {
      this.#count("namespace", namespace, added);
      this.#deps.sink?.count(namespace, added);
    }
    this.#count("key", key, added);
    if (this.#isSaving) return;
    this.#isSaving = true;
    this.#deps.later(() => this.#saveNow(), this.#deps.saveAfterMs());
  }

  /** What was counted lately, and what runs now. */
  share(over: UsageSpan, by: UsageMeasure): Omit<UsageShare, "quotas"> {
    const list = (kind: Kind): UsageList =>
      mergedUsage([this.#lately(kind, over), openEpisodes(this.#sql, kind)], by);
    return { namespaces: list("namespace"), keys: list("key") };
  }

  /** Stores what was counted. */
  save(): void {
    const names = this.#loaded();
    for (const [kind, name] of this.#unsaved.values()) {
      const named = names[kind].get(name);
      if (named) this.#put(kind, name, named);
      else this.#sql.run("DELETE FROM usage_counts WHERE kind = ? AND name = ?", kind, name);
    }
    this.#unsaved = new Map();
  }

  #saveNow(): void {
    this.#isSaving = false;
    this.#deps.sink?.flush();
    try {
      this.#forgetOld();
      this.save();
    } catch (error) {
      this.#deps.log({ event: "usage_save_failed", reason: String(error) });
    }
  }

  #count(kind: Kind, name: string, added: Counted): void {
    const names = this.#loaded()[kind];
    const at = this.#deps.now();
    const tally = counted(names.get(name)?.tally ?? emptyTally(at), added, at);
    this.#set(kind, name, { tally, countedAt: at });
    if (names.size - (names.has(OTHERS) ? 1 : 0) <= NAMES_MAX) return;
    for (const [oldest, { tally: last }] of names) {
      if (oldest === OTHERS) continue;
      const others = names.get(OTHERS)?.tally ?? emptyTally(at);
      names.delete(oldest);
      this.#markUnsaved(kind, oldest);
      this.#set(kind, OTHERS, { tally: joined(others, last, at), countedAt: at });
      return;
    }
  }

  /** The name becomes the one that came last. */
  #set(kind: Kind, name: string, named: Named): void {
    const names = this.#loaded()[kind];
    names.delete(name);
    names.set(name, named);
    this.#markUnsaved(kind, name);
  }

  #markUnsaved(kind: Kind, name: string): void {
    this.#unsaved.set(`${kind}:${name}`, [kind, name]);
  }

  #forgetOld(): void {
    const before = this.#deps.now() - FORGOTTEN_AFTER_MS;
    for (const [kind, names] of Object.entries(this.#loaded()) as [Kind, Map<string, Named>][]) {
      for (const [name, { countedAt }] of names) {
        if (countedAt >= before) break;
        names.delete(name);
        this.#markUnsaved(kind, name);
      }
    }
  }

  #lately(kind: Kind, over: UsageSpan): UsageList {
    const now = this.#deps.now();
    const list: UsageList = { rows: [], others: NO_USAGE };
    for (const [name, { tally }] of this.#loaded()[kind]) {
      const counts = { ...NO_USAGE, ...lately(tally, over, now) };
      if (name === OTHERS) list.others = counts;
      else list.rows.push({ name, ...counts });
    }
    return list;
  }

  #loaded(): Readonly<Record<Kind, Map<string, Named>>> {
    if (this.#names) return this.#names;
    const names = { namespace: new Map<string, Named>(), key: new Map<string, Named>() };
    const rows = this.#sql.all<{ kind: Kind; name: string; counted_at: number; body: string }>(
      "SELECT kind, name, counted_at, body FROM usage_counts ORDER BY counted_at",
    );
    for (const { kind, name, counted_at, body } of rows) {
      names[kind].set(name, { tally: JSON.parse(body) as Tally, countedAt: counted_at });
    }
    this.#names = names;
    return names;
  }

  #put(kind: Kind, name: string, { tally, countedAt }: Named): void {
    this.#sql.run(
      `INSERT INTO usage_counts (kind, name, counted_at, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (kind, name) DO UPDATE
        SET counted_at = excluded.counted_at, body = excluded.body`,
      kind,
      name,
      countedAt,
      JSON.stringify(tally),
    );
  }
}
