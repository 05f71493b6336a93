/**
 * What the service's isolate holds while a bench runs, asked of the runtime's own inspector. The
 * memory of the whole process says little: it holds the simulator's R2, its caches and every
 * compiled module too, and the platform bounds an isolate. Linux only, as the benches are.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The name that the simulator gives the Worker of `wrangler.toml`. */
const TARGET = "core:user:memory-service";
const LOOK_MS = 100;
const TCP_LISTEN = "0A";

interface HeapUsage {
  usedSize: number;
  backingStorageSize?: number;
}

/** Bytes of one moment. */
interface Moment {
  used: number;
  buffers: number;
}

/** Looks at the isolate ten times a second until it is ended. */
export class IsolateMemory {
  /** The moment at which the isolate held the most, garbage that was not collected yet included. */
  most: Moment = { used: 0, buffers: 0 };
  looks = 0;
  #socket: WebSocket | null = null;
  #ended = false;
  readonly #address: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(address: string) {
    this.#address = address;
    this.#connect();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /**
   * @param group the process group that the runtime runs in
   * @throws if no runtime of it has an inspector
   */
  static async of(group: number): Promise<IsolateMemory> {
    for (const pid of runtimesOf(group)) {
      for (const port of listeningPorts(pid)) {
        const targets = await fetch(`http://127.0.0.1:${port}/json`, {
          signal: AbortSignal.timeout(2_000),
        }).then(
          async (answer) => answer.text(),
          () => "",
        );
        if (targets.includes(TARGET)) return new IsolateMemory(`ws://127.0.0.1:${port}/${TARGET}`);
      }
    }
    throw new Error(`no inspector shows ${TARGET}`);
  }

  end(): this {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#socket?.close();
    return this;
  }

  #connect(): void {
    const socket = new WebSocket(this.#address);
    socket.addEventListener("message", ({ data }) => {
      const { result } = JSON.parse(String(data)) as { result?: HeapUsage };
      if (result?.usedSize === undefined) return;
      const now = { used: result.usedSize, buffers: result.backingStorageSize ?? 0 };
      this.looks++;
      if (now.used + now.buffers > this.most.used + this.most.buffers) this.most = now;
    });
    // The development server's own inspector client takes the place of another that comes before
    // it.
    socket.addEventListener("close", () => {
      if (!this.#ended) setTimeout(() => this.#connect(), LOOK_MS);
    });
    socket.addEventListener("error", () => undefined);
    this.#socket = socket;
  }

  #look(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
  }
}

/** The runtime's processes of a process group. */
function runtimesOf(group: number): number[] {
  const lines = execFileSync("ps", ["-eo", "pgid,pid,comm"], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [pgid, pid, command] = line.trim().split(/\s+/);
    return Number(pgid) === group && command === "workerd" ? [Number(pid)] : [];
  });
}

/** TCP ports that a process listens on, by the kernel's table of sockets. */
function listeningPorts(pid: number): number[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ""];
      } catch {
        // It was closed since it was listed.
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === TCP_LISTEN && own.has(fields[9] ?? ""))
      .map((fields) => Number.parseInt(fields[1]?.split(":").at(-1) ?? "0", 16)),
  );
}
