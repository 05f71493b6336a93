/**
 * Waiting until a service under test has put everything where it belongs.
 *
 * @module
 */

import { until } from "../../test/support/processes/until.ts";
import { admin } from "../../test/support/service/jobs.ts";
import type { Service } from "../../test/support/service/service.ts";

interface InstanceView {
  outbox?: { rows: number };
  background?: { tasks: { pending: number } };
}

/**
 * Resolves once the database has everything and every ended episode was learned from.
 *
 * @param ms for how long it is waited
 * @throws when it does not happen in that time
 */
export async function flushed(service: Service, ms: number): Promise<void> {
  const isEmpty = async (): Promise<boolean> => {
    const { body } = await admin(service, "POST", "/admin/storage/flush");
    return body.instances.every(
      ({ outbox, background }: InstanceView) =>
        outbox?.rows === 0 && background?.tasks.pending === 0,
    );
  };
  await until("nothing is unsent", isEmpty, ms);
}
