/**
 * Reads the packages that `package-lock.json` names: what is installed, and by which sum.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "../../package-lock.json");
const FOLDER = "node_modules/";

export interface LockedPackage {
  /** Where it is installed; a package may be there in several versions. */
  path: string;
  name: string;
  version: string;
  /** An expression of SPDX; "": it says none. */
  license: string;
  /** `sha512-` and Base64; "": there is none. */
  integrity: string;
  /** Where it was got from, where that is not the registry. */
  resolved: string;
  /** It is needed to develop only. */
  isDev: boolean;
}

interface Entry {
  version?: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  devOptional?: boolean;
  link?: boolean;
}

/** In the order of their paths; without workspaces. */
export function lockedPackages(): LockedPackage[] {
  const { packages } = JSON.parse(readFileSync(FILE, "utf8")) as {
    packages: Record<string, Entry>;
  };
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes(FOLDER) && link !== true)
    .map(([path, entry]) => ({
      path,
      name: path.slice(path.lastIndexOf(FOLDER) + FOLDER.length),
      version: entry.version ?? "",
      license: entry.license ?? "",
      integrity: entry.integrity ?? "",
      resolved: entry.resolved ?? "",
      isDev: entry.dev === true || entry.devOptional === true,
    }));
}
