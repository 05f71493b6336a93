import { describe, expect, it } from "vitest";
import type { WholeEpisode } from "../../../../src/durable/instance/episodes/store/episode-rows.ts";
import { ReadCopies } from "../../../../src/durable/instance/episodes/store/memory-copies.ts";
import type { EpisodeRecord } from "../../../../src/durable/shared/episode-record.ts";

const record = {} as EpisodeRecord;

function open(json = "{}") {
  const copies = new ReadCopies();
  let reads = 0;
  const read = (key: string): WholeEpisode | null =>
    copies.of(key, () => {
      reads += 1;
      return { record, json };
    });
  return { copies, read, reads: () => reads };
}

describe("copies of episodes that were read", () => {
  it.each([
    "INSERT INTO steps (namespace) VALUES (?)",
    "UPDATE episodes SET body = ?",
    "DELETE FROM episodes WHERE namespace = ?",
    "DELETE FROM steps WHERE namespace = ? RETURNING number",
    "INSERT OR REPLACE INTO episodes SELECT * FROM json_each(?)",
  ])("end with %s", (statement) => {
    const { copies, read, reads } = open();
    read("a");
    read("b");
    read("a");
    expect(reads()).toBe(2);
    copies.onWrite(statement);
    read("a");
    read("b");
    expect(reads()).toBe(4);
  });

  it("stay when something else is written", () => {
    const { copies, read, reads } = open();
    read("a");
    copies.onWrite("INSERT INTO counters (name) VALUES (?)");
    copies.onWrite("DELETE FROM outbox WHERE table_name = ?");
    read("a");
    expect(reads()).toBe(1);
  });

  it("are bounded in number and size, and none is kept of what is not there", () => {
    const { read, reads } = open();
    for (let n = 0; n <= 100; n++) read(`${n}`);
    read("100");
    expect(reads()).toBe(101);
    read("0");
    expect(reads()).toBe(102);
    const large = open("x".repeat(50_001));
    large.read("a");
    large.read("a");
    expect(large.reads()).toBe(2);
    const copies = new ReadCopies();
    expect(copies.of("a", () => null)).toBeNull();
    expect(copies.of("a", () => ({ record, json: "{}" }))).not.toBeNull();
  });
});
