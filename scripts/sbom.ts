/**
 * `npm run sbom`: prints the bill of materials of what is deployed or installed to run the service:
 * every package of package-lock.json that is not for development alone. The package for users has one
 * of its own, of what its files hold (`npm run pack`).
 *
 * @module
 */

import packageJson from "../package.json" with { type: "json" };
import { bomOf } from "./packages/bom.ts";
import { lockedPackages } from "./packages/lock.ts";

process.stdout.write(
  bomOf(
    packageJson,
    lockedPackages().filter(({ isDev }) => !isDev),
  ),
);
