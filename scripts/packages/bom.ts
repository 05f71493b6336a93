/**
 * A software bill of materials, CycloneDX 1.6: which packages are in something, in which version, by
 * which sum, under which licence. The same packages make the same document.
 *
 * @module
 */

import type { LockedPackage } from "./lock.ts";

/** What the bill is of. */
export interface Subject {
  name: string;
  version: string;
  license: string;
}

/** @param packages what is in it */
export function bomOf(subject: Subject, packages: readonly LockedPackage[]): string {
  const byRef = new Map(packages.map((one) => [purlOf(one), one]));
  const components = [...byRef]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ref, { name, version, license, integrity }]) => ({
      type: "library",
      "bom-ref": ref,
      name,
      version,
      purl: ref,
      ...(license === "" ? {} : { licenses: [{ expression: license }] }),
      ...(integrity === "" ? {} : { hashes: [hashOf(integrity)] }),
    }));
  const { name, version, license } = subject;
  const component = {
    type: "application",
    "bom-ref": purlOf(subject),
    name,
    version,
    licenses: [{ expression: license }],
  };
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component },
    components,
    dependencies: [{ ref: purlOf(subject), dependsOn: components.map((one) => one["bom-ref"]) }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const purlOf = ({ name, version }: { name: string; version: string }): string =>
  `pkg:npm/${name.replace("@", "%40")}@${version}`;

function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = "", sum = ""] = integrity.split("-", 2);
  const alg = algorithm.toUpperCase().replace("SHA", "SHA-");
  return { alg, content: Buffer.from(sum, "base64").toString("hex") };
}
