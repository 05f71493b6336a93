/**
 * What the code is called and which release it is, as package.json says. It is not read from there:
 * the import of a JSON file brings all of it into the Worker's bundle.
 *
 * @module
 */

export const RELEASE = { name: "memory-service", version: "0.2.0" } as const;
