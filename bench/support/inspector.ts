/**
 * V8's inspector protocol, as the runtime offers it.
 *
 * @module
 */

export interface Inspector {
  /** Resolves with the result of the method. */
  send<T>(method: string, params?: Record<string, unknown>): Promise<T>;
  close(): void;
}

/** @param address host and port of the runtime's inspector @param target the Worker's name there */
export async function connect(address: string, target: string): Promise<Inspector> {
  const socket = new WebSocket(`ws://${address}/${target}`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () =>
      reject(new Error(`no inspector of ${target} at ${address}`)),
    );
  });
  const waiting = new Map<
    number,
    (message: { result?: unknown; error?: { message: string } }) => void
  >();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as {
      id?: number;
      result?: unknown;
      error?: { message: string };
    };
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  let last = 0;
  return {
    send: <T>(method: string, params: Record<string, unknown> = {}) =>
      new Promise<T>((resolve, reject) => {
        const id = ++last;
        waiting.set(id, ({ result, error }) => {
          waiting.delete(id);
          if (error) reject(new Error(`${method}: ${error.message}`));
          else resolve(result as T);
        });
        socket.send(JSON.stringify({ id, method, params }));
      }),
    close: () => socket.close(),
  };
}

/**
 * Bytes that the isolate holds in its heap and in buffers, garbage that was not collected yet
 * included.
 */
export async function heldBy(inspector: Inspector): Promise<number> {
  const { usedSize, backingStorageSize = 0 } = await inspector.send<{
    usedSize: number;
    backingStorageSize?: number;
  }>("Runtime.getHeapUsage");
  return usedSize + backingStorageSize;
}
