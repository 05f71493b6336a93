/**
 * The platform's limits, which the local runtime does not hold anybody to: 2 MB a string or row of
 * an object's SQLite, 100 parameters and 100 kB a statement, 32 MiB the arguments or the answer of
 * an RPC, 30 s of CPU an invocation (developers.cloudflare.com/durable-objects/platform/limits,
 * /workers/runtime-apis/rpc). What goes over one throws as the platform throws, so that a test
 * meets what production would.
 *
 * @module
 */

/** Bytes, but for `parameters`. Megabytes are taken as a million bytes: the smaller reading. */
const PLATFORM = {
  value_bytes: 2_000_000,
  statement_bytes: 100_000,
  parameters: 100,
  rpc_bytes: 33_554_432,
  cpu_ms: 30_000,
} as const;

const encoder = new TextEncoder();

/**
 * UTF-8 bytes; counted only where the number of characters leaves it open whether they are too
 * many.
 */
function bytesOf(text: string, bound: number): number {
  return text.length * 3 <= bound ? text.length : encoder.encode(text).length;
}

/** Gives an object's storage these limits. Call it before the object's own constructor. */
export function limitStorage(ctx: DurableObjectState): DurableObjectState {
  const { storage } = ctx;
  const { sql } = storage;
  const limitedSql = through(sql, {
    exec: (text: string, ...values: unknown[]) => {
      checkStatement(text, values);
      return checkedCursor(sql.exec(text, ...values));
    },
  });
  Object.defineProperty(ctx, "storage", { value: through(storage, { sql: limitedSql }) });
  return ctx;
}

/** Between two looks at the clock, ms. */
const TICK_MS = 5;

/**
 * Runs an invocation, and fails it when more than its CPU time was computed meanwhile: the time by
 * which a timer was late, whoever computed. That is more than its own where others run too; the
 * local runtime has one thread and does not say who used it.
 */
export async function limitTime(what: string, work: () => Promise<void>): Promise<void> {
  let [computed, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    computed += Math.max(0, now - last - TICK_MS);
    last = now;
  }, TICK_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  computed += performance.now() - last;
  if (computed <= PLATFORM.cpu_ms) return;
  throw new Error(
    `Durable Object exceeded its CPU time limit: ${Math.round(computed)} ms during ${what}.`,
  );
}

const OBJECTS = ["MEMORY_INSTANCE", "COORDINATOR", "DRILL_SCRATCH"];
const limited = new WeakMap<object, object>();

/** The bindings, each call of an object measured; the same for the same bindings. */
export function limitCalls<E extends object>(env: E): E {
  const wrapped = limited.get(env);
  if (wrapped) return wrapped as E;
  const made = new Proxy(env, {
    get(target, name) {
      const binding: unknown = Reflect.get(target, name);
      if (!OBJECTS.includes(String(name))) return binding;
      const namespace = binding as DurableObjectNamespace;
      return through(namespace, {
        getByName: (id: string) => measured(namespace.getByName(id)),
        get: (id: DurableObjectId) => measured(namespace.get(id)),
      });
    },
  });
  limited.set(env, made);
  return made;
}

function measured<T extends object>(stub: T): T {
  return new Proxy(stub, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "fetch" || name === "then") return method;
      return async (...values: unknown[]): Promise<unknown> => {
        checkRpc(`the arguments of ${String(name)}`, values);
        const answer: unknown = await Reflect.apply(method, target, values);
        const operation = typeof values[1] === "string" ? ` ${values[1]}` : "";
        checkRpc(`the answer of ${String(name)}${operation}`, answer);
        return answer;
      };
    },
  });
}

/** The object, with some of its properties replaced and its methods bound to itself. */
function through<T extends object>(real: T, replaced: Readonly<Record<PropertyKey, unknown>>): T {
  return new Proxy(real, {
    get(target, name) {
      if (Object.hasOwn(replaced, name)) return replaced[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function tooBig(): Error {
  return new Error("string or blob too big: SQLITE_TOOBIG");
}

function checkStatement(text: string, values: readonly unknown[]): void {
  if (bytesOf(text, PLATFORM.statement_bytes) > PLATFORM.statement_bytes) {
    throw new Error("statement too long: SQLITE_TOOBIG");
  }
  if (values.length > PLATFORM.parameters) throw new Error("too many SQL variables: SQLITE_ERROR");
  let row = 0;
  for (const value of values) {
    const bytes = typeof value === "string" ? bytesOf(value, PLATFORM.value_bytes) : 8;
    if (bytes > PLATFORM.value_bytes) throw tooBig();
    row += bytes;
  }
  // Its parameters are the columns of a row.
  if (/^\s*INSERT\b/.test(text) && !text.includes("json_each") && row > PLATFORM.value_bytes)
    throw tooBig();
}

function checkRow(row: Record<string, unknown>): void {
  for (const value of Object.values(row)) {
    if (typeof value === "string" && bytesOf(value, PLATFORM.value_bytes) > PLATFORM.value_bytes)
      throw tooBig();
  }
}

/** What SQL itself puts together is a value too. */
function checkedCursor<T extends Record<string, SqlStorageValue>>(
  cursor: SqlStorageCursor<T>,
): SqlStorageCursor<T> {
  return through(cursor, {
    toArray: () => {
      const rows = cursor.toArray();
      for (const row of rows) checkRow(row);
      return rows;
    },
    next: () => {
      const next = cursor.next();
      if (!next.done) checkRow(next.value);
      return next;
    },
  });
}

function checkRpc(what: string, value: unknown): void {
  const bytes = serialized(value);
  if (bytes <= PLATFORM.rpc_bytes) return;
  throw new Error(
    `Serialized RPC arguments or return values are limited to 32MiB, but ${what} was ${bytes} bytes.`,
  );
}

/**
 * About what V8's serializer makes of it: a byte a character where all are Latin-1, two otherwise.
 */
function serialized(value: unknown): number {
  if (typeof value === "string")
    return 5 + (/^[\0-\xff]*$/.test(value) ? value.length : 2 * value.length);
  if (typeof value !== "object" || value === null) return 9;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value instanceof ReadableStream) return 0;
  let bytes = 4;
  for (const [key, item] of Object.entries(value)) bytes += key.length + 2 + serialized(item);
  return bytes;
}
