import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { bomOf } from "../../scripts/packages/bom.ts";
import { licenceProblems } from "../../scripts/packages/licences.ts";
import { lockedPackages, type LockedPackage } from "../../scripts/packages/lock.ts";

const ROOT = join(import.meta.dirname, "../..");
const packages = lockedPackages();

describe("the packages that are installed", () => {
  it("are each of one version and one sum, from the registry and from nowhere else", () => {
    expect(packages.length).toBeGreaterThan(300);
    const loose = packages.filter(
      ({ version, integrity, resolved }) =>
        !/^\d+\.\d+\.\d+/.test(version) || !integrity.startsWith("sha512-") || resolved !== "",
    );
    expect(loose).toEqual([]);
  });

  it("are named by their exact versions", () => {
    const { dependencies, devDependencies, optionalDependencies } = packageJson;
    const named = { ...dependencies, ...devDependencies, ...optionalDependencies };
    const loose = Object.entries(named).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version));
    expect(loose).toEqual([]);
  });

  it("run nothing when they are installed", () => {
    const settings = readFileSync(join(ROOT, ".npmrc"), "utf8").split("\n");
    expect(settings).toContain("ignore-scripts=true");
    expect(readFileSync(join(ROOT, ".ci/run"), "utf8")).toContain("npm ci");
  });

  it("have licences that they may have", () => {
    expect(licenceProblems(packages)).toEqual([]);
  });
});

const one = (more: Partial<LockedPackage>): LockedPackage => ({
  path: "node_modules/@a/b",
  name: "@a/b",
  version: "1.2.3",
  license: "MIT",
  integrity: `sha512-${Buffer.from("sum").toString("base64")}`,
  resolved: "",
  isDev: false,
  ...more,
});

describe("a licence", () => {
  it.each([
    ["MIT", true],
    ["(Apache-2.0 AND BSD-3-Clause)", true],
    ["GPL-3.0-only OR MIT", true],
    ["Apache-2.0 AND LGPL-3.0-or-later", false],
    ["GPL-3.0-only", false],
    ["UNLICENSED", false],
    ["", false],
  ])("of what is deployed may be %s: %s", (license, isGood) => {
    expect(licenceProblems([one({ license })])).toHaveLength(isGood ? 0 : 1);
  });

  it("of a tool may ask for its own source", () => {
    expect(licenceProblems([one({ license: "MPL-2.0", isDev: true })])).toEqual([]);
    expect(licenceProblems([one({ license: "AGPL-3.0-only", isDev: true })])).toHaveLength(1);
  });
});

describe("a bill of materials", () => {
  it("says what is in it, the same each time", () => {
    const list = [one({}), one({ path: "node_modules/c/node_modules/@a/b" }), one({ name: "a" })];
    const bom = bomOf(packageJson, list);
    expect(bom).toBe(bomOf(packageJson, list.toReversed()));
    expect(JSON.parse(bom)).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: { component: { name: "memory-service", version: packageJson.version } },
      components: [
        { purl: "pkg:npm/%40a/b@1.2.3", hashes: [{ alg: "SHA-512", content: "73756d" }] },
        { purl: "pkg:npm/a@1.2.3", licenses: [{ expression: "MIT" }] },
      ],
    });
  });

  it("of the service has every package that is deployed, and no other", () => {
    const deployed = packages.filter(({ isDev }) => !isDev);
    const { components } = JSON.parse(bomOf(packageJson, deployed)) as {
      components: { name: string }[];
    };
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(packageJson.dependencies)));
    expect(names).not.toContain("vitest");
  });
});
