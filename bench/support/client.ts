/**
 * A client as a service has one: connections that are kept, one request after the other on each.
 *
 * @module
 */

import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export interface Answered {
  status: number;
  text: string;
}

/**
 * Sends a request and reads its whole answer.
 *
 * @param body a text goes as it is, anything else as JSON
 */
export function send(
  method: string,
  url: string,
  options: { key?: string; body?: unknown; type?: string; timeoutMs?: number } = {},
): Promise<Answered> {
  const { key, body, type = "application/json", timeoutMs = 0 } = options;
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const headers: Record<string, string | number> = {};
  if (key !== undefined) headers["Authorization"] = `Bearer ${key}`;
  if (text !== undefined) {
    headers["Content-Type"] = type;
    headers["Content-Length"] = Buffer.byteLength(text);
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
      );
    });
    sent.on("error", reject);
    if (timeoutMs > 0)
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    sent.end(text);
  });
}

/** Like `send`, and fails unless the answer is a success; its text. */
export async function reach(
  method: string,
  url: string,
  options: Parameters<typeof send>[2] = {},
): Promise<string> {
  const { status, text } = await send(method, url, options);
  if (status < 200 || status > 299)
    throw new Error(`${method} ${url} was answered with ${status}: ${text}`);
  return text;
}

/** Like `reach`; its JSON. */
export async function ask<T>(
  method: string,
  url: string,
  options: Parameters<typeof send>[2] = {},
): Promise<T> {
  const text = await reach(method, url, options);
  return (text === "" ? null : JSON.parse(text)) as T;
}
