/**
 * The sets of runs that learning is measured on, each read by an adapter in its own file.
 *
 * @module
 */

import { codingSessions } from "./coding.ts";
import { intercodeShell } from "./intercode-shell.ts";
import { intercodeSql } from "./intercode-sql.ts";
import type { RunSet } from "./run-set.ts";
import { tauRetail } from "./tau-retail.ts";

export const RUN_SETS: readonly (() => RunSet)[] = [
  tauRetail,
  intercodeSql,
  intercodeShell,
  codingSessions,
];
