/**
 * What `setup` made that nobody can make again, in a file for its owner only: written before the
 * service gets it, so that a run that is broken off loses nothing, and the next one goes on with it.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { profilePath, readPrivate, writePrivate } from "../profile.ts";
import type { Io } from "../terminal/io.ts";

/** Secrets that were made for a deployment. */
export interface MadeSecrets {
  ADMIN_TOKEN?: string;
  /** Without it, what is in the bucket cannot be read. */
  BACKUP_KEY?: string;
}

export class Notes {
  readonly path: string;

  /** @param profile the deployment's name on this machine: letters, digits, `_`, `.`, `-` */
  constructor(env: Io["env"], profile: string) {
    this.path = join(dirname(profilePath(env)), `setup-${profile}.json`);
  }

  /** Throws `CliError` when others may read the file, or it is not JSON. */
  read(): MadeSecrets {
    return (readPrivate(this.path) as MadeSecrets | null) ?? {};
  }

  /** Adds to what is noted. */
  add(made: MadeSecrets): void {
    writePrivate(this.path, { ...this.read(), ...made });
  }
}
