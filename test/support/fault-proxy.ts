/**
 * Stands between the service and the database, and makes the connection as bad as a test wants it.
 *
 * @module
 */

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * - pass: as it comes.
 * - cut: every connection is reset.
 * - drop_reply: the database gets the request and commits it; the answer is lost.
 * - garble: the answer's bytes are changed.
 */
export type Fault = "pass" | "cut" | "drop_reply" | "garble";

export class FaultProxy {
  readonly url: string;
  fault: Fault = "pass";
  /** Added before the database sees anything, ms. */
  delayMs = 0;
  /** Answers lost or garbled, and connections reset. */
  faults = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(databasePort: number): Promise<FaultProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new FaultProxy(server);
    server.on("connection", (client) => proxy.#serve(client, databasePort));
    return proxy;
  }

  async remove(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #serve(client: Socket, port: number): void {
    if (this.fault === "cut") {
      this.faults += 1;
      client.resetAndDestroy();
      return;
    }
    const database = connect({ port, host: "127.0.0.1", noDelay: true });
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => {
      if (this.fault === "cut") {
        this.faults += 1;
        client.resetAndDestroy();
      } else if (this.delayMs > 0) setTimeout(() => void database.write(chunk), this.delayMs);
      else database.write(chunk);
    });
    database.on("data", (chunk) => {
      if (this.fault === "drop_reply" || this.fault === "cut") {
        this.faults += 1;
        client.resetAndDestroy();
      } else if (this.fault === "garble") {
        this.faults += 1;
        client.write(chunk.map((byte) => byte ^ 0x15));
      } else client.write(chunk);
    });
  }
}
