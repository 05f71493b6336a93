import { describe, expect, it } from "vitest";
import {
  initialControl,
  parseControl,
  serializeControl,
} from "../../../src/durable/shared/control.ts";
import {
  COORDINATOR_STAGES,
  INSTANCE_STAGES,
  snapshotPage,
} from "../../../src/durable/shared/tables/snapshots.ts";
import { openLocal } from "../../support/node-sql.ts";

const SECRET = "whsec_c2VjcmV0IG9mIGEgd2ViaG9vaw==";
const hook = {
  id: "wh-1",
  url: "https://hooks.example.com/",
  types: null,
  namespaces: ["*"],
  created_at: "2026-01-01T00:00:00.000Z",
};
const control = serializeControl({
  ...initialControl(2),
  version: 9,
  webhooks: [{ ...hook, secret: SECRET }],
});
const SCHEMA = [
  "CREATE TABLE control (one INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
  "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
];

describe("a snapshot", () => {
  it.each([
    ["the Coordinator", "control", "body", COORDINATOR_STAGES],
    ["an instance", "meta", "value", INSTANCE_STAGES],
  ] as const)(
    "of %s has the control document without the webhooks' secrets",
    (_who, table, column, all) => {
      const sql = openLocal(SCHEMA);
      sql.run("INSERT INTO control (one, body) VALUES (1, ?)", control);
      sql.run("INSERT INTO meta (name, value) VALUES ('control', ?), ('index', '1')", control);
      const stages = all.filter((stage) => stage.table === table);
      const { rows } = snapshotPage(sql, null, stages);
      expect(JSON.stringify(rows)).not.toContain(SECRET.slice("whsec_".length));
      const values = rows.map(({ row }) => String((row as Record<string, unknown>)[column]));
      const [document = "{}"] = values;
      expect(parseControl(document)).toEqual({
        ...initialControl(2),
        version: 9,
        webhooks: [hook],
      });
      expect(values.slice(1)).toEqual(table === "meta" ? ["1"] : []);
      // The object itself signs with it as before.
      expect(JSON.stringify(sql.all("SELECT * FROM control"))).toContain(SECRET);
    },
  );
});
