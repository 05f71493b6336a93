/**
 * How a request fails.
 *
 * @module
 */

/** What the service said, or that it said nothing. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
  /**
   * The stable code of the problem ("validation_failed", "maintenance", …); "network" and "timeout"
   * when there was no answer; "unexpected" when the answer was not of the service.
   */
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Names the request in the service's log. */
  readonly requestId: string | null;
  /** Fields at fault, dotted. */
  readonly errors: readonly { path: string; message: string }[];
  /** When to try again, ms from then; null when the service did not say. */
  readonly retryAfterMs: number | null;
  /** How often it was tried. */
  readonly attempts: number;
  /** What came as JSON, whatever it was; null when nothing did. */
  readonly body: unknown;

  constructor(
    message: string,
    about: {
      code: string;
      status?: number;
      requestId?: string | null;
      errors?: readonly { path: string; message: string }[];
      retryAfterMs?: number | null;
      attempts?: number;
      body?: unknown;
      cause?: unknown;
    },
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause });
    this.code = about.code;
    this.status = about.status ?? 0;
    this.requestId = about.requestId ?? null;
    this.errors = about.errors ?? [];
    this.retryAfterMs = about.retryAfterMs ?? null;
    this.attempts = about.attempts ?? 1;
    this.body = about.body ?? null;
  }
}

/** Reads a problem (RFC 9457) from an answer that is no success. */
export async function errorOf(response: Response, attempts: number): Promise<MemoryError> {
  const text = await response.text().catch(() => "");
  let body: unknown = null;
  try {
    body = JSON.parse(text) as unknown;
  } catch {
    // Something between us and the service answered.
  }
  const said = (body ?? {}) as {
    code?: unknown;
    detail?: unknown;
    request_id?: unknown;
    errors?: unknown;
  };
  const isProblem = typeof said.code === "string";
  return new MemoryError(
    isProblem ? String(said.detail) : `${response.status} ${text.slice(0, 200)}`.trim(),
    {
      code: isProblem ? String(said.code) : "unexpected",
      status: response.status,
      requestId:
        typeof said.request_id === "string"
          ? said.request_id
          : response.headers.get("X-Request-Id"),
      errors: Array.isArray(said.errors)
        ? (said.errors as { path: string; message: string }[])
        : [],
      retryAfterMs: retryAfter(response.headers.get("Retry-After")),
      attempts,
      body,
    },
  );
}

/** `Retry-After` in ms: seconds, or a date (RFC 9110, §10.2.3). */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
