/**
 * Who may read the metrics, and what readiness finds. These must be readable when what is down is
 * the very instance that would judge the caller's key.
 *
 * @module
 */

import { withDeadline } from "../../util/deadline.ts";
import { identify } from "../caller.ts";
import { Problem } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";

/** How long one instance may take to judge a caller, ms. */
const JUDGE_MS = 1_000;

/**
 * Whether the caller of a route that is open to all showed the ADMIN_TOKEN or a key with the scope
 * metrics. Says no when no instance answers in time: whoever looks after a service that is unwell
 * shows the ADMIN_TOKEN.
 */
export async function isWatcher(context: RequestContext): Promise<boolean> {
  const { request, url, backend, options } = context;
  if (!request.headers.has("Authorization")) return false;
  try {
    const caller = await identify(request, url, options.adminToken, options.keyHashes);
    if (caller.root) return true;

    const count = await withDeadline(backend.instanceCount(), JUDGE_MS);
    const authorized = context.as(caller).authorizeAt(context.namespaceHome(count), "metrics");
    await withDeadline(authorized, JUDGE_MS);
    return true;
  } catch {
    return false;
  }
}

/** Asks one instance after the other. @throws Problem when the caller may not */
export async function authorizeForMetrics(context: RequestContext): Promise<void> {
  if (context.caller.root || context.options.metricsOpen) return;
  const count = await context.backend.instanceCount().catch(() => 1);
  for (let instance = 0; ; instance++) {
    try {
      await withDeadline(context.authorizeAt(instance, "metrics"), JUDGE_MS);
      return;
    } catch (error) {
      if (error instanceof Problem || instance + 1 >= count) throw error;
    }
  }
}
