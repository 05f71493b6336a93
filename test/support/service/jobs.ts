/**
 * Starts long jobs of a running service, and waits for them.
 *
 * @module
 */

import { ADMIN_TOKEN, type Answer, type Service } from "./service.ts";
import { until } from "../processes/until.ts";

export const admin = (
  service: Service,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> =>
  service.call(method, path, { key: ADMIN_TOKEN, ...(body === undefined ? {} : { body }) });

/** The job as it ended. @param ms how long it may take */
// oxlint-disable-next-line typescript/no-explicit-any -- results of jobs have every shape; the assertions say which.
export async function jobDone(service: Service, started: Answer, ms = 120_000): Promise<any> {
  if (started.status !== 202) throw new Error(`not started: ${started.text}`);
  const path = `/admin/jobs/${String(started.body.id)}`;
  let last: Answer = started;
  await until(
    `${path} has ended; it said ${last.text}`,
    async () => {
      last = await admin(service, "GET", path);
      return last.body.finished_at !== null;
    },
    ms,
  );
  return last.body;
}

/** Runs a job to its end. Fails when it does. */
export async function run(
  service: Service,
  path: string,
  body: unknown = {},
  ms = 120_000,
  // oxlint-disable-next-line typescript/no-explicit-any -- as above.
): Promise<any> {
  const job = await jobDone(service, await admin(service, "POST", path, body), ms);
  if (job.status !== "succeeded")
    throw new Error(`${path}: ${JSON.stringify(job)}\n${service.log().slice(-3_000)}`);
  return job.result;
}
