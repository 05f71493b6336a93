/**
 * Names what operators switched on: maintenance, degraded mode, a restore that has the database.
 *
 * @module
 */

import type { RestoreMark } from "../../contract/backups/restore.ts";
import { degraded, healthy, type Check } from "./check.ts";

export const mode: Check = ({ coordinator }) => {
  if (!coordinator) {
    return degraded(
      "unknown: the Coordinator does not answer; instances go on with what they were told",
    );
  }

  const { maintenance, degraded: byHand, restore } = coordinator;
  const on = [
    ...(restore ? [restoreText(restore)] : []),
    ...(maintenance
      ? [
          `maintenance since ${maintenance.since}: ${maintenance.message} (end it: POST /admin/maintenance {"enabled":false})`,
        ]
      : []),
    ...(byHand
      ? [
          `degraded mode by hand since ${byHand.since}: ${byHand.message} (end it: POST /admin/degraded {"enabled":false})`,
        ]
      : []),
  ];
  return on.length === 0 ? healthy("normal") : degraded(on.join("; "));
};

function restoreText({ backup, job, since, phase }: RestoreMark): string {
  const held = `backup ${backup} has the database since ${since}, which is not asked meanwhile; writes are kept here (job ${job})`;
  return phase === "running"
    ? `a restore of ${held}`
    : `a restore that did not end: ${held}. Run it again, or give the database back: POST /admin/jobs/${job}/cancel {"release":true}`;
}
