/**
 * Waits for work that must not hold its caller longer than a given time. The work itself is not
 * aborted: it goes on, and a failure that comes after the deadline is swallowed.
 *
 * @module
 */

/**
 * The work's own result or failure, or that of `onLate` when the deadline comes first. The timer is
 * gone as soon as either is there.
 *
 * @param ms from now, ≥ 0
 * @param onLate called at the deadline; by default it throws an Error "no answer within … ms"
 */
export async function withDeadline<T, L = never>(
  work: Promise<T>,
  ms: number,
  onLate: () => L = () => {
    throw new Error(`no answer within ${ms} ms`);
  },
): Promise<T | L> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  }).then(onLate);

  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
