/**
 * A bound on how long something is waited for.
 *
 * @module
 */

/**
 * What the work resolves to; or, when it takes longer, what `late` returns or throws. The work goes
 * on then: what it does later is nobody's answer, and what it throws later is dropped.
 *
 * @param ms from now; below 1 it counts as 1
 */
export async function withDeadline<T, L>(
  work: Promise<T>,
  ms: number,
  late: () => L,
): Promise<T | L> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<L>((resolve, reject) => {
    timer = setTimeout(
      () => {
        try {
          resolve(late());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      },
      Math.max(1, ms),
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
