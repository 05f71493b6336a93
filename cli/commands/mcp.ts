/**
 * `memory-cli mcp`: the service's MCP server over stdio, for agents that start a program and cannot send a header.
 *
 * @module
 */

import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import type { App } from "../app.ts";
import { CliError, EXIT } from "../exit.ts";
import type { CommandSpec } from "../spec.ts";

/** JSON-RPC's code for errors of the server's own. */
const UNREACHABLE = -32_000;

/** Passes messages on until stdin ends. What cannot be passed on is answered with an error: the agent goes on. */
async function bridge(app: App): Promise<number> {
  const { url, namespace, key } = app.target;
  if (key === undefined)
    throw new CliError("There is no key. Set MEMORY_KEY in the client's settings of this server.", EXIT.auth);
  const stdio = new StdioServerTransport();
  const headers = {
    Authorization: `Bearer ${key}`,
    ...(namespace === undefined ? {} : { "X-Memory-Namespace": namespace }),
  };
  const http = new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } });
  const ended = new Promise<void>((resolve) => (stdio.onclose = resolve));
  const refuse = (message: JSONRPCMessage, reason: unknown): void => {
    const said = reason instanceof Error ? reason.message : String(reason);
    app.note(said);
    if (!("method" in message) || !("id" in message) || message.id === undefined) return;
    void stdio.send({ jsonrpc: "2.0", id: message.id, error: { code: UNREACHABLE, message: `${url}: ${said}` } });
  };
  stdio.onmessage = (message) => {
    http.send(message).catch((error: unknown) => refuse(message, error));
  };
  http.onmessage = (message) => {
    const { result } = message as { result?: { protocolVersion?: unknown } };
    if (typeof result?.protocolVersion === "string") http.setProtocolVersion(result.protocolVersion);
    void stdio.send(message);
  };
  http.onerror = (error) => app.note(error.message);
  process.stdin.once("end", () => void stdio.close());
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
    notes: "Clients that speak HTTP need no such program: their address is URL/mcp, with the key as a bearer token.",
    run: (app) => bridge(app),
  },
];
