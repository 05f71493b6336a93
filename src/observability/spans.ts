/**
 * Spans of our own among those of the platform, where the runtime has tracing: a request by its
 * route, an operation at an instance, a call of the database. Where it has none, what is traced is
 * just called. A span says what the code calls things, never who asked or what was stored.
 *
 * @module
 */

/** What is used of the platform's span. */
export interface Span {
  setAttribute(name: string, value: string | number): unknown;
}

/** Calls a function inside a span, which ends with it or with its promise. */
export type Traced = <T>(name: string, work: (span: Span) => T) => T;

const NO_SPAN: Span = { setAttribute: () => undefined };

/** Where the runtime has no tracing. */
const untraced: Traced = (_name, work) => work(NO_SPAN);

/**
 * The runtime's tracing, if this is one.
 *
 * @param tracing what `cloudflare:workers` or a context calls so; anything else: there is none
 */
export function tracedBy(tracing: unknown): Traced {
  const { enterSpan } = Object(tracing) as { enterSpan?: unknown };
  if (typeof enterSpan !== "function") return untraced;
  return enterSpan.bind(tracing) as Traced;
}

interface Asked {
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever rows its caller knows.
  all(sql: string, ...args: any[]): Promise<any[]>;
  // oxlint-disable-next-line typescript/no-explicit-any
  write(statements: readonly any[]): Promise<void>;
}

/** A database each call of which is a span: whether it reads or writes, and how many statements. */
export function tracedDatabase<D extends Asked>(database: D, traced: Traced): D {
  return {
    ...database,
    all: (sql: string, ...args: unknown[]) =>
      traced("database read", () => database.all(sql, ...args)),
    write: (statements: readonly unknown[]) =>
      traced("database write", (span) => {
        span.setAttribute("db.operation.batch.size", statements.length);
        return database.write(statements);
      }),
  };
}
