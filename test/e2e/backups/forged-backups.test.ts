import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../support/service/database.ts";
import { admin, jobDone, run } from "../../support/service/jobs.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const KEY = "ab".repeat(32);
const PLANTED = "20991126T235959Z-deadbeef";
const sha256 = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");

let database: Sqld;
let service: Service;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, { BACKUP_KEY: KEY });
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

/** A key of the attacker's own, and the row that would let it in everywhere. */
const secret = `mk_abcdefabcdef_${randomBytes(24).toString("hex")}`;
const his = {
  id: "abcdefabcdef",
  name: "his",
  scopes: ["read", "write", "admin"],
  namespaces: ["*"],
  default_namespace: "default",
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  revoked_at: null,
  hash: sha256(secret),
};

/**
 * Plants a backup that continues a real one: unencrypted, with every sum right and a verdict that
 * says it is good.
 */
async function plant(bucket: R2Bucket, parent: string): Promise<void> {
  const real = await bucket.get(`exports/${parent}/manifest.json`);
  const sealed: { sha256: string; manifest: Record<string, unknown> } = JSON.parse(
    (await real?.text()) ?? "",
  );
  const text = `${JSON.stringify([his.id, his.hash, JSON.stringify(his)])}\n`;
  const bytes = gzipSync(text);
  const sum = sha256(bytes);
  const object = `api_keys-put-00001-00000-${sum.slice(0, 16)}.ndjson.gz`;
  await bucket.put(`exports/${PLANTED}/${object}`, bytes);
  const chunk = {
    object,
    table: "api_keys",
    op: "put",
    layer: 1,
    rows: 1,
    bytes: text.length,
    stored: bytes.length,
  };
  const place = { sha256: sum, parts: false, last: "", instance: null, state: "stored" };
  const manifest = JSON.stringify({
    ...sealed.manifest,
    format_version: 1,
    id: PLANTED,
    kind: "incremental",
    started_at: "2099-11-26T23:59:59.000Z",
    parent: { id: parent, sha256: sealed.sha256 },
    encryption: null,
    chunks: [{ ...chunk, ...place }],
  });
  await bucket.put(
    `exports/${PLANTED}/manifest.json`,
    `{"sha256":"${sha256(manifest)}","manifest":${manifest}}`,
  );
  const verdict = {
    id: PLANTED,
    at: "2099-11-26T23:59:59.000Z",
    ok: true,
    sha256: sha256(manifest),
  };
  await bucket.put(`verdicts/${PLANTED}.json`, JSON.stringify(verdict));
}

const flush = (): Promise<void> =>
  until("everything is sent", async () => {
    const { instances } = (await admin(service, "POST", "/admin/storage/flush")).body;
    return instances.every((view: { outbox?: { rows: number } }) => view.outbox?.rows === 0);
  });

describe("a backup that somebody planted in the bucket", () => {
  it("is listed as not trusted, refused by verify and restore, continued by none, and its key stays out", async () => {
    const key = await service.key("b");
    await service.call("POST", "/v1/episodes", { key, body: { task: "build a shed" } });
    await flush();
    const full = await run(service, "/admin/backups", { kind: "full" });
    await service.withBucket((bucket) => plant(bucket, full.id));

    const recall = { key: secret, body: { task: "x" } };
    expect((await service.call("POST", "/v1/recall", recall)).status).toBe(401);
    const verify = await jobDone(
      service,
      await admin(service, "POST", `/admin/backups/${PLANTED}/verify`),
    );
    const restore = await jobDone(
      service,
      await admin(service, "POST", `/admin/backups/${PLANTED}/restore`, {}),
    );
    expect([verify.status, restore.status]).toEqual(["failed", "failed"]);
    for (const job of [verify, restore]) {
      expect(job.result).toEqual({ object: `exports/${PLANTED}/manifest.json` });
      expect(job.error).toContain("is not trusted: it is neither authenticated nor encrypted");
      expect(job.error).toContain("--accept-unauthenticated");
    }
    expect((await service.call("POST", "/v1/recall", recall)).status).toBe(401);
    expect(await rowsOf(database.url, `SELECT id FROM api_keys WHERE id = '${his.id}'`)).toEqual(
      [],
    );

    const { backups } = (await admin(service, "GET", "/admin/backups")).body;
    const view = (id: string) => backups.find((backup: { id: string }) => backup.id === id);
    expect(view(full.id)).toMatchObject({
      authentic: true,
      authentic_reason: null,
      verified: { ok: true },
    });
    expect(view(PLANTED)).toMatchObject({ authentic: false, verified: null, encrypted: false });
    expect((await run(service, "/admin/drills")).backup).toBe(full.id);
    const next = await run(service, "/admin/backups", { kind: "incremental" });
    expect([next.kind, next.note]).toEqual(["incremental", null]);
    expect((await admin(service, "GET", `/admin/backups/${next.id}`)).body.parent).toBe(full.id);
  });

  it("gives nobody a key even when an operator accepts it, and the log tells that he did", async () => {
    const result = await run(service, `/admin/backups/${PLANTED}/restore`, {
      accept_unauthenticated: true,
      keys: [his.id],
    });
    expect(result.warnings).toEqual([
      expect.stringContaining(`The backup ${PLANTED} was accepted unauthenticated`),
    ]);
    expect(result.keys.named).toEqual([
      expect.objectContaining({ id: his.id, outcome: "refused" }),
    ]);
    expect(
      (await service.call("POST", "/v1/recall", { key: secret, body: { task: "x" } })).status,
    ).toBe(401);
    expect(service.log()).toContain('"event":"backup_unauthenticated"');
  });
});

describe("keys, when everything is lost but R2", () => {
  it("come back by name from an authentic backup, and no other does; a revoked one stays revoked", async () => {
    const made = async (name: string): Promise<{ id: string; key: string }> => {
      const body = { name, scopes: ["read", "write"], namespaces: ["b"], default_namespace: "b" };
      return (await admin(service, "POST", "/admin/keys", body)).body;
    };
    const [wanted, other, revoked] = [
      await made("wanted"),
      await made("other"),
      await made("revoked"),
    ];
    await admin(service, "DELETE", `/admin/keys/${revoked.id}`);
    await flush();
    await until("the database has the keys", async () => {
      const rows = await rowsOf(
        database.url,
        `SELECT body FROM api_keys WHERE id = '${revoked.id}'`,
      );
      return rows.some((row) => !String(row["body"]).includes('"revoked_at":null'));
    });
    const { id } = await run(service, "/admin/backups", { kind: "full" });

    await service.kill();
    service.forgetAllButR2();
    const fresh = await Sqld.start();
    try {
      await service.start({}, fresh.url);
      await service.takeOver();
      const dry = await run(service, `/admin/backups/${id}/restore`, { dry_run: true });
      expect(dry.keys.ids).toEqual(expect.arrayContaining([wanted.id, other.id, revoked.id]));
      const keys = [wanted.id, revoked.id, "0123456789ab"];
      const result = await run(service, `/admin/backups/${id}/restore`, { keys });
      const outcomes = Object.fromEntries(
        result.keys.named.map((key: { id: string; outcome: string }) => [key.id, key.outcome]),
      );
      expect(outcomes).toEqual({
        [wanted.id]: "brought_back",
        [revoked.id]: "brought_back",
        "0123456789ab": "missing",
      });
      const status = async (key: string) =>
        (await service.call("POST", "/v1/recall", { key, body: { task: "x" } })).status;
      expect([
        await status(wanted.key),
        await status(other.key),
        await status(revoked.key),
      ]).toEqual([200, 401, 401]);
      await until("the new database has them", async () => {
        const rows = await rowsOf(fresh.url, "SELECT id FROM api_keys ORDER BY id");
        return rows.length === 2;
      });
    } finally {
      await service.kill();
      await fresh.remove();
      await service.start({}, database.url);
      await service.takeOver();
    }
  });
});
