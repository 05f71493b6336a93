/**
 * The settings of each namespace, at its home: the owner of the tables `namespace_settings` and
 * `namespace_settings_loaded`. A namespace's rows are read from the database before the first use
 * here; what changed here meanwhile is newer and stays.
 *
 * @module
 */

import {
  NAMESPACE_SETTING_NAMES,
  namespaceSettingsOf,
  type NamespaceSettingChanges,
  type NamespaceSettings as Values,
} from "../../../contract/namespaces/settings.ts";
import { DatabaseError, readNamespaceSlice, TABLES, upsertRow } from "../../../storage/index.ts";
import { withDeadline } from "../../../util/deadline.ts";
import { Moved } from "../../shared/refusals.ts";
import type { KnowledgeDeps } from "./deps.ts";

export const NAMESPACE_SETTINGS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS namespace_settings_loaded (namespace TEXT PRIMARY KEY) STRICT`,
];

/** Rows of a namespace that are read: more than there are settings, by a later release too. */
const ROWS_MAX = 200;
/** A question does not wait longer for them, ms. */
const QUESTION_MS = 1_000;

type SettingsDeps = Pick<
  KnowledgeDeps,
  "sql" | "transaction" | "database" | "isHome" | "isDirty" | "markAllDirty"
>;

export class NamespaceSettings {
  readonly #deps: SettingsDeps;
  /** By namespace, what is being read. */
  readonly #reading = new Map<string, Promise<void>>();

  constructor(deps: SettingsDeps) {
    this.#deps = deps;
  }

  /** What is in force. Throws `DatabaseError` when it is not here and cannot be read, and `Moved`. */
  async of(namespace: string): Promise<Values> {
    await this.#load(namespace);
    return this.#here(namespace);
  }

  /** The same; null when it is not here and cannot be read at once. Throws `Moved`. */
  async ifReadable(namespace: string): Promise<Values | null> {
    // Each question asks, and seldom must anything be read first.
    const present = this.present(namespace);
    if (present) return present;
    const reading = this.#load(namespace);
    try {
      const isHere = !reading || (await withDeadline(reading.then(isTrue), QUESTION_MS, isFalse));
      return isHere ? this.#here(namespace) : null;
    } catch (error) {
      if (error instanceof DatabaseError) return null;
      throw error;
    }
  }

  /** What is in force, without a wait; null: it is not here. */
  present(namespace: string): Values | null {
    const rows = this.#deps.sql.all<{ name: string | null; body: string | null }>(
      `SELECT s.name, s.body FROM namespace_settings_loaded l
        LEFT JOIN namespace_settings s ON s.namespace = l.namespace
        WHERE l.namespace = ? LIMIT ?`,
      namespace,
      ROWS_MAX,
    );
    return rows.length === 0 ? null : valuesOf(rows);
  }

  /** Changes settings, after they were read; in a transaction. Answers with what is in force. */
  change(namespace: string, changes: NamespaceSettingChanges, now: number): Values {
    const { sql, isHome, markAllDirty } = this.#deps;
    if (!isHome(namespace)) throw new Moved(namespace);
    for (const name of NAMESPACE_SETTING_NAMES) {
      const value = changes[name];
      if (value === undefined) continue;
      sql.run(upsertRow("namespace_settings"), namespace, name, now, JSON.stringify(value));
      markAllDirty("namespace_settings", [[namespace, name]]);
    }
    return this.#here(namespace);
  }

  /** Those of the namespace, or of all for null, are read anew before their next use. */
  reload(namespace: string | null): void {
    const { sql } = this.#deps;
    if (namespace === null) sql.run("DELETE FROM namespace_settings_loaded");
    else sql.run("DELETE FROM namespace_settings_loaded WHERE namespace = ?", namespace);
  }

  #here(namespace: string): Values {
    const rows = this.#deps.sql.all<{ name: string; body: string }>(
      "SELECT name, body FROM namespace_settings WHERE namespace = ? LIMIT ?",
      namespace,
      ROWS_MAX,
    );
    return valuesOf(rows);
  }

  /** Brings a namespace's rows here, once; whoever comes meanwhile waits for the same. */
  #load(namespace: string): Promise<void> | null {
    const loaded = "SELECT 1 AS n FROM namespace_settings_loaded WHERE namespace = ?";
    if (this.#deps.sql.all(loaded, namespace).length > 0) return null;
    const reading =
      this.#reading.get(namespace) ??
      this.#read(namespace).finally(() => this.#reading.delete(namespace));
    this.#reading.set(namespace, reading);
    return reading;
  }

  async #read(namespace: string): Promise<void> {
    const { sql, database, transaction, isHome, isDirty } = this.#deps;
    const bounds = { rows: ROWS_MAX };
    const { rows } = await readNamespaceSlice(
      database,
      "namespace_settings",
      namespace,
      null,
      bounds,
    );
    transaction(() => {
      if (!isHome(namespace)) throw new Moved(namespace);
      for (const values of rows) {
        const key = values.slice(0, TABLES.namespace_settings.key);
        if (!isDirty("namespace_settings", key))
          sql.run(upsertRow("namespace_settings"), ...values);
      }
      sql.run("INSERT OR IGNORE INTO namespace_settings_loaded (namespace) VALUES (?)", namespace);
    });
  }
}

/** Of none: a row without a name. */
function valuesOf(rows: readonly { name: string | null; body: string | null }[]): Values {
  return namespaceSettingsOf(
    Object.fromEntries(
      rows.flatMap(({ name, body }) =>
        name === null || body === null ? [] : [[name, JSON.parse(body) as unknown]],
      ),
    ),
  );
}

const isTrue = (): boolean => true;
const isFalse = (): boolean => false;
