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
 * - truncate: half of the answer comes, then the end.
 * - garbage: the answer is noise.
 * - stall: the request is swallowed and nothing ever comes.
 * - throttle: the answer trickles, a few bytes at a time.
 * - late: the request reaches the database after the delay, even when the sender has given it up by
 *   then.
 */
export type Fault =
  | "pass"
  | "cut"
  | "drop_reply"
  | "garble"
  | "truncate"
  | "garbage"
  | "stall"
  | "throttle"
  | "late";

/** How many bytes of a throttled answer come at once, and how often, ms. */
const THROTTLE_BYTES = 64;
const THROTTLE_MS = 10;
/** How a request begins. */
const REQUEST = /^(GET|POST) \//;

export class FaultProxy {
  readonly url: string;
  fault: Fault = "pass";
  /** Added before the database sees anything, ms. */
  delayMs = 0;
  /** Answers lost or spoilt, requests swallowed, and connections reset. */
  faults = 0;
  /** Requests that came, and bytes each way. */
  requests = 0;
  bytesSent = 0;
  bytesReceived = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param port a free one by default */
  static async start(databasePort: number, port = 0): Promise<FaultProxy> {
    const server = createServer({ noDelay: true });
    server.listen(port, "127.0.0.1");
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
    /** Until when requests are on their way to the database that nobody waits for any more. */
    let lateUntil = 0;
    for (const socket of [client, database]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    }
    database.on("close", () => client.destroy());
    client.on("close", () => {
      const wait = lateUntil - Date.now();
      if (wait > 0) setTimeout(() => database.destroy(), wait + 200);
      else database.destroy();
    });
    client.on("data", (chunk: Buffer) => {
      // One request after the other comes on a connection, each from the beginning of a chunk.
      if (REQUEST.test(chunk.toString("latin1", 0, 8))) this.requests += 1;
      this.bytesSent += chunk.length;
      if (this.fault === "cut") {
        this.faults += 1;
        client.resetAndDestroy();
      } else if (this.fault === "stall") {
        this.faults += 1;
      } else if (this.delayMs > 0) {
        if (this.fault === "late") {
          this.faults += 1;
          lateUntil = Date.now() + this.delayMs;
        }
        setTimeout(() => void database.write(chunk), this.delayMs);
      } else database.write(chunk);
    });
    database.on("data", (chunk: Buffer) => {
      this.bytesReceived += chunk.length;
      this.#answer(client, chunk);
    });
  }

  #answer(client: Socket, chunk: Buffer): void {
    if (this.fault === "pass" || this.fault === "late") {
      client.write(chunk);
      return;
    }
    this.faults += 1;
    if (this.fault === "garble") client.write(chunk.map((byte) => byte ^ 0x15));
    else if (this.fault === "garbage")
      client.end(Buffer.from("\u0000noise \u00ff is not an answer\r\n\r\n"));
    else if (this.fault === "truncate") client.end(chunk.subarray(0, chunk.length >> 1));
    else if (this.fault === "throttle") trickle(client, chunk);
    else client.resetAndDestroy();
  }
}

function trickle(client: Socket, chunk: Buffer): void {
  if (chunk.length === 0 || client.destroyed) return;
  client.write(chunk.subarray(0, THROTTLE_BYTES));
  setTimeout(() => trickle(client, chunk.subarray(THROTTLE_BYTES)), THROTTLE_MS);
}
