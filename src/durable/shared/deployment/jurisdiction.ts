/**
 * In which jurisdiction a deployment's objects are, as its id says: the same name is another object
 * in another jurisdiction, so a change of JURISDICTION is a new deployment with nothing in it. By
 * the ids, that differs from a database that is somebody else's.
 *
 * @module
 */

import { JURISDICTIONS, oneOf, type Jurisdiction } from "../../../contract/cluster/placement.ts";

/** The id of a new deployment. @param jurisdiction null: its objects may be anywhere */
export function newDeploymentId(jurisdiction: Jurisdiction | null, uuid: string): string {
  return jurisdiction === null ? uuid : `${jurisdiction}.${uuid}`;
}

/** Where a deployment's objects are; null: anywhere, as with every id of an earlier release. */
function jurisdictionOfId(id: string): Jurisdiction | null {
  return oneOf(JURISDICTIONS, id.slice(0, Math.max(0, id.indexOf("."))));
}

/** What is wrong where a mark is of the same service in another jurisdiction; null: it is not. */
export function jurisdictionProblem(own: string, owner: string): string | null {
  const [here, there] = [jurisdictionOfId(own), jurisdictionOfId(owner)];
  if (here === there) return null;
  const was = there === null ? "take JURISDICTION away" : `set JURISDICTION to ${there}`;
  return (
    `its owner's objects are in the jurisdiction ${there ?? "none"}, and this deployment's, which ` +
    `are new, in ${here ?? "none"}. Where that was changed by mistake, ${was} again: what the ` +
    "objects there have not sent yet is nowhere else"
  );
}
