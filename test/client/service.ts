/**
 * A client of the memory, and what it sends to a service that takes everything, or nothing.
 *
 * @module
 */

import { MemoryClient } from "../../client/index.ts";

/** A service that takes everything, or nothing. */
export function service(answer: (path: string) => Response | Promise<Response>): {
  memory: MemoryClient;
  sent: unknown[];
} {
  const sent: unknown[] = [];
  const memory = new MemoryClient({
    url: "http://memory.test",
    retries: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      sent.push([pathname.replace("/v1/", ""), await request.json()]);
      return answer(pathname);
    },
  });
  return { memory, sent };
}
export const works = (path: string): Response =>
  Response.json(path.endsWith("recall") ? { recall_id: "r1" } : { id: "e1" });
