/**
 * The one expected failure of reading backups: an object that cannot be used. No repetition mends
 * it.
 *
 * @module
 */

/** Names the object that is at fault. */
export class BackupFault extends Error {
  override readonly name = "BackupFault";
  readonly object: string;
  /** Goes on from the object's name. */
  readonly problem: string;

  /**
   * @param object a key in the bucket, or a backup's id
   * @param problem goes on from the object's name
   */
  constructor(object: string, problem: string) {
    super(`${object}: ${problem}`);
    this.object = object;
    this.problem = problem;
  }
}
