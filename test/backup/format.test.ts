import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeRow, type Manifest } from "../../src/backup/index.ts";
import { createCipher, gzip } from "../../src/backup/format/bytes.ts";
import type { BackupKey } from "../../src/backup/format/keys.ts";
import { sealManifest } from "../../src/backup/format/sealed-manifest.ts";
import { valueSql } from "../../src/backup/format/rows.ts";
import { SCHEMA, TABLES, type TypedValue } from "../../src/storage/index.ts";
import { backupKeys, manifestOf } from "../support/backups/ports.ts";

const text = (value: string): TypedValue => ({ type: "text", value });
const integer = (value: bigint | number): TypedValue => ({ type: "integer", value: String(value) });

describe("a row in a backup", () => {
  const database = new DatabaseSync(":memory:");
  const columns = ["id", "version", "domain", "body"];
  const read = (line: string): Record<string, unknown> => {
    const values = columns.map((column, i) => `${valueSql(i, "?1", true)} AS ${column}`);
    const statement = database.prepare(`SELECT ${values.join(", ")}`);
    statement.setReadBigInts(true);
    return { ...statement.get(line) };
  };

  it("reads back exactly, whatever it holds", { timeout: 60_000 }, () => {
    const texts = fc.string({ unit: "binary", maxLength: 20 }).map((value) => value.toWellFormed());
    const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(texts, texts, integers, (name, body, version) => {
        const row = [name, version, null, `${body}\0${name}`] as const;
        const typed = row.map((value): TypedValue => {
          if (value === null) return { type: "null" };
          return typeof value === "bigint" ? integer(value) : text(value);
        });
        expect(Object.values(read(encodeRow(typed)))).toEqual(row);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is refused when it holds what no table does", () => {
    expect(() => encodeRow([{ type: "float", value: 0.1 }])).toThrow("A backup holds no reals.");
    expect(() => encodeRow([{ type: "blob", value: "AA==" } as unknown as TypedValue])).toThrow(
      "A backup holds no blobs.",
    );
  });
});

describe("encryption", () => {
  it("opens with its own key in its own place only", async () => {
    const [key, other] = (await backupKeys(1, 2)).usable as [BackupKey, BackupKey];
    const cipher = (of: BackupKey, format: number) => createCipher(of.chunkKeyOf(format));
    const own = await cipher(key, 2);
    const sealed = await own.seal(new Uint8Array([1, 2, 3]), "exports/a/1");
    expect([...(await own.open(sealed, "exports/a/1"))]).toEqual([1, 2, 3]);
    await expect(own.open(sealed, "exports/a/2")).rejects.toThrow();
    await expect((await cipher(key, 1)).open(sealed, "exports/a/1")).rejects.toThrow();
    await expect((await cipher(other, 2)).open(sealed, "exports/a/1")).rejects.toThrow();
    expect(key.id).not.toBe(other.id);
  });
});

/** A script of docs/storage.md, behind its marker. */
const documented = (name: string): string =>
  new RegExp(`<!-- ${name} -->\\n+\`\`\`python\\n([\\s\\S]*?)\`\`\``).exec(
    readFileSync(join(import.meta.dirname, "../../docs/storage.md"), "utf8"),
  )?.[1] ?? "";

describe("Python's standard library alone", () => {
  it.skipIf(!existsSync("/usr/bin/python3"))(
    "tells by the script of docs/storage.md who wrote a backup",
    async () => {
      const directory = mkdtempSync(join(tmpdir(), "memory-check-"));
      try {
        const keys = await backupKeys(7);
        const at = join(directory, "exports/full");
        mkdirSync(at, { recursive: true });
        writeFileSync(join(directory, "check.py"), documented("check.py"));
        const manifest = manifestOf("full", { chunks: [] });
        const check = (text: string, BACKUP_KEY = "07".repeat(32)): string => {
          writeFileSync(join(at, "manifest.json"), text);
          const env = { ...process.env, BACKUP_KEY };
          const done = spawnSync("/usr/bin/python3", ["check.py", "full"], {
            cwd: directory,
            env,
            encoding: "utf8",
          });
          return (done.stdout + done.stderr).trim();
        };
        const text = await sealManifest(manifest, keys);
        expect(check(text)).toBe("full: authentic");
        expect(check(await sealManifest(manifest, null))).toBe("full: its MAC is wrong");
        expect(check(text.replace('"schema_version":1', '"schema_version":2'))).toBe(
          "full: its sum is wrong",
        );

        const late = "09".repeat(32);
        expect(check(text, late)).toBe("full: its MAC is wrong");
        const { newest } = await backupKeys(9);
        const { sha256 } = JSON.parse(text) as { sha256: string };
        const own = JSON.stringify({ backup: "exports/full/", sha256, key_id: "k", wrapped: "w" });
        const mac = await newest?.sign("envelope", own);
        writeFileSync(join(at, "key-k.json"), `{"mac":"${mac}","envelope":${own}}`);
        expect(check(text, late)).toBe("full: authentic");
        expect(check(await sealManifest({ ...manifest, schema_version: 9 }, keys), late)).toBe(
          "full: its MAC is wrong",
        );
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );
});

describe("gunzip and sqlite3 alone", () => {
  it.skipIf(!existsSync("/usr/bin/sqlite3") || !existsSync("/usr/bin/python3"))(
    "restore a chain by the commands of docs/storage.md (apt-get install sqlite3 python3)",
    async () => {
      const directory = mkdtempSync(join(tmpdir(), "memory-backup-"));
      try {
        const row = (name: string, body: string): TypedValue[] => [
          text("n"),
          text(name),
          integer(2n ** 62n),
          text(body),
        ];
        const chunk = async (id: string, object: string, lines: string[], more: object) => {
          const packed = await gzip(
            new TextEncoder().encode(`${lines.join("\n")}\n`) as Uint8Array<ArrayBuffer>,
          );
          expect(gunzipSync(packed).toString()).toContain(lines[0] ?? "");
          execFileSync("mkdir", ["-p", join(directory, "exports", id)]);
          writeFileSync(join(directory, "exports", id, object), packed);
          return { object, table: "feedback", op: "put", layer: 0, ...more };
        };
        const manifest = (id: string, parent: string | null, chunks: object[]): void => {
          const tables = { feedback: { columns: TABLES.feedback.columns, key: 2, rows: null } };
          const body = {
            id,
            parent: parent && { id: parent },
            tables,
            chunks,
            encryption: null,
          } as unknown as Manifest;
          writeFileSync(
            join(directory, "exports", id, "manifest.json"),
            JSON.stringify({ sha256: "", manifest: body }),
          );
        };
        const nul = ["nul\0inside", "", "ünï 😀", '"\\u0000"'];
        const base = ["a", "b", "c", "d"].map((name, i) => encodeRow(row(name, nul[i] ?? "")));
        manifest("full", null, [await chunk("full", "1.ndjson.gz", base, {})]);
        const put = await chunk(
          "inc",
          "1.ndjson.gz",
          [encodeRow(row("b", "changed")), encodeRow(row("e", "new"))],
          {
            layer: 1,
          },
        );
        const gone = await chunk("inc", "2.ndjson.gz", [encodeRow([text("n"), text("c")])], {
          layer: 1,
          op: "delete",
        });
        manifest("inc", "full", [put, gone]);
        const file = join(directory, "restored.db");
        const made = new DatabaseSync(file);
        for (const statement of SCHEMA) made.exec(statement);
        made.close();
        writeFileSync(join(directory, "restore.py"), documented("restore.py"));
        const sql = execFileSync("/usr/bin/python3", ["restore.py", "inc"], {
          cwd: directory,
          maxBuffer: 1e8,
        });
        execFileSync("/usr/bin/sqlite3", [file], { input: sql });
        const restored = new DatabaseSync(file).prepare(
          "SELECT recall_id, updated_at, body FROM feedback ORDER BY recall_id",
        );
        restored.setReadBigInts(true);
        expect(
          restored.all().map(({ recall_id, updated_at, body }) => [recall_id, updated_at, body]),
        ).toEqual([
          ["a", 2n ** 62n, nul[0]],
          ["b", 2n ** 62n, "changed"],
          ["d", 2n ** 62n, nul[3]],
          ["e", 2n ** 62n, "new"],
        ]);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );
});
