/**
 * What registries are told of the package: npm's manifest, the MCP registry's server.json, and the
 * manifest of the bundle for desktop clients. Pure.
 *
 * @module
 */

export interface About {
  name: string;
  version: string;
  description: string;
  license: string;
}

/** Where the source is, as the platform that publishes names it: "owner/name"; null: nowhere yet. */
export type Repository = string | null;

/** The MCP registry takes at most so many characters. */
const DESCRIPTION_MAX = 100;
const VARIABLES = [
  ["MEMORY_URL", "Where the memory is, such as http://127.0.0.1:8787", true, false],
  ["MEMORY_KEY", "A key with the scopes read and write", true, true],
  ["MEMORY_NAMESPACE", "The namespace; the key's own when it is left out", false, false],
] as const;
const SUMMARY = "A memory for AI agents that learns from what they did: recall, advise, record.";

const source = (repository: string): { type: string; url: string } => ({
  type: "git",
  url: `git+https://github.com/${repository}.git`,
});
/** The name in the MCP registry, which it compares with the one in npm's manifest. */
const mcpName = (repository: Repository, name: string): string =>
  `io.github.${repository?.split("/")[0] ?? "example"}/${name}`;

/** @param runtime what `memory-service start` gets from npm when it is first called: exact versions */
export function npmManifest(
  about: About,
  repository: Repository,
  runtime: Readonly<Record<string, string>>,
): object {
  return {
    ...about,
    keywords: ["agents", "memory", "episodic", "llm", "mcp", "cloudflare-workers"],
    ...(repository === null ? {} : { repository: source(repository) }),
    mcpName: mcpName(repository, about.name),
    type: "module",
    engines: { node: ">=22.18" },
    bin: { "memory-cli": "cli/bin.cjs", "memory-service": "cli/service.cjs" },
    exports: {
      "./client": { types: "./client/index.d.ts", default: "./client/index.js" },
      "./openapi.json": "./openapi.json",
      "./package.json": "./package.json",
    },
    sideEffects: false,
    publishConfig: { access: "public", provenance: true },
    memoryServiceRuntime: runtime,
  };
}

export function serverJson(about: About, repository: Repository): object {
  const { name, version } = about;
  return {
    $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    name: mcpName(repository, name),
    title: name,
    description: SUMMARY.slice(0, DESCRIPTION_MAX),
    version,
    ...(repository === null
      ? {}
      : { repository: { url: `https://github.com/${repository}`, source: "github" } }),
    packages: [
      {
        registryType: "npm",
        identifier: name,
        version,
        runtimeHint: "npx",
        transport: { type: "stdio" },
        packageArguments: [{ type: "positional", value: "mcp" }],
        environmentVariables: VARIABLES.map(([variable, description, isRequired, isSecret]) => ({
          name: variable,
          description,
          isRequired,
          isSecret,
        })),
      },
    ],
  };
}

export function bundleManifest(about: About, repository: Repository): object {
  const { name, version, description, license } = about;
  const settings = VARIABLES.map(([variable, title, required, sensitive]) => [
    variable.toLowerCase(),
    {
      type: "string",
      title: variable,
      description: title,
      required,
      sensitive,
      // Without one a host may hand over the name of the setting instead of nothing.
      ...(required ? {} : { default: "" }),
    },
  ]);
  const env = VARIABLES.map(([variable]) => [
    variable,
    `\${user_config.${variable.toLowerCase()}}`,
  ]);
  return {
    manifest_version: "0.3",
    name,
    display_name: name,
    version,
    description: SUMMARY,
    long_description: description,
    author: { name },
    license,
    ...(repository === null ? {} : { repository: source(repository) }),
    server: {
      type: "node",
      entry_point: "cli/bin.cjs",
      mcp_config: {
        command: "node",
        args: ["${__dirname}/cli/bin.cjs", "mcp"],
        env: Object.fromEntries(env) as Record<string, string>,
      },
    },
    compatibility: { runtimes: { node: ">=22.18.0" } },
    user_config: Object.fromEntries(settings) as Record<string, object>,
  };
}
