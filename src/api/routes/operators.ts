/**
 * How operators' routes answer, and who asks.
 *
 * @module
 */

import type { CommandResult } from "../../contract/call.ts";
import { answer } from "../answer.ts";
import type { RequestContext } from "../request-context.ts";
import { problemOf } from "../problem.ts";

/**
 * Who changed something, for the audit: everybody here has the ADMIN_TOKEN, and may say its name.
 */
export function actor(context: RequestContext): string {
  const name = (context.request.headers.get("X-Actor") ?? "")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .trim();
  return name === "" ? "root" : `root (${name.slice(0, 100)})`;
}

/** Answers with what was asked for, as `view` shows it. @throws Problem when it was refused */
export async function respond<T>(
  asked: Promise<CommandResult<T>>,
  view: (value: T) => unknown = (value) => value,
  status = 200,
): Promise<Response> {
  const result = await asked;
  if (!result.ok) throw problemOf(result.error);
  return answer(view(result.value), { status });
}
