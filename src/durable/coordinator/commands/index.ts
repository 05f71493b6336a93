/**
 * The handlers of the Coordinator's commands, one for each name of the table in
 * `shared/coordinator/commands.ts`: a name without one does not compile.
 *
 * @module
 */

import { BREAKER_COMMANDS } from "./breakers.ts";
import { CLUSTER_COMMANDS } from "./cluster.ts";
import { CONTROL_COMMANDS } from "./control.ts";
import type { Handlers } from "./handler.ts";
import { JOB_COMMANDS } from "./jobs.ts";
import { KEY_COMMANDS } from "./keys.ts";
import { MIGRATION_COMMANDS } from "./migrations.ts";
import { MONITORING_COMMANDS } from "./monitoring.ts";
import { OUTBOX_COMMANDS } from "./outbox.ts";

import { RESTORE_COMMANDS } from "./restore.ts";
import { WRITE_LEASE_COMMANDS } from "./write-lease.ts";

export const HANDLERS: Handlers = {
  ...CONTROL_COMMANDS,
  ...CLUSTER_COMMANDS,
  ...OUTBOX_COMMANDS,
  ...KEY_COMMANDS,
  ...MIGRATION_COMMANDS,
  ...JOB_COMMANDS,
  ...RESTORE_COMMANDS,
  ...MONITORING_COMMANDS,
  ...BREAKER_COMMANDS,
  ...WRITE_LEASE_COMMANDS,
};
