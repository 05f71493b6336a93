import { describe, expect, it } from "vitest";
import { milliseconds, parsePage, scenariosOf } from "../../scripts/runbooks/page.ts";

const page = (...blocks: string[]): string =>
  ["# RB-001: A page", "", "## Step 1: Go", "", ...blocks].join("\n");
const block = (info: string, text = "true"): string => `\`\`\`bash ${info}\n${text}\n\`\`\``;

describe("a page", () => {
  it("is its blocks with their headings, lines and annotations", () => {
    const { id, blocks } = parsePage(
      page(
        block(
          '{id=one where=both expect="a \\"b\\"" exit=2 timeout=5m retry=500ms human=30s needs=/x}',
          "echo 1",
        ),
      ),
    );
    expect(id).toBe("RB-001");
    expect(blocks[0]).toMatchObject({
      id: "one",
      where: "both",
      text: "echo 1",
      line: 5,
      step: "Step 1: Go",
      exit: 2,
    });
    expect(blocks[0]).toMatchObject({
      timeout_ms: 300_000,
      retry_ms: 500,
      human_ms: 30_000,
      needs: "/x",
    });
    expect(blocks[0]?.expect?.test('a "b"')).toBe(true);
  });

  it("leaves alone what is not bash", () => {
    expect(parsePage(page("```json\n{}\n```")).blocks).toEqual([]);
  });

  it.each([
    ["has no annotation", [block("")], "line 5: nobody runs this block"],
    [
      "does not say where",
      [block("{id=a}")],
      "where must be one of local, production, both; it is missing",
    ],
    ["has no id", [block("{where=local}")], "id must be a word"],
    ["says what is not known", [block("{id=a where=local retries=3}")], 'no annotation "retries"'],
    ["says something twice", [block("{id=a where=local where=both}")], "where is given twice"],
    [
      "says what is not understood",
      [block("{id=a where=local quickly}")],
      '"quickly" is not understood',
    ],
    ["has a time that is none", [block("{id=a where=local retry=soon}")], '"soon" is not a time'],
    [
      "has an id that is there",
      [block("{id=a where=local}"), block("{id=a where=local}")],
      "the id a is there already",
    ],
    [
      "has a role without a scenario",
      [block("{id=a where=local role=detect}")],
      "scenario and role come together",
    ],
    [
      "breaks what it does not detect",
      [block("{id=a where=local fault=x}")],
      "fault belongs to the block that detects",
    ],
    [
      "goes on after what must not be",
      [block("{id=a where=local}", "! true\necho went on")],
      "only its last line may begin with !",
    ],
    ["does not end", ["```bash {id=a where=local}"], "the block has no end"],
  ])("with a block that %s is refused, with its line", (_, blocks, said) => {
    expect(() => parsePage(page(...blocks))).toThrow(said);
  });

  it("is refused without its id", () => {
    expect(() => parsePage("# Something")).toThrow("begins with # RB-00N");
  });

  it.each([
    ["mitigate", ["detect", "verify"]],
    ["verify", ["detect", "mitigate"]],
    ["detect", ["mitigate", "verify"]],
  ])("with a scenario that does not %s cannot be drilled", (missing, roles) => {
    const blocks = roles.map((role) => block(`{id=${role} where=local scenario=s role=${role}}`));
    expect(() => scenariosOf(parsePage(page(...blocks)))).toThrow(`s has no block to ${missing}`);
  });
});

it("a time has a unit", () => {
  expect([milliseconds("20ms"), milliseconds("3s"), milliseconds("2m")]).toEqual([
    20, 3_000, 120_000,
  ]);
});
