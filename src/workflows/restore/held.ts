/**
 * Brings what instances hold into a database that is being restored: acknowledged work that the
 * backup does not have, or has in an older version. The restore has the database for itself
 * meanwhile; instances go on serving and queue what is written. Everything goes in pages, each a
 * step that is kept, so that it goes on where it stopped.
 *
 * Deletions come first, before the backup's rows, so that none of them brings back what was
 * deleted. Then episodes, whole. Then relationships, lessons, decisions, judgements, vectors and
 * settings of the namespaces whose homes have all of them. What was learned follows from all this:
 * homes learn it anew afterwards.
 *
 * @module
 */

import type { HeldTable, Holdings } from "../../durable/shared/instance/holdings.ts";
import type { JobContext } from "../job-context.ts";
import { bringInCopies, type CopiesPage } from "./held-copies.ts";
import { HeldSteps, type HeldPlan, type Key, type Write } from "./held-steps.ts";
import { bringInTable, type TablePageResult } from "./held-tables.ts";

export interface HeldResult {
  /**
   * Episodes that the database lacked or had older, their steps, and other rows that it lacked or
   * had otherwise.
   */
  episodes: number;
  steps: number;
  rows: number;
}

/** A namespace, and the instance that is its home. */
interface Home {
  instance: number;
  namespace: string;
  /** The home knows all of it: what comes in there is known already. */
  isLearned: boolean;
  /** The home has all relationships of it. */
  hasRelationships: boolean;
  /** The home has all lessons and decisions of it. */
  hasCurated: boolean;
}

/** What the home of a namespace has of it beside episodes. */
const KNOWLEDGE = ["vectors", "feedback", "namespace_settings"] as const;
const CURATED = ["lessons", "lesson_evidence", "curation"] as const;

const TOMBSTONES_NEWER = `INSERT INTO tombstones (namespace, episode_id, deleted_at)
  SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(?) WHERE true
  ON CONFLICT (namespace, episode_id) DO UPDATE SET deleted_at = excluded.deleted_at
  WHERE excluded.deleted_at > tombstones.deleted_at`;

export class Held {
  readonly #context: JobContext;
  readonly #plan: HeldPlan;
  readonly #held: HeldSteps;
  readonly #result: HeldResult = { episodes: 0, steps: 0, rows: 0 };

  constructor(context: JobContext, plan: HeldPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#held = new HeldSteps(context);
  }

  /** Deletions that were acknowledged; before the backup's rows come in. */
  async deletions(): Promise<void> {
    if (this.#plan.deleted === "bring_back") return;
    for (const instance of await this.#held.instances()) {
      let after: Key = null;
      let piece = 0;
      do {
        const from: Key = after;
        after = await this.#held.write(`deletions ${instance} ${piece++}`, (write) =>
          this.#deletions(instance, from, write),
        );
        await this.#report();
      } while (after !== null);
    }
  }

  /** Everything else; after the backup's rows came in. */
  async merge(): Promise<HeldResult> {
    const homes = await this.#homes();
    await this.#copies();
    if (this.#plan.scope.episode === null && this.#plan.outbox === "replay") {
      for (const home of homes) {
        if (home.hasRelationships) await this.#table(home, "relationships");
        if (home.hasCurated) for (const table of CURATED) await this.#table(home, table);
        if (home.isLearned) for (const table of KNOWLEDGE) await this.#table(home, table);
      }
    }
    await this.#held.close();
    return this.#result;
  }

  /** A page of an instance's deletions. Answers with where the next one begins. */
  async #deletions(instance: number, after: Key, write: Write): Promise<Key> {
    const { scope, outbox } = this.#plan;
    const { rows, next } = await this.#held.ask(instance, "rows", {
      table: "tombstones",
      namespace: scope.namespace,
      after,
      onlySent: outbox === "keep",
    });
    const mine = rows.filter(([, id]) => scope.episode === null || id === scope.episode);
    if (mine.length > 0) await write([{ sql: TOMBSTONES_NEWER, args: [JSON.stringify(mine)] }]);
    return next;
  }

  /** The namespaces in the scope whose homes know something. */
  async #homes(): Promise<Home[]> {
    const { namespace: only } = this.#plan.scope;
    const homes: Home[] = [];
    for (const instance of await this.#held.instances()) {
      let after: string | null = "";
      for (let piece = 0; after !== null; piece++) {
        const from: string = after;
        const page: Holdings["namespaces"]["output"] = await this.#held.read(
          `namespaces ${instance} ${piece}`,
          () => this.#held.ask(instance, "namespaces", { after: from }),
        );
        const mine = page.namespaces.filter(({ namespace }) => only === null || namespace === only);
        homes.push(...mine.map((home) => ({ instance, ...home })));
        after = page.next;
      }
    }
    // Where what is unsent is set aside, what a home knows of it cannot be told from the rest.
    return this.#plan.outbox === "replay" ? homes : [];
  }

  /** Episodes, whole. */
  async #copies(): Promise<void> {
    for (const instance of await this.#held.instances()) {
      let after: [string, string] | null = ["", ""];
      for (let piece = 0; after !== null; piece++) {
        const page = { instance, after };
        const done: CopiesPage = await this.#held.write(`copies ${instance} ${piece}`, (write) =>
          bringInCopies(this.#context, this.#plan, this.#held, page, write),
        );
        await this.#report();
        this.#result.episodes += done.episodes;
        this.#result.steps += done.steps;
        after = done.next;
      }
    }
  }

  /** A table of a namespace, as its home has it. */
  async #table({ instance, namespace }: Home, table: HeldTable): Promise<void> {
    let after: Key = null;
    let piece = 0;
    do {
      const page = { instance, namespace, table, after };
      const done: TablePageResult = await this.#held.write(
        `${table} ${namespace} ${piece++}`,
        (write) => bringInTable(this.#context, this.#held, page, write),
      );
      await this.#report();
      this.#result.rows += done.rows;
      after = done.next;
    } while (after !== null);
  }

  async #report(): Promise<void> {
    const { episodes, steps, rows } = this.#result;
    await this.#context.report({
      phase: "held by instances",
      rows: episodes + steps + rows,
      bytes: 0,
      done: 0,
      total: 0,
    });
  }
}
