import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  consentHtml,
  type ConsentFacts,
  onwardHtml,
  PAGE_HEADERS,
  refusalHtml,
} from "../../../../src/api/oauth/consent/page.ts";

const FACTS: ConsentFacts = {
  clientName: "An app",
  clientDomain: null,
  redirectHost: "app.example",
  isLocal: false,
  handle: "a-handle",
  scopes: ["read"],
  namespace: "",
  problem: null,
};
const HOSTILE = `"><script>alert(1)</script><a href='x' onclick=y>&`;

describe("the pages of OAuth", () => {
  it("have the style that their policy allows, and nothing beside it", () => {
    const [, style = ""] = /<style>([^]*)<\/style>/.exec(consentHtml(FACTS)) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    expect(
      PAGE_HEADERS["Content-Security-Policy"],
      `the style is another one: write sha256-${hash} into STYLE_SHA256 of src/api/oauth/consent/page.ts`,
    ).toContain(`style-src 'sha256-${hash}'`);
    expect(consentHtml(FACTS)).not.toMatch(/ style=|<script| on\w+=/);
  });

  it("show every text of a client, of an address and of a person as text", () => {
    const pages = [
      consentHtml({
        ...FACTS,
        clientName: HOSTILE,
        clientDomain: HOSTILE,
        redirectHost: HOSTILE,
        handle: HOSTILE,
        namespace: HOSTILE,
        problem: HOSTILE,
      }),
      refusalHtml(HOSTILE, `https://app.example/?x=${HOSTILE}`),
      onwardHtml("Connected", `https://app.example/?x=${HOSTILE}`),
    ];
    for (const page of pages) {
      expect(page).not.toMatch(/<script|<a href='x'/);
      expect(page).toContain("&lt;script&gt;");
    }
  });

  it("cut a name that fills the page, and take out what turns lines around", () => {
    const page = consentHtml({ ...FACTS, clientName: `a\u202eb\n${"x".repeat(5_000)}` });
    expect(page).not.toMatch(/\u202e|x{100}/);
    expect(page).toContain("…");
  });

  it("tick what is asked for, say who has checked a name, and warn of apps on this computer", () => {
    const first = consentHtml(FACTS);
    expect(first).toMatch(/value="read" checked disabled/);
    expect(first).toMatch(/value="write">/);
    expect(first).toContain("nobody has checked its name");
    const second = consentHtml({
      ...FACTS,
      scopes: ["read", "write"],
      clientDomain: "claude.ai",
      isLocal: true,
    });
    expect(second).toMatch(/value="write" checked>/);
    expect(second).toContain("describes itself at <strong>claude.ai</strong>");
    expect(second).toContain("an app on this computer");
  });

  it("lead back by a link alone, where an address is known to be the client's", () => {
    expect(refusalHtml("It failed.", null)).not.toMatch(/href|http-equiv/);
    const page = refusalHtml("It failed.", "https://app.example/back?error=x&state=1");
    expect(page).toContain('href="https://app.example/back?error=x&amp;state=1"');
    expect(page).not.toContain("http-equiv");
  });
});
