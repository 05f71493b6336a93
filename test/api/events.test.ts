import { describe, expect, it } from "vitest";
import { EVENT_HANDLERS } from "../../src/api/routes/events.ts";
import type { RequestContext } from "../../src/api/request-context.ts";
import type { EventShare, MemoryEvent } from "../../src/contract/events/answers.ts";
import { uuidv7 } from "../../src/memory/id.ts";

const NOW = Date.parse("2026-01-02T00:00:00.000Z");

function eventAt(ms: number, number: number): MemoryEvent {
  const id = uuidv7(
    ms,
    Uint8Array.from({ length: 10 }, () => number),
  );
  return { id, type: "lesson.added", timestamp: "", namespace: "n", data: { number } };
}

/** The stream of events that instances have, as text, and what they were asked. */
async function streamed(
  share: EventShare,
  lastEventId?: string,
): Promise<{ text: string; after: string[] }> {
  const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
  const after: string[] = [];
  const context = {
    request: new Request("http://memory.test/v1/events", { headers }),
    options: { now: () => NOW },
    run: async (_name: string, input: { after: string }) => {
      after.push(input.after);
      return { value: share };
    },
  } as unknown as RequestContext;
  const asked = { params: {}, query: { seconds: 0 }, body: undefined, ifMatch: null };
  const response = await EVENT_HANDLERS.streamEvents(context, asked as never);
  expect(response.headers.get("Content-Type")).toBe("text/event-stream");
  return { text: await response.text(), after };
}

describe("the stream of a namespace's events", () => {
  it("begins now, and tells nothing of before", async () => {
    const events = [eventAt(NOW - 1_000, 1), eventAt(NOW + 1, 2)];
    const { text } = await streamed({ events, hasGap: true });
    expect(text).toBe(
      `retry: 2000\n\nid: ${events[1]?.id}\nevent: lesson.added\ndata: ${JSON.stringify(events[1])}\n\n`,
    );
  });

  it("goes on behind the last event, looks a little back, and says when some are missing", async () => {
    const [first, second] = [eventAt(NOW - 60_000, 1), eventAt(NOW - 59_000, 2)];
    const { text, after } = await streamed({ events: [first, second], hasGap: true }, first.id);
    expect(after[0] && after[0] < eventAt(NOW - 62_000, 0).id).toBe(true);
    expect(text).toContain("event: gap\ndata: {}\n\n");
    expect(text).not.toContain(`id: ${first.id}`);
    expect(text).toContain(`id: ${second.id}`);
  });

  it("takes any text for an id", async () => {
    for (const id of ["x", "zz-zz", "9".repeat(500)])
      expect((await streamed({ events: [], hasGap: false }, id)).text).toBe("retry: 2000\n\n");
  });
});
