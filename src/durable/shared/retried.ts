/**
 * Repeats a call to a Durable Object where the platform says that this helps.
 *
 * @module
 */

/**
 * The call, once more when it failed and the platform says that it may be repeated and that the
 * object is not overloaded. Only for calls that do no harm when they are carried out twice.
 *
 * @param call makes a new stub each time: one that threw must not be used again
 */
export async function retried<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
    if (!retryable || overloaded) throw error;
    return call();
  }
}
