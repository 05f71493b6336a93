/**
 * One question to the service, over Node's own HTTP: an agent waits for it, and `fetch` takes
 * longer to be loaded than the service takes to answer.
 *
 * @module
 */

import type { IncomingMessage, RequestOptions } from "node:http";
import type { Target } from "../profile.ts";

/** Bytes of an answer that are read. */
const ANSWER_BYTES_MAX = 1_048_576;

interface Post {
  target: Target;
  key: string;
  /** Below the service's address, without a slash at its beginning, with its query. */
  path: string;
  body: object;
  /** From the beginning to the last byte. */
  timeoutMs: number;
}

/**
 * What the service answered, as text; or why there is nothing to read. `isLate`: the time was over
 * before an answer was there.
 */
export type Reply = { text: string } | { silence: string; isLate?: true };

/**
 * Asks once.
 *
 * @throws when the service cannot be reached
 */
export async function post({ target, key, path, body, timeoutMs }: Post): Promise<Reply> {
  const base = target.url.endsWith("/") ? target.url : `${target.url}/`;
  const url = new URL(base + path);
  const { request } = await (url.protocol === "http:" ? import("node:http") : import("node:https"));
  const sent = Buffer.from(JSON.stringify(body));
  const options: RequestOptions = {
    method: "POST",
    agent: false,
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "application/json",
      "Content-Length": sent.length,
      ...(target.namespace === undefined ? {} : { "X-Memory-Namespace": target.namespace }),
    },
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve({ silence: `the service did not answer within ${timeoutMs} ms`, isLate: true });
      asked.destroy();
    }, timeoutMs);
    const asked = request(url.href, options, (answer) => {
      read(answer).then(resolve, reject);
    });
    asked.on("error", reject).on("close", () => clearTimeout(timer));
    asked.end(sent);
  });
}

async function read(answer: IncomingMessage): Promise<Reply> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX)
      return { silence: `the service answered with more than ${ANSWER_BYTES_MAX} bytes` };
    parts.push(part);
  }
  if (answer.statusCode !== 200) return { silence: `the service answered ${answer.statusCode}` };
  return { text: Buffer.concat(parts).toString("utf8") };
}
