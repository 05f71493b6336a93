/**
 * `memory-cli mcp`: the service's MCP server over stdio, for agents that start a program and cannot
 * send a header.
 *
 * @module
 */

import { PassThrough } from "node:stream";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import type { CommandSpec } from "../../spec.ts";

/** JSON-RPC's code for errors of the server's own. */
const UNREACHABLE = -32_000;
/** How long answers are waited for once stdin has ended, ms. */
const LAST_MS = 10_000;

/**
 * Passes messages on until stdin ends. What cannot be passed on is answered with an error: the
 * agent goes on.
 */
async function bridge(app: App): Promise<number> {
  const { url, namespace, key } = app.target;
  if (key === undefined)
    throw new CliError(
      "There is no key. Set MEMORY_KEY in the client's settings of this server.",
      EXIT.auth,
    );
  // The transport ends with its input; what was asked last would not be answered.
  const input = new PassThrough();
  process.stdin.pipe(input, { end: false });
  const stdio = new StdioServerTransport(input);
  const headers = {
    Authorization: `Bearer ${key}`,
    ...(namespace === undefined ? {} : { "X-Memory-Namespace": namespace }),
  };
  const http = new StreamableHTTPClientTransport(new URL("/mcp", url), {
    requestInit: { headers },
  });
  const ended = new Promise<void>((resolve) => (stdio.onclose = resolve));
  /** Requests whose answers are still to come. */
  const open = new Set<string | number>();
  const idle = Promise.withResolvers<void>();
  let last = false;
  const answer = (message: JSONRPCMessage): void => {
    if ("id" in message && message.id !== undefined && !("method" in message))
      open.delete(message.id);
    stdio.send(message).catch((error: unknown) => app.note(String(error)));
    if (last && open.size === 0) idle.resolve();
  };
  stdio.onmessage = (message) => {
    const id = "method" in message && "id" in message ? message.id : undefined;
    if (id !== undefined) open.add(id);
    http.send(message).catch((reason: unknown) => {
      const said = reason instanceof Error ? reason.message : String(reason);
      app.note(said);
      if (id !== undefined)
        answer({ jsonrpc: "2.0", id, error: { code: UNREACHABLE, message: `${url}: ${said}` } });
    });
  };
  http.onmessage = (message) => {
    const { result } = message as { result?: { protocolVersion?: unknown } };
    if (typeof result?.protocolVersion === "string")
      http.setProtocolVersion(result.protocolVersion);
    answer(message);
  };
  http.onerror = (error) => app.note(error.message);
  // Who says no more may still want to hear.
  process.stdin.once("end", () => {
    last = true;
    if (open.size === 0) idle.resolve();
    setTimeout(() => idle.resolve(), LAST_MS).unref();
    void idle.promise.then(() => stdio.close());
  });
  await http.start();
  await stdio.start();
  await ended;
  await http.close();
  return EXIT.ok;
}

export const MCP: readonly CommandSpec[] = [
  {
    name: "mcp",
    summary: "the memory as an MCP server on stdin and stdout, for desktop agents",
    examples: [
      "memory-cli mcp --profile production -n my-agent",
      "MEMORY_URL=https://memory.example.com MEMORY_KEY=… memory-cli mcp",
    ],
    notes:
      "Clients that speak HTTP need no such program: their address is URL/mcp, with the key as a bearer token.",
    run: (app) => bridge(app),
  },
];
