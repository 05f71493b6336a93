/**
 * Patterns as bytes, a row each: the content as JSON, evidence as whole numbers of a byte or two.
 * Pure.
 *
 * @module
 */

import type { PatternContent } from "../../../contract/patterns.ts";
import { PackedReader, PackedWriter } from "../../../util/packed.ts";
import { fromHex, toHex } from "../../../util/hashing/hash.ts";
import type { Bucket, PatternRow } from "../types.ts";

const ID_BYTES = 16;
/** An id of this form takes sixteen bytes. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function packPattern(row: PatternRow): Uint8Array<ArrayBuffer> {
  const writer = new PackedWriter();
  writer
    .bytes(fromHex(row.id))
    .text(JSON.stringify(row.content))
    .uint(row.promoted ? 1 : 0)
    .uint(row.slots ? 1 : 0)
    .uint(row.grain ?? 0)
    .uint(row.feedback_grain ?? 0)
    .int(row.last_seen_at);
  writeBuckets(writer, row.buckets);
  writer.uint(row.feedback.length);
  // A judgement that is taken back after its pattern went, and came again, may leave less than none.
  for (const { day, helpful, unhelpful } of row.feedback)
    writer.int(day).int(helpful).int(unhelpful);
  writer.uint(row.episodes.length);
  for (const { id, ended_at } of row.episodes) {
    writer.int(ended_at);
    if (UUID.test(id)) writer.uint(0).bytes(fromHex(id.replaceAll("-", "")));
    else writer.uint(1).text(id);
  }
  return writer.done();
}

/** Domains are named once, and days are stored as their distances. */
function writeBuckets(writer: PackedWriter, buckets: readonly Bucket[]): void {
  const domains = [...new Set(buckets.map(({ domain }) => domain))];
  writer.uint(domains.length);
  for (const domain of domains) writer.text(domain);
  writer.uint(buckets.length);
  let before = 0;
  for (const bucket of buckets) {
    writer
      .int(bucket.day - before)
      .uint(domains.indexOf(bucket.domain))
      .uint(bucket.success)
      .uint(bucket.failure)
      .uint(bucket.reward)
      .uint(bucket.episodes)
      .uint(bucket.occurrences)
      .uint(bucket.latency_ms);
    before = bucket.day;
  }
}

/** A pattern that was packed. @param intern gives the same text for the same text */
export function unpackPattern(
  namespace: string,
  bytes: Uint8Array,
  intern: (text: string) => string,
): PatternRow {
  const reader = new PackedReader(bytes);
  const id = toHex(reader.bytes(ID_BYTES));
  const content = JSON.parse(reader.text()) as PatternContent;
  const promoted = reader.uint() === 1;
  const slots = reader.uint() === 1;
  const grain = reader.uint();
  const feedback_grain = reader.uint();
  const last_seen_at = reader.int();
  const buckets = readBuckets(reader, intern);
  const feedback = Array.from({ length: reader.uint() }, () => ({
    day: reader.int(),
    helpful: reader.int(),
    unhelpful: reader.int(),
  }));
  return {
    namespace,
    id,
    content,
    buckets,
    feedback,
    episodes: readEpisodes(reader),
    promoted,
    last_seen_at,
    ...(slots ? { slots } : {}),
    ...(grain > 0 ? { grain } : {}),
    ...(feedback_grain > 0 ? { feedback_grain } : {}),
  };
}

function readBuckets(reader: PackedReader, intern: (text: string) => string): Bucket[] {
  const domains = Array.from({ length: reader.uint() }, () => intern(reader.text()));
  let day = 0;
  return Array.from({ length: reader.uint() }, (): Bucket => {
    day += reader.int();
    return {
      day,
      domain: domains[reader.uint()] ?? "",
      success: reader.uint(),
      failure: reader.uint(),
      reward: reader.uint(),
      episodes: reader.uint(),
      occurrences: reader.uint(),
      latency_ms: reader.uint(),
    };
  });
}

function readEpisodes(reader: PackedReader): PatternRow["episodes"] {
  return Array.from({ length: reader.uint() }, () => {
    const ended_at = reader.int();
    const id = reader.uint() === 0 ? uuidOf(reader.bytes(ID_BYTES)) : reader.text();
    return { id, ended_at };
  });
}

function uuidOf(bytes: Uint8Array): string {
  const hex = toHex(bytes);
  const ends = [8, 12, 16, 20, 32];
  return ends.map((end, i) => hex.slice(i === 0 ? 0 : ends[i - 1], end)).join("-");
}
