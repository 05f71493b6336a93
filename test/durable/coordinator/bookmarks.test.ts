import { expect, it } from "vitest";
import { bookmarkLines } from "../../../cli/commands/operations/bookmarks.ts";
import type { InstanceAnswer } from "../../../src/durable/coordinator/instances.ts";
import {
  BookmarkNotes,
  type BookmarkPorts,
} from "../../../src/durable/coordinator/monitoring/bookmarks.ts";
import type { NewIncident } from "../../../src/durable/coordinator/monitoring/incidents.ts";
import { bookmarkOf } from "../../../src/durable/shared/context.ts";
import { openStorage } from "../../support/node-sql.ts";

const marked = (count: number): InstanceAnswer<"bookmark">[] =>
  Array.from({ length: count }, (_, index) => ({ value: `0-${index}` }));

function notes(own: string | null, answers: InstanceAnswer<"bookmark">[]) {
  const recorded: NewIncident[] = [];
  let asked = 0;
  const everywhere = async (): Promise<InstanceAnswer<"bookmark">[]> => {
    asked += 1;
    return answers;
  };
  const bookmarks = new BookmarkNotes({
    instances: { everywhere } as unknown as BookmarkPorts["instances"],
    own: async () => own,
    record: (incident) => recorded.push(incident),
  });
  return { bookmarks, recorded, asked: () => asked };
}

it("each object's bookmark is in the answer and in the timeline, but of those that have none", async () => {
  const silent = { instance: 1, error: "no answer" };
  const { bookmarks, recorded } = notes("0-c", [{ value: "0-0" }, silent, { value: null }]);
  const found = { coordinator: "0-c", "instance-0": "0-0" };
  expect(await bookmarks.note("topology", "a resize to 6", "ana")).toEqual(found);
  expect(recorded).toEqual([
    {
      kind: "topology",
      severity: "info",
      title: "bookmarks of 2 objects before a resize to 6 (ana)",
      detail: { by: "ana", before: "a resize to 6", bookmarks: found },
    },
  ]);
});

it("of many objects the timeline has several entries, each of bounded length", async () => {
  const { bookmarks, recorded } = notes("0-c", marked(1_024));
  expect(Object.keys((await bookmarks.note("restore", "a restore", "j")) ?? {})).toHaveLength(
    1_025,
  );
  expect(recorded).toHaveLength(6);
  for (const { detail } of recorded) expect(JSON.stringify(detail).length).toBeLessThan(20_000);
});

it("where the runtime has none nobody is asked and nothing is said", async () => {
  const { bookmarks, recorded, asked } = notes(null, marked(2));
  expect(await bookmarks.note("migration", "a migration", "ana")).toBeNull();
  expect([recorded, asked()]).toEqual([[], 0]);
});

it("a storage without point-in-time recovery has no bookmark, and one with it has its own", async () => {
  const storage = openStorage();
  expect(await bookmarkOf(storage, 0)).toBeNull();
  storage.bookmark = "00000001-00000002-00004e2f-0a83";
  expect(await bookmarkOf(storage, 0)).toBe("00000001-00000002-00004e2f-0a83");
});

it("memory-cli shows them by object, and nothing where there are none", () => {
  expect(bookmarkLines(undefined)).toEqual([]);
  expect(bookmarkLines({ coordinator: "0-c", "instance-0": "0-0" }).slice(1)).toEqual([
    "  coordinator  0-c",
    "  instance-0  0-0",
  ]);
});
