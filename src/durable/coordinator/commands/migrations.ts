/**
 * Commands about the database's migrations.
 *
 * @module
 */

import type { Handlers } from "./handler.ts";

export const MIGRATION_COMMANDS: Handlers<"migrations.plan" | "migrations.execute"> = {
  "migrations.plan": ({ migrator }) => migrator.plan(),
  "migrations.execute": ({ migrator }, { without_backup, by }) =>
    migrator.execute(without_backup, by),
};
