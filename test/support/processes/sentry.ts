/**
 * A place for error reports to go: it keeps the envelopes that it is sent.
 *
 * @module
 */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class FakeSentry {
  readonly envelopes: string[] = [];
  readonly dsn: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.dsn = `http://publickey@127.0.0.1:${(server.address() as AddressInfo).port}/42`;
  }

  static async start(): Promise<FakeSentry> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const sentry = new FakeSentry(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        sentry.envelopes.push(Buffer.concat(chunks).toString("utf8"));
        response.end("{}");
      });
    });
    return sentry;
  }

  async remove(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
