/**
 * `memory-cli mcp`: the service's MCP server over stdio, for agents that start a program and cannot
 * send a header.
 *
 * @module
 */

import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { resolveTarget } from "../../profile.ts";
import type { CommandSpec } from "../../spec.ts";

async function bridge(app: App): Promise<number> {
  const { url, namespace, key } = resolveTarget(app.options, app.io.env, "ignored");
  if (key === undefined)
    throw new CliError(
      "There is no key. Set MEMORY_KEY in the client's settings of this server.",
      EXIT.auth,
    );
  // Loaded here and not above: reading the protocol's library is half of what any other command
  // takes to start.
  const { Bridge } = await import("./mcp-bridge.ts");
  const onError = (message: string): void => app.note(message);
  await new Bridge({ io: app.io, url, namespace, key, onError }).run();
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
