/**
 * What comes as bytes: spans in protobuf, and what lies in the bucket of backups.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { spansOf } from "../../../client/runs/spans/otlp.ts";
import { Problem } from "../../../src/api/problem.ts";
import { readTraces } from "../../../src/api/spans/otlp-protobuf.ts";
import { spanRecord } from "../../../src/api/spans/span-record.ts";
import {
  createBackupKeys,
  listBackups,
  rewrapBackups,
  takeSnapshot,
  verifyBackup,
  type BackupKeys,
  type Steps,
} from "../../../src/backup/index.ts";
import { manifestKey, prefixOf } from "../../../src/backup/format/manifest.ts";
import { MemoryStore } from "../../support/backups/ports.ts";
import { mutated, mutatedBytes, mutatedValue, type JsonValue } from "../mutate.ts";
import type { Target } from "../target.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const inside = (number: number, ...parts: Uint8Array[]): Uint8Array =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(Buffer.concat(parts)).finish();
const text = (number: number, value: string): Uint8Array => inside(number, Buffer.from(value));
const pair = (key: string, value: Uint8Array): Uint8Array =>
  inside(9, text(1, key), inside(2, value));
const time = (number: number): Uint8Array =>
  new BinaryWriter().tag(number, WireType.Bit64).fixed64(1_767_225_600_000_000_000n).finish();

function spanSample(attributes: readonly Uint8Array[]): Bytes {
  const span = inside(
    2,
    inside(1, new Uint8Array(16).fill(0xab)),
    inside(2, new Uint8Array(8).fill(0x1c)),
    text(5, "execute_tool find"),
    time(7),
    time(8),
    ...attributes,
    inside(15, text(2, "down"), new BinaryWriter().tag(3, WireType.Varint).int32(2).finish()),
  );
  return new Uint8Array(inside(1, inside(1, pair("service.name", text(1, "s"))), inside(2, span)));
}

export const protobuf: Target<Bytes> = {
  name: "OTLP in protobuf",
  samples: () => [
    spanSample([
      pair("gen_ai.tool.name", text(1, "find")),
      pair("gen_ai.operation.name", text(1, "chat")),
    ]),
    spanSample([pair("ai.list", inside(5, inside(1, text(1, "a")), inside(1, inside(6))))]),
  ],
  mutate(random, sample, samples) {
    let bytes: Bytes = sample;
    for (let i = random.below(5); i >= 0; i--) bytes = mutatedBytes(random, bytes, samples);
    return bytes;
  },
  run(bytes) {
    let message;
    try {
      message = readTraces(bytes);
    } catch (error) {
      return error instanceof Problem ? undefined : `refuses by ${String(error)}`;
    }
    for (const span of spansOf(message) ?? []) spanRecord(span);
    return undefined;
  },
};

/** A bucket's objects. */
export interface BucketInput {
  isKeyed: boolean;
  objects: Record<string, Bytes>;
}

const ID = "20260101T000000Z-a0000001";
const MANIFEST = manifestKey(ID, "snapshot");
const steps: Steps = { run: (_name, work) => work() };
const report = async (): Promise<void> => undefined;
const secret = (byte: number): Bytes => new Uint8Array(32).fill(byte);
let keyRing: { old: BackupKeys | null; both: BackupKeys | null; late: BackupKeys | null } | null =
  null;

async function keys() {
  keyRing ??= {
    old: await createBackupKeys([secret(1)]),
    both: await createBackupKeys([secret(2), secret(1)]),
    late: await createBackupKeys([secret(2)]),
  };
  return keyRing;
}

async function bucket(isKeyed: boolean): Promise<BucketInput> {
  const { old, both } = await keys();
  const store = new MemoryStore();
  const rows = [
    { table: "api_keys", state: "unsent" as const, key: null, row: ["abc", "hash", 1, "{}"] },
    {
      table: "pending_tasks",
      state: "local" as const,
      key: null,
      row: { kind: "learn", namespace: "ns", id: "i", recall_id: null },
    },
  ];
  const plan = { id: ID, instances: 1, schema_version: 3, written_by: { name: "t", version: "0" } };
  const page = async () => ({ rows, next: null });
  const ports = { store, keys: isKeyed ? old : null, steps, now: () => 0, page, report };
  await takeSnapshot(ports, plan);
  if (isKeyed) await rewrapBackups({ store, keys: both, steps, report }, null);
  return { isKeyed, objects: Object.fromEntries(store.objects) };
}

const sumOf = (data: string | Bytes): string => createHash("sha256").update(data).digest("hex");
const bytesOf = (data: string): Bytes => new Uint8Array(Buffer.from(data));

/** Manifest, chunks and envelopes by somebody who makes every sum right, or does not care to. */
export const backups: Target<BucketInput> = {
  name: "backups",
  samples: async () => [await bucket(false), await bucket(true)],
  mutate(random, { isKeyed, objects }) {
    const names = Object.keys(objects);
    const name = random.of(names);
    const how = random.below(3);
    if (how === 0) {
      const bytes = mutatedBytes(random, objects[name] ?? bytesOf(""), Object.values(objects));
      return { isKeyed, objects: { ...objects, [name]: bytes } };
    }
    const read = JSON.parse(Buffer.from(objects[MANIFEST] ?? []).toString()) as {
      mac?: string;
      manifest: { chunks: { object: string }[] };
    };
    let { manifest } = read;
    const more: Record<string, Bytes> = {};
    if (how === 1) {
      const at = random.below(manifest.chunks.length);
      const chunk = manifest.chunks[at];
      if (!chunk) return { isKeyed, objects };
      const lines = mutated(random, '["a","h",1,"{}"]\n{"kind":"learn"}\n', []);
      const packed = new Uint8Array(gzipSync(lines));
      const object = `planted-00000-${sumOf(packed).slice(0, 16)}.ndjson.gz`;
      more[prefixOf(ID, "snapshot") + object] = packed;
      const said = {
        object,
        sha256: sumOf(packed),
        stored: packed.length,
        bytes: Buffer.byteLength(lines) + random.of([0, 0, 0, -1, 1]),
        rows: lines.split("\n").length - 1,
      };
      manifest = { ...manifest, chunks: manifest.chunks.with(at, { ...chunk, ...said }) };
    } else {
      manifest = mutatedValue(random, manifest as unknown as JsonValue, []) as never;
    }
    const body = JSON.stringify(manifest) ?? "null";
    const mac = read.mac === undefined ? "" : `"mac":"${read.mac}",`;
    const sealed = bytesOf(`{"sha256":"${sumOf(body)}",${mac}"manifest":${body}}`);
    return { isKeyed, objects: { ...objects, ...more, [MANIFEST]: sealed } };
  },
  async run({ isKeyed, objects }) {
    const store = new MemoryStore();
    for (const [key, bytes] of Object.entries(objects)) store.objects.set(key, bytes);
    const { late } = await keys();
    const place = { store, keys: isKeyed ? late : null };
    await listBackups(place, ({ trust }) => trust.authentic);
    await verifyBackup({ ...place, steps, report }, { id: ID, kind: "snapshot" });
  },
};
