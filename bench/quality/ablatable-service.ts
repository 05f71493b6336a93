/**
 * The service that quality is measured on: parts of recall and advice can be left out of it, which
 * no operator can.
 *
 * @module
 */

import type { AblationName } from "../../src/memory/ablations.ts";
import { Service } from "../../test/support/service/service.ts";

/** With all parts, and without a limit of requests. */
export function startAblatable(databaseUrl: string): Promise<Service> {
  return Service.start(
    databaseUrl,
    { RATE_LIMIT_PER_SECOND: "100000", RATE_LIMIT_BURST: "100000" },
    { variant: { entry: "bench/quality/ablatable-worker.ts" } },
  );
}

/** Starts the service anew, with what it stored, without these parts and with all others. */
export async function leaveOut(service: Service, parts: readonly AblationName[]): Promise<void> {
  await service.kill();
  await service.start({ ABLATIONS: parts.join(",") });
}
