/**
 * What this process started and must not leave behind, however it ends: done, by an error that
 * nobody caught, or told to exit by a signal's handler. Only SIGKILL, and a signal without a
 * handler, leave it.
 *
 * @module
 */

const ends = new Set<() => void>();

process.on("exit", () => {
  for (const end of ends) {
    try {
      end();
    } catch (error) {
      // The others are ended all the same.
      console.error(error);
    }
  }
});

/**
 * Remembers what ends something. It is synchronous, because nothing is waited for when a process
 * exits.
 *
 * @returns to be called when it was ended otherwise
 */
export function endAtExit(end: () => void): () => void {
  ends.add(end);
  return () => void ends.delete(end);
}
