/**
 * Passes messages of the Model Context Protocol on: from an agent's stdin to the service over HTTP,
 * and back to its stdout. It knows no tool and looks into no message beyond its id.
 *
 * @module
 */

import { PassThrough } from "node:stream";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import type { Io } from "../../terminal/io.ts";
import { MessageLines } from "./mcp-lines.ts";

/** JSON-RPC's code for errors of the server's own. */
const UNREACHABLE = -32_000;
/** How long answers are waited for once stdin has ended, ms. */
const LAST_MS = 10_000;

export interface BridgeOptions {
  io: Io;
  url: string;
  key: string;
  namespace: string | undefined;
  /** Gets what went wrong with a message. */
  onError(message: string): void;
}

export class Bridge {
  readonly #options: BridgeOptions;
  readonly #stdio: StdioServerTransport;
  readonly #http: StreamableHTTPClientTransport;
  readonly #lines: MessageLines;
  /** Requests whose answers are still to come. */
  readonly #open = new Set<string | number>();
  #hasInputEnded = false;

  constructor(options: BridgeOptions) {
    this.#options = options;
    const { io, url, key, namespace } = options;
    // The transport ends with its input, and what was asked last would not be answered: so it gets
    // an input that does not end.
    const input = new PassThrough();
    this.#lines = new MessageLines({
      forward: (line) => input.write(`${line}\n`),
      answer: (message) => io.stdout.write(`${JSON.stringify(message)}\n`),
    });
    this.#stdio = new StdioServerTransport(input, io.stdout);
    const headers = {
      Authorization: `Bearer ${key}`,
      ...(namespace === undefined ? {} : { "X-Memory-Namespace": namespace }),
    };
    this.#http = new StreamableHTTPClientTransport(new URL("/mcp", url), {
      requestInit: { headers },
    });
  }

  /**
   * Passes messages on until stdin ends and what was asked is answered. A message that cannot be
   * passed on is answered with an error: the agent goes on.
   */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.#stdio.onclose = resolve));
    this.#stdio.onmessage = (message) => this.#toService(message);
    this.#http.onmessage = (message) => this.#fromService(message);
    this.#http.onerror = (error) => this.#options.onError(error.message);
    const { stdin } = this.#options.io;
    const decoder = new TextDecoder();
    stdin.on("data", (part: Uint8Array | string) =>
      this.#lines.read(typeof part === "string" ? part : decoder.decode(part, { stream: true })),
    );
    stdin.once("end", () => {
      this.#lines.end();
      this.#hasInputEnded = true;
      this.#closeIfIdle();
      setTimeout(() => void this.#stdio.close(), LAST_MS).unref();
    });
    await this.#http.start();
    await this.#stdio.start();
    await ended;
    await this.#http.close();
  }

  #toService(message: JSONRPCMessage): void {
    const id = "method" in message && "id" in message ? message.id : undefined;
    if (id !== undefined) this.#open.add(id);
    this.#http.send(message).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onError(reason);
      if (id === undefined) return;
      const text = `${this.#options.url}: ${reason}`;
      this.#toAgent({ jsonrpc: "2.0", id, error: { code: UNREACHABLE, message: text } });
    });
  }

  #fromService(message: JSONRPCMessage): void {
    const { result } = message as { result?: { protocolVersion?: unknown } };
    if (typeof result?.protocolVersion === "string")
      this.#http.setProtocolVersion(result.protocolVersion);
    this.#toAgent(message);
  }

  #toAgent(message: JSONRPCMessage): void {
    if ("id" in message && message.id !== undefined && !("method" in message))
      this.#open.delete(message.id);
    if (!this.#lines.takesAnswer(message))
      this.#stdio.send(message).catch((error: unknown) => this.#options.onError(String(error)));
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    if (this.#hasInputEnded && this.#open.size === 0) void this.#stdio.close();
  }
}
