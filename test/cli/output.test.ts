import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { App } from "../../cli/app.ts";
import { EXIT } from "../../cli/exit.ts";
import { run } from "../../cli/run.ts";
import { colorsFor, render, type Format } from "../../cli/terminal/output.ts";
import { shownFields } from "../../cli/terminal/shown.ts";

/** What takes a terminal over: its colours, its title, its screen, the order of what it shows. */
const HOSTILE = "a\u001b]0;owned\u0007\u001b[2J\u009b31m\u202eb";
/** What a terminal acts on; line ends are of the output itself. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for.
const STEERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const colors = colorsFor(new PassThrough(), {}, false);

function caught(): { stream: Writable; text: () => string } {
  let text = "";
  const stream = new Writable({
    write: (part, _encoding, done) => {
      text += String(part);
      done();
    },
  });
  return { stream, text: () => text };
}

describe("text of others on a terminal", () => {
  it.each(["table", "json", "yaml"] as Format[])("steers nothing, as a %s", async (format) => {
    const data = {
      task: HOSTILE,
      metadata: { [HOSTILE]: HOSTILE },
      steps: [{ [HOSTILE]: [HOSTILE] }],
    };
    const text = await render(shownFields(data), format, colors, 80);
    expect(text).not.toMatch(STEERS);
    if (format !== "table") expect(parse(text)).toEqual(data);
  });

  it("is what it was where only its direction is turned", async () => {
    const data = { task: "a\u202eb", "\u2066c": ["d"] };
    const text = await render(shownFields(data), "yaml", colors, 80);
    expect(text).not.toMatch(STEERS);
    expect(parse(text)).toEqual(data);
  });

  it("steers nothing in an error", async () => {
    const { stream, text } = caught();
    const io = { env: {}, stdin: new PassThrough(), stdout: new PassThrough(), stderr: stream };
    expect(await run(["profile", "show", "--profile", HOSTILE], io)).not.toBe(EXIT.ok);
    expect(text()).not.toMatch(STEERS);
    expect(text()).toContain("owned");
  });

  it("steers nothing in a note", () => {
    const { stream, text } = caught();
    const io = { env: {}, stdin: new PassThrough(), stdout: new PassThrough(), stderr: stream };
    new App({ format: "table", color: false }, io).note(`one\n${HOSTILE}`);
    expect(text()).not.toMatch(STEERS);
    expect(text().split("\n")).toHaveLength(3);
  });
});
