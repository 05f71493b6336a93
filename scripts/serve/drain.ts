/**
 * Sends what waits in a running service to the database, before it is stopped. Episodes that run are
 * not waited for: they are on the disk, and go on after the next start.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/** Between two looks, ms. */
const AGAIN_MS = 500;
/** Longer than a flush takes that the database does not answer, ms. */
const ASK_MS = 10_000;

/**
 * @param seconds how long it may take
 * @returns how many rows still wait, which are durable; null: nobody says
 */
export async function drain(
  url: string,
  adminToken: string,
  seconds: number,
): Promise<number | null> {
  const ask = async (path: string, body: object): Promise<Record<string, unknown> | null> => {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { Authorization: `Bearer ${adminToken}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ASK_MS),
    }).catch(() => null);
    return answer?.ok ? ((await answer.json()) as Record<string, unknown>) : null;
  };
  const until = Date.now() + seconds * 1_000;
  for (;;) {
    await ask("/admin/storage/flush", {});
    const state = await ask("/admin/drain", { timeout_seconds: 0 });
    const unsent = typeof state?.["unsent_rows"] === "number" ? state["unsent_rows"] : null;
    if (unsent === 0 || unsent === null || Date.now() > until) return unsent;
    await sleep(AGAIN_MS);
  }
}
