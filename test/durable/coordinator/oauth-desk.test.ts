import { beforeEach, describe, expect, it } from "vitest";
import { OAuthDesk } from "../../../src/durable/coordinator/oauth/oauth-desk.ts";
import { incidentOfChange } from "../../../src/durable/coordinator/monitoring/incidents.ts";
import { LIMITS, MS } from "../../../src/contract/limits.ts";
import { openLocal } from "../../support/node-sql.ts";

const BURST = LIMITS.oauth_registrations_burst;
const NOTE = {
  key: "0123456789ab",
  id: "grant",
  client: "https://app.example/client",
  namespace: "agents",
  scopes: ["read", "write"],
  state: "granted",
  reason: null,
} as const;

let now = 0;
let sql: ReturnType<typeof openLocal>;
let audited: unknown[][];

beforeEach(() => {
  now = 1_000_000;
  sql = openLocal([]);
  audited = [];
});

function desk(): OAuthDesk {
  const audit = (...change: unknown[]): void => void audited.push(change);
  return new OAuthDesk({ sql, now: () => now, controlStore: { audit } });
}

function registered(of: OAuthDesk, tries: number): number {
  let count = 0;
  for (let i = 0; i < tries; i++) if (of.register().granted) count += 1;
  return count;
}

describe("the clients that register themselves", () => {
  it("are bounded at once and by the day, through a restart of the Coordinator", () => {
    expect(registered(desk(), BURST + 10)).toBe(BURST);
    const again = desk();
    const { granted, retry_after_s } = again.register();
    expect(granted).toBe(false);
    expect(retry_after_s).toBe(MS.day / 1_000 / LIMITS.oauth_registrations_per_day);
    let day = 0;
    for (let hour = 0; hour < 24; hour++) {
      now += MS.hour;
      day += registered(again, BURST);
    }
    expect(day).toBe(LIMITS.oauth_registrations_per_day);
  });
});

describe("what becomes of a grant", () => {
  it("is in the audit and on the timeline, with who, what and why", () => {
    desk().note({ by: "key 0123456789ab", from: null, to: NOTE });
    expect(audited).toEqual([["key 0123456789ab", "oauth_grant", null, NOTE]]);
    const refused = { ...NOTE, state: "refused", reason: "unauthenticated" } as const;
    expect(incidentOfChange("oauth", "oauth_grant", NOTE, refused)).toMatchObject({
      kind: "keys",
      severity: "warning",
      title:
        "grant grant of key 0123456789ab to https://app.example/client refused: read, write in agents, unauthenticated (oauth)",
    });
    expect(incidentOfChange("client", "oauth_grant", NOTE, NOTE).severity).toBe("info");
  });
});
