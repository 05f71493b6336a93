/**
 * Why a backup cannot be used: an expected failure, which no repetition mends.
 *
 * @module
 */

/** Names the object that is at fault. */
export class BackupFault extends Error {
  override readonly name = "BackupFault";
  readonly object: string;

  /**
   * @param object a key in the bucket, or a backup's id
   * @param problem goes on from the object's name
   */
  constructor(object: string, problem: string) {
    super(`${object}: ${problem}`);
    this.object = object;
  }
}
