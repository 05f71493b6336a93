/**
 * What jobs ask of the Coordinator and, through it, of the instances while they back up and
 * restore.
 *
 * @module
 */

import { COORDINATOR_STAGES, snapshotPage } from "../../shared/tables/snapshots.ts";
import type { Handlers } from "./handler.ts";

/** A page of a snapshot or of what is held may be large, ms. */
const PAGE_MS = 30_000;
const LEARN_MS = 20_000;
/** Where a namespace lives is found out by the instance that is asked: any may be. */
const ANY_INSTANCE = 0;

type Names =
  | "snapshot.page"
  | "restore.hold"
  | "restore.release"
  | "restore.holdings"
  | "restore.learn"
  | "restore.put_local"
  | "restore.bring_back_keys"
  | "restore.put_settings"
  | "knowledge.learn"
  | "knowledge.forget";

export const RESTORE_COMMANDS: Handlers<Names> = {
  "snapshot.page": ({ sql, instances }, { instance, cursor }) =>
    instance === -1
      ? snapshotPage(sql, cursor, COORDINATOR_STAGES)
      : instances.demand(instance, "snapshot", { cursor }, PAGE_MS),

  "restore.hold": ({ restoreHold }, { job, backup }) => restoreHold.hold(job, backup),

  "restore.release": ({ restoreHold }, input) => restoreHold.release(input, "coordinator"),

  "restore.holdings": ({ instances }, { instance, what, input }) =>
    instances.demand(instance, "restore_holdings", { what, input }, PAGE_MS),

  "restore.learn": ({ instances }, input) =>
    instances.demand(ANY_INSTANCE, "restore_learn", input, LEARN_MS),

  "restore.put_local": ({ instances }, { instance, table, rows }) =>
    instances.demand(instance, "restore_local", { table, rows }, PAGE_MS),

  "restore.bring_back_keys": ({ keys }, { rows, authentic, dry_run }) =>
    keys.bringBack(rows, authentic, dry_run),

  "restore.put_settings": async ({ controlStore, instances, r2 }, { settings, by }) => {
    controlStore.configure(settings, by);
    r2.configure();
    await instances.push();
    return null;
  },

  "knowledge.learn": async ({ instances }, { digest }) => {
    await instances.demand(ANY_INSTANCE, "learn", { digest, recall_id: null }, LEARN_MS);
    return null;
  },

  "knowledge.forget": ({ instances }, input) =>
    instances.demand(ANY_INSTANCE, "forget", input, LEARN_MS),
};
