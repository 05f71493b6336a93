/**
 * Builds what reports on an instance: its view for operators and readiness, and its report to the
 * Coordinator.
 *
 * @module
 */

import type { AlarmRunner } from "../../shared/parts/alarm-runner.ts";
import type { OwnInstanceView } from "../../shared/instance/views.ts";
import { Reporter } from "../status/report.ts";
import { viewOfInstance } from "../status/view.ts";
import type { Admission } from "../requests/admission.ts";
import type { Given, WorkingParts } from "./parts.ts";

/** How the instance is; computed with each call. */
export function viewerOf(
  { platform, storage, context }: Given,
  { tasks, knowledge, placement }: WorkingParts,
  admission: Admission,
  runner: AlarmRunner,
): () => OwnInstanceView {
  const { outbox, breakers } = storage;
  const { offers } = placement;
  const storageBytes = (): number => platform.storage.sql.databaseSize;
  const failingParts = (atLeast: number) => runner.failing(atLeast);
  const parts = { ...tasks, outbox, breakers, knowledge, offers, admission };
  return () => viewOfInstance({ ...parts, context, storageBytes, failingParts });
}

export function reporterOf({ platform, foundation, storage }: Given): Reporter {
  const { now, coordinator } = platform;
  const { control, meter, log } = foundation;
  const { position, breakers, outbox } = storage;
  const send: ConstructorParameters<typeof Reporter>[0]["send"] = (report) =>
    coordinator().report(report);
  return new Reporter({ position, control, breakers, outbox, meter, send, now, log });
}
