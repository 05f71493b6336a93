import { describe, expect, it } from "vitest";
import { DeploymentIdentity } from "../../../src/durable/coordinator/deployment/identity.ts";
import {
  Ownership,
  type OwnershipPorts,
} from "../../../src/durable/coordinator/deployment/ownership.ts";
import { jurisdictionProblem } from "../../../src/durable/shared/deployment/jurisdiction.ts";
import { coordinatorOf, instanceOf, scratchOf } from "../../../src/durable/shared/objects.ts";
import type { Env } from "../../../src/env.ts";
import { openLocal } from "../../support/node-sql.ts";

const UUID = "4f0c8a9e-0000-4000-8000-000000000000";

/** The objects that are asked for: jurisdiction, name, options. */
function askedWith(more: Partial<Env>): unknown[] {
  const asked: unknown[] = [];
  const objects = (jurisdiction: string | null): unknown => ({
    jurisdiction: (name: string) => objects(name),
    getByName: (name: string, options?: object) =>
      asked.push([jurisdiction, name, options ?? null]),
  });
  const env = {
    COORDINATOR: objects(null),
    MEMORY_INSTANCE: objects(null),
    DRILL_SCRATCH: objects(null),
    ...more,
  } as unknown as Env;
  coordinatorOf(env);
  instanceOf(env, 3);
  scratchOf(env);
  return asked;
}

describe("every Durable Object", () => {
  it("is anywhere, where nothing is said", () => {
    expect(askedWith({})).toEqual([
      [null, "coordinator", null],
      [null, "instance-3", null],
      [null, "scratch", null],
    ]);
  });

  it("is made near the database, and in the jurisdiction", () => {
    const near = { locationHint: "weur" };
    expect(askedWith({ DATABASE_LOCATION: "weur", JURISDICTION: "eu" })).toEqual([
      ["eu", "coordinator", near],
      ["eu", "instance-3", near],
      ["eu", "scratch", near],
    ]);
  });
});

async function idIn(jurisdiction: "eu" | null, kept: string | null): Promise<string> {
  const everywhere = async () => [{ value: { id: kept } }];
  const identity = new DeploymentIdentity({
    sql: openLocal([]),
    now: () => 0,
    uuid: () => UUID,
    wait: async () => undefined,
    log: () => undefined,
    instances: { everywhere } as never,
    env: { jurisdiction },
  });
  return identity.id();
}

describe("a deployment's id", () => {
  it("says in which jurisdiction its objects are, and stays what it was", async () => {
    expect(await idIn(null, null)).toBe(UUID);
    expect(await idIn("eu", null)).toBe(`eu.${UUID}`);
    expect(await idIn("eu", UUID)).toBe(UUID);
  });

  it("tells another jurisdiction from another deployment", () => {
    expect(jurisdictionProblem(UUID, "somebody")).toBeNull();
    expect(jurisdictionProblem(`eu.${UUID}`, "eu.somebody")).toBeNull();
    expect(jurisdictionProblem(UUID, "moon.somebody")).toBeNull();
    expect(jurisdictionProblem(`eu.${UUID}`, UUID)).toMatch(/take JURISDICTION away again/);
    expect(jurisdictionProblem(UUID, `us.${UUID}`)).toMatch(/set JURISDICTION to us again/);
  });
});

/** A deployment in the jurisdiction `eu` before a database that is `owner`'s. */
function ownership(owner: string): { ownership: Ownership; written: string[] } {
  const written: string[] = [];
  let deployment = owner;
  const ports = {
    identity: { id: async () => `eu.${UUID}` },
    database: {
      all: async (sql: string) => (sql.includes("_owner") ? [{ deployment, since: 1 }] : []),
      write: async ([statement]: { args: string[] }[]) => {
        deployment = statement?.args[0] ?? "";
        written.push(deployment);
      },
    },
    bucket: { get: async () => null, put: async () => null },
    controlStore: { control: { restore: null }, audit: () => undefined, maxInstanceCount: 1 },
    restoreHold: { refreshInstances: async () => undefined },
    owned: { lookAgain: () => undefined },
    outbox: { resetBackoff: () => undefined },
    keys: { reread: () => undefined, resend: () => undefined },
    instances: { everywhere: async () => [] },
    now: () => 2,
  };
  return { ownership: new Ownership(ports as unknown as OwnershipPorts), written };
}

describe("a database whose owner is in another jurisdiction", () => {
  it("is not taken over unless it is said that the jurisdiction was changed", async () => {
    const { ownership: ours, written } = ownership(UUID);
    await expect(ours.takeOver(UUID, "ana")).rejects.toThrow(/jurisdiction_changed: true/);
    expect(written).toEqual([]);
    expect((await ours.takeOver(UUID, "ana", true)).database.state).toBe("own");
    expect(written).toEqual([`eu.${UUID}`]);
  });

  it("is shown with what to do", async () => {
    const { database } = await ownership(UUID).ownership.view();
    expect(database).toMatchObject({
      state: "foreign",
      problem: expect.stringMatching(/by mistake/),
    });
  });

  it("is taken over by name alone where the jurisdiction is the same", async () => {
    const { ownership: ours, written } = ownership("eu.other");
    await ours.takeOver("eu.other", "ana");
    expect(written).toEqual([`eu.${UUID}`]);
  });
});
