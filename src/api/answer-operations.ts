/**
 * How operators' routes answer, and who asks.
 *
 * @module
 */

import type { CommandResult } from "../contract/call.ts";
import { answer } from "./answer.ts";
import type { Context } from "./context.ts";
import { problemOf } from "./problem.ts";

/**
 * Who changed something, for the audit: everybody here has the ADMIN_TOKEN, and may say its name.
 */
export function actor(context: Context): string {
  const name = (context.request.headers.get("X-Actor") ?? "")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .trim();
  return name === "" ? "root" : `root (${name.slice(0, 100)})`;
}

export async function respond<T>(
  result: Promise<CommandResult<T>>,
  view: (value: T) => unknown = (value) => value,
  status = 200,
): Promise<Response> {
  const said = await result;
  if (!said.ok) throw problemOf(said.error);
  return answer(view(said.value), { status });
}
