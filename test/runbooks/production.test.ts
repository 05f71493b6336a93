import { describe, expect, it } from "vitest";
import { checkProduction, Helps } from "../../scripts/runbooks/production.ts";
import { pages } from "../../scripts/runbooks/walk.ts";

const helps = new Helps();

describe.each([...pages().values()])("the production blocks of $id", ({ blocks }) => {
  it.each(blocks.filter(({ where }) => where === "production"))(
    "name only commands and flags that there are: $id",
    async (block) => {
      expect((await checkProduction(helps, block)).wrong).toEqual([]);
    },
  );
});

describe("a production block", () => {
  const wrongOf = async (text: string): Promise<string[]> => {
    const [block] = [...pages().values()].flatMap(({ blocks }) => blocks);
    if (!block) throw new Error("no block");
    return (await checkProduction(helps, { ...block, text })).wrong;
  };

  it.each([
    ["npx wrangler deploy --sideways", "wrangler deploy has no --sideways"],
    ["npx wrangler fly", "wrangler knows no fly"],
    ["memory-cli backup create --kindly", "memory-cli backup create has no --kindly"],
    ["npm run nothing", "package.json has no script nothing"],
  ])("that says %s is found wrong", async (text, wrong) => {
    expect(await wrongOf(text)).toEqual([wrong]);
  });
});
