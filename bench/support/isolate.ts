/**
 * What the service's isolate holds while a bench runs, asked of the runtime's own inspector. The
 * memory of the whole process says little: it holds the simulator's R2, its caches and every
 * compiled module too, and the platform bounds an isolate.
 *
 * @module
 */

/** Between two looks, ms. */
const LOOK_MS = 100;

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

  /** @param address of the Worker's inspector, a WebSocket */
  constructor(address: string) {
    this.#address = address;
    this.#connect();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
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
    // Another client of the inspector takes the place of one that is there.
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
