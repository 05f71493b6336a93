/**
 * What an importer is: it says what the files of one format tell, as events; the normaliser makes
 * episodes of them.
 *
 * @module
 */

import type { ImportEvent } from "../../client/runs/events.ts";
import type { Notes } from "../../client/runs/notes.ts";
import type { SourceFile } from "./reading/json.ts";

export interface Importer {
  /** What it reads, for the help. */
  reads: string;
  /** Names of files in a folder that it reads. */
  files: RegExp;
  /** Whether a run may be spread over the files of a folder: then it ends with the last of them. */
  isSpread: boolean;
  /** Beginnings of the keys that an SQLite file holds sessions under; absent: none is read. */
  stored?: readonly string[];
  open(notes: Notes): FormatReader;
}

/** Reads the files of one import, in the order of their names. */
export interface FormatReader {
  read(file: SourceFile): Iterable<ImportEvent>;
  /** What can be said only when all files were read. */
  end?(): Iterable<ImportEvent>;
}
