/**
 * A server that answers what `memory-cli setup` asks of a service and of its database, and nothing
 * else: it is ready, makes keys, and takes those that it made.
 *
 * @module
 */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class StubService {
  readonly #server: Server;
  /** Keys that it made. */
  readonly keys: string[] = [];
  /** Tokens by which the database and the root were asked. */
  readonly tokens: string[] = [];
  /** Paths that it fails at, by how they begin. */
  failing = "";

  private constructor() {
    this.#server = createServer((request, response) => {
      const [status, body] = this.#answer(request);
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    });
  }

  static async start(): Promise<StubService> {
    const stub = new StubService();
    stub.#server.listen(0, "127.0.0.1");
    await once(stub.#server, "listening");
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer({ method, url = "", headers }: IncomingMessage): [status: number, body: object] {
    const token = headers.authorization?.replace("Bearer ", "") ?? "";
    if (this.failing !== "" && url.startsWith(this.failing))
      return [503, { code: "unavailable", detail: "planted" }];
    if (url === "/v3/pipeline") {
      this.tokens.push(token);
      return [200, { results: [{ type: "ok" }, { type: "ok" }] }];
    }
    if (url === "/health/ready") return [200, { status: "healthy", checks: [] }];
    if (method === "POST" && url === "/admin/keys") {
      this.tokens.push(token);
      this.keys.push(`mk_${this.keys.length}`);
      return [201, { key: this.keys.at(-1) }];
    }
    if (url === "/v1/stats" && this.keys.includes(token)) return [200, {}];
    return [401, { code: "unauthorized", detail: "no such key" }];
  }
}
