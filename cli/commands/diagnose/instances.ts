/**
 * The instances as the Coordinator sees them, for who may ask.
 *
 * @module
 */

import type { Answer } from "../../../client/index.ts";
import type { App } from "../../app.ts";

export type Instances = Answer<"listInstances">;

/** One that answered. */
export type Instance = Exclude<Instances["instances"][number], { error: string }>;

/** null: there is no ADMIN_TOKEN, or the service does not answer. */
export async function instancesOf(app: App): Promise<Instances | null> {
  if (app.target.admin_token === undefined) return null;
  return (await app.admin()).call("listInstances", {}, { retries: 0 }).catch(() => null);
}
