import { beforeEach, describe, expect, it } from "vitest";
import {
  KEPT_ANSWERS_SCHEMA,
  KeptAnswers,
  type AnswerKey,
} from "../../../../src/durable/instance/requests/kept-answers.ts";
import { LIMITS, MS } from "../../../../src/contract/limits.ts";
import { Meter } from "../../../../src/observability/index.ts";
import { openLocal, type NodeSql } from "../../../support/node-sql.ts";

let now: number;
let sql: NodeSql;
let meter: Meter;
let logged: Record<string, unknown>[];
let answers: KeptAnswers;

const open = (): KeptAnswers =>
  new KeptAnswers({
    sql,
    now: () => now,
    meter,
    log: (event) => logged.push(event),
  });
const of = (key: string, who = "one", namespace = "n"): AnswerKey => ({ who, namespace, key });
const held = (who = ""): number => {
  const [row] = sql.all<{ bytes: number | null }>(
    "SELECT sum(length(CAST(result AS BLOB))) AS bytes FROM idempotency WHERE scope >= ? AND scope < ?",
    who === "" ? "" : `${who}|`,
    who === "" ? "~" : `${who}}`,
  );
  return row?.bytes ?? 0;
};
const dropped = (reason: string): number =>
  meter.value("memory_idempotency_dropped_total", { reason });

beforeEach(() => {
  now = 1_000;
  sql = openLocal(KEPT_ANSWERS_SCHEMA);
  meter = new Meter();
  logged = [];
  answers = open();
});

describe("kept answers", () => {
  it("are given for the same request, and refused for another, for a day", () => {
    answers.keep(of("a"), "home", "request", { id: 1 });
    expect(JSON.parse(answers.find(of("a"), "request") ?? "")).toEqual({ id: 1 });
    expect(() => answers.find(of("a"), "another")).toThrow("used for another request");
    now += MS.day;
    expect(answers.find(of("a"), "another")).toBeNull();
    answers.onAlarm(now);
    expect(sql.all("SELECT scope FROM idempotency")).toEqual([]);
  });

  it("are of one namespace: the same key means something else in another", () => {
    answers.keep(of("a", "one", "n"), "home", "request", 1);
    expect(answers.find(of("a", "one", "m"), "another")).toBeNull();
    expect(answers.find(of("a", "two", "n"), "another")).toBeNull();
  });

  it("of an earlier version, without the namespace, are found by their request", () => {
    sql.run(
      "INSERT INTO idempotency (scope, home, fingerprint, result, created_at) VALUES ('one|a', 'h', 'request', '7', 900)",
    );
    expect(answers.find(of("a"), "request")).toBe("7");
    expect(answers.find(of("a"), "another")).toBeNull();
  });

  it("of one API key are bounded, the oldest dropped first, counted and logged; others' stay", () => {
    answers.keep(of("other", "two"), "home", "f", "x".repeat(1_000));
    const value = "é".repeat(200_000);
    for (let i = 0; i < 60; i++) {
      now += 1;
      answers.keep(of(String(i)), "home", "f", value);
      expect(held("one")).toBeLessThanOrEqual(LIMITS.kept_answers_key_max_bytes);
    }
    expect(held("one")).toBeGreaterThan(LIMITS.kept_answers_key_max_bytes / 2);
    expect(answers.find(of("0"), "f")).toBeNull();
    expect(answers.find(of("59"), "f")).not.toBeNull();
    expect(answers.find(of("other", "two"), "f")).not.toBeNull();
    const left = sql.all("SELECT scope FROM idempotency").length;
    expect(dropped("key")).toBe(61 - left);
    expect(logged[0]).toMatchObject({ event: "answers_dropped", reason: "key" });
  });

  it("of all API keys together are bounded, too, across a restart", () => {
    const value = "x".repeat(500_000);
    for (let i = 0; i < 160; i++) {
      now += 1;
      if (i % 50 === 0) answers = open();
      answers.keep(of(String(i), `key${i % 8}`), "home", "f", value);
    }
    expect(held()).toBeLessThanOrEqual(LIMITS.kept_answers_max_bytes);
    expect(answers.find(of("0", "key0"), "f")).toBeNull();
    expect(answers.find(of("159", "key7"), "f")).not.toBeNull();
    expect(dropped("instance")).toBeGreaterThan(0);
  });

  it("of a namespace that holds little stay, however many keys of another fill the instance", () => {
    for (const namespace of ["small", "less"])
      answers.keep(of("a", `of ${namespace}`, namespace), "home", "f", namespace);
    const value = "x".repeat(500_000);
    for (let i = 0; i < 400; i++) {
      now += 1;
      answers.keep(
        of(String(i), `key${i % 10}`, i % 4 === 0 ? "half" : "large"),
        "home",
        "f",
        value,
      );
    }
    expect(dropped("instance")).toBeGreaterThan(100);
    expect(held()).toBeLessThanOrEqual(LIMITS.kept_answers_max_bytes);
    expect(held()).toBeGreaterThan(LIMITS.kept_answers_max_bytes / 2);
    for (const namespace of ["small", "less"])
      expect(answers.find(of("a", `of ${namespace}`, namespace), "f")).toBe(`"${namespace}"`);
    const left = sql
      .all<{ scope: string }>("SELECT scope FROM idempotency")
      .map(({ scope }) => scope.split("|")[1]);
    expect(left.filter((namespace) => namespace === "half").length).toBeGreaterThan(20);
    expect(answers.find(of("399", "key9", "large"), "f")).not.toBeNull();
  });

  it("are not kept when one is too large, but that it was given is: a repetition changes nothing", () => {
    answers.keep(of("a"), "home", "request", "x".repeat(LIMITS.kept_answer_max_bytes));
    expect(held()).toBe(0);
    expect(() => answers.find(of("a"), "request")).toThrow("was carried out before");
    expect(() => answers.find(of("a"), "another")).toThrow("used for another request");
    expect(dropped("too_large")).toBe(1);
  });
});
