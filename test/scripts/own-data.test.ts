import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataFolder, requireOwn } from "../../scripts/start/own-data.ts";

const USER = process.getuid?.() ?? 0;
let project: string;
let folder: string;
let before: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "memory-own-"));
  folder = join(project, ".data");
  before = process.cwd();
});
afterEach(() => {
  process.chdir(before);
  rmSync(project, { recursive: true, force: true });
});

/** As `npm start` leaves it. */
function made(): void {
  mkdirSync(folder, { mode: 0o700 });
  mkdirSync(join(folder, "db/dbs"), { recursive: true });
  for (const name of ["admin-token", "database-token", "local-key", "worker.env"])
    writeFileSync(join(folder, name), "x", { mode: 0o600 });
  for (const name of ["url", "database-key.pem", "worker.log", "db/dbs/data"])
    writeFileSync(join(folder, name), "x");
}

describe("data that was found where a package is called", () => {
  it("is taken where it was made by the service, and where there is none", () => {
    expect(() => requireOwn(folder, USER)).not.toThrow();
    made();
    expect(() => requireOwn(folder, USER)).not.toThrow();
  });

  it.each<[string, string, () => void]>([
    ["a folder as version control brings it", "is open to others", () => chmodSync(folder, 0o755)],
    [
      "a secret as version control brings it",
      "admin-token is open to others",
      () => chmodSync(join(folder, "admin-token"), 0o644),
    ],
    [
      "a link that is written to",
      "worker.log is a link",
      () => {
        rmSync(join(folder, "worker.log"));
        symlinkSync(join(project, "a-file-of-the-user"), join(folder, "worker.log"));
      },
    ],
    [
      "a link deep inside",
      "elsewhere is a link",
      () => symlinkSync(project, join(folder, "db/dbs/elsewhere")),
    ],
    [
      "a link in place of the folder",
      ".data is no folder",
      () => {
        rmSync(folder, { recursive: true });
        symlinkSync(project, folder);
      },
    ],
    [
      "a file in place of the folder",
      ".data is no folder",
      () => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, "x");
      },
    ],
  ])("is refused: %s", (_name, why, change) => {
    made();
    change();
    expect(() => requireOwn(folder, USER)).toThrow(why);
    // What to do about it is said.
    expect(() => requireOwn(folder, USER)).toThrow(`MEMORY_DATA_DIR=${folder}`);
  });

  it("is refused of another user of the machine", () => {
    made();
    expect(() => requireOwn(folder, USER + 1)).toThrow(".data is another user's");
  });

  it("is closed to others where nothing is in it", () => {
    mkdirSync(folder, { mode: 0o755 });
    chmodSync(folder, 0o755);
    requireOwn(folder, USER);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("is looked at by a package alone: a folder that is named, and a checkout's, are what they are", () => {
    made();
    chmodSync(folder, 0o755);
    process.chdir(project);
    const packed = join(project, "package");
    mkdirSync(join(packed, "build"), { recursive: true });
    writeFileSync(join(packed, "build/options.json"), "{}");
    expect(() => dataFolder(packed, {})).toThrow("is open to others");
    expect(dataFolder(packed, { MEMORY_DATA_DIR: ".data" })).toBe(join(process.cwd(), ".data"));
    expect(dataFolder(join(project, "checkout"), {})).toBe(join(project, "checkout/.data"));
  });
});
