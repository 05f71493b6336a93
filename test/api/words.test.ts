import { describe, expect, it } from "vitest";
import { answerWords, wantsWords, wordsOptions } from "../../src/api/words.ts";

const wants = (accept: string | null, format?: "json" | "text"): boolean => {
  const headers = accept === null ? new Headers() : new Headers({ Accept: accept });
  const request = new Request("http://memory/v1/recall", { headers });
  return wantsWords(request, format === undefined ? {} : { format });
};

describe("an answer in words", () => {
  it.each([
    ["text/markdown", true],
    ["text/Markdown; charset=utf-8", true],
    ["text/markdown, */*", true],
    ["text/markdown, application/json;q=0.9", true],
    ["application/json, text/markdown;q=0.5", false],
    ["application/json, text/markdown", false],
    ["text/markdown;q=0", false],
    ["text/markdown;q=much", false],
    ["*/*", false],
    ["text/*", false],
    ["", false],
    [null, false],
  ])("is wanted by Accept: %s, %s", (accept, isWanted) => {
    expect(wants(accept)).toBe(isWanted);
  });

  it("is wanted by the query, whatever is accepted", () => {
    expect(wants("application/json", "text")).toBe(true);
    expect(wants("text/markdown", "json")).toBe(false);
  });

  it("has the bound of the query, else of the body, else 1,200 tokens", () => {
    expect(wordsOptions({ max_tokens: 300, evidence: "true" }, 600)).toEqual({
      maxTokens: 300,
      evidence: true,
    });
    expect(wordsOptions({}, 600)).toEqual({ maxTokens: 600, evidence: false });
    expect(wordsOptions({}).maxTokens).toBe(1_200);
  });

  it("is Markdown, and no cache takes it for the JSON", async () => {
    const response = answerWords("words\n");
    expect(response.headers.get("Content-Type")).toBe("text/markdown; charset=utf-8");
    expect(response.headers.get("Vary")).toBe("Accept");
    expect(await response.text()).toBe("words\n");
  });
});
