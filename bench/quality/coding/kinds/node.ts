/**
 * Errors of JavaScript projects that a command mends.
 *
 * @module
 */

import type { ErrorKind } from "../kind.ts";

export const NODE_KINDS: readonly ErrorKind[] = [
  {
    kind: "module not found",
    stack: "node",
    command: "node dist/{module}.js",
    errors: [
      "node:internal/modules/cjs/loader:{line}\n  throw err;\n  ^\n\nError: Cannot find module '{npm}'\nRequire stack:\n- {home}/{project}/dist/{module}.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:{line}:{col})",
      "Error: Cannot find module '{npm}'\nRequire stack:\n- {home}/{project}/dist/{dir}/{module}.js\n- {home}/{project}/dist/index.js\n    at Function._load (node:internal/modules/cjs/loader:{line}:{col}) {\n  code: 'MODULE_NOT_FOUND'\n}",
    ],
    attempts: [
      { command: "ls node_modules | head", said: "@types\nacorn\nansi-styles\nargparse" },
      { command: "npm run build", said: "> {project}@{version} build\n> tsc -p ." },
    ],
    mend: "npm install {npm}",
    said: "added {n} packages, and audited {line} packages in {m}s",
    names: "npm install",
    passes: "listening on {port}",
  },
  {
    kind: "lock file out of sync",
    stack: "node",
    command: "npm ci",
    errors: [
      "npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.\nnpm error\nnpm error Missing: {npm}@{version} from lock file",
      "npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.\nnpm error\nnpm error Invalid: lock file's {npm}@{version} does not satisfy {npm}@{version2}",
    ],
    attempts: [
      { command: "rm -rf node_modules", said: "" },
      { command: "npm cache clean --force", said: "npm warn using --force" },
    ],
    mend: "npm install --package-lock-only",
    said: "up to date, audited {line} packages in {m}s",
    names: "npm install",
    passes: "added {line} packages in {m}s",
  },
  {
    kind: "types of a package missing",
    stack: "node",
    command: "npx tsc --noEmit",
    errors: [
      "{file}({line},{col}): error TS7016: Could not find a declaration file for module '{npm}'. '{home}/{project}/node_modules/{npm}/index.js' implicitly has an 'any' type.",
      "{file}({line},{col}): error TS7016: Could not find a declaration file for module '{npm}'. '{home}/{project}/node_modules/{npm}/lib/main.js' implicitly has an 'any' type.\n  Try `npm i --save-dev @types/{npm}` if it exists or add a new declaration (.d.ts) file",
    ],
    attempts: [
      { command: "cat tsconfig.json", said: '{"compilerOptions":{"strict":true}}' },
      { command: "pnpm install", said: "Already up to date" },
    ],
    mend: "pnpm add -D @types/{npm}",
    said: "devDependencies:\n+ @types/{npm} {version}\nDone in {m}s",
    names: "pnpm add",
    passes: "",
  },
  {
    kind: "generated client is old",
    stack: "node",
    command: "npm run typecheck",
    script: "typecheck\n> tsc --noEmit",
    errors: [
      "{file}({line},{col}): error TS2305: Module '\"@prisma/client\"' has no exported member '{Type}'.",
      "{file}({line},{col}): error TS2305: Module '\"@prisma/client\"' has no exported member '{Type}'.\n{test}({col},{n}): error TS2339: Property '{module}' does not exist on type 'PrismaClient'.",
    ],
    attempts: [
      { command: "npm ls @prisma/client", said: "{project}@{version}\n└── @prisma/client@5.{n}.0" },
      { command: "rm -rf node_modules/.cache", said: "" },
    ],
    mend: "npx prisma generate",
    said: "✔ Generated Prisma Client (v5.{n}.0) to ./node_modules/@prisma/client in {ms}ms",
    names: "prisma generate",
    passes: "> {project}@{version} typecheck\n> tsc --noEmit",
  },
  {
    kind: "lint",
    stack: "node",
    command: "npm run lint",
    script: "lint\n> eslint .",
    errors: [
      "{home}/{project}/{file}\n  {line}:{col}  error  Missing semicolon  semi\n  {line}:{n}  error  Strings must use doublequote  quotes\n\n✖ {n} problems ({n} errors, 0 warnings)\n  {n} errors and 0 warnings potentially fixable with the `--fix` option.",
      "{home}/{project}/{file}\n  {line}:{col}  error  'x' is never reassigned. Use 'const' instead  prefer-const\n\n✖ {n} problems ({n} errors, 0 warnings)\n  {n} errors and 0 warnings potentially fixable with the `--fix` option.",
    ],
    attempts: [
      { command: "cat eslint.config.js", said: "export default [js.configs.recommended];" },
    ],
    mend: "npx eslint . --fix",
    said: "",
    names: "eslint",
    passes: "> {project}@{version} lint\n> eslint .",
  },
  {
    kind: "format",
    stack: "node",
    command: "npm run format:check",
    script: "format:check\n> prettier --check .",
    errors: [
      "Checking formatting...\n[warn] {file}\n[warn] {test}\n[warn] Code style issues found in {n} files. Run Prettier with --write to fix.",
      "Checking formatting...\n[warn] {file}\n[warn] Code style issues found in the above file. Run Prettier with --write to fix.",
    ],
    attempts: [{ command: "git diff --stat", said: " {file} | {n} +-" }],
    mend: "npx prettier --write .",
    said: "{file} {ms}ms\n{test} {m}ms",
    names: "prettier",
    passes: "Checking formatting...\nAll matched files use Prettier code style!",
  },
  {
    kind: "port in use",
    stack: "node",
    command: "npm run dev",
    script: "dev\n> node --watch src/server.ts",
    errors: [
      "Error: listen EADDRINUSE: address already in use :::{port}\n    at Server.setupListenHandle [as _listen2] (node:net:{line}:{col})\n    at listenInCluster (node:net:{line}:{col}) {\n  code: 'EADDRINUSE',\n  errno: -98,\n  port: {port}\n}",
      "Error: listen EADDRINUSE: address already in use 0.0.0.0:{port}\n    at Server.setupListenHandle [as _listen2] (node:net:{line}:{col}) {\n  code: 'EADDRINUSE',\n  syscall: 'listen',\n  port: {port}\n}",
    ],
    attempts: [
      { command: "lsof -i :{port}", said: "COMMAND   PID USER\nnode    {pid} {user}" },
      { command: "pkill -f vite", said: "", fails: true },
    ],
    mend: "fuser -k {port}/tcp",
    said: "{port}/tcp: {pid}",
    names: "fuser",
    passes: "ready on http://localhost:{port}",
  },
  {
    kind: "environment variable missing",
    stack: "node",
    command: "npm start",
    script: "start\n> node src/server.ts",
    errors: [
      "Error: Missing required environment variable: {ENV}\n    at loadConfig ({home}/{project}/src/config.ts:{line}:{col})",
      "ConfigError: Missing required environment variable: {ENV}\n    at readEnvironment ({home}/{project}/src/{dir}/config.ts:{line}:{col})\n    at {home}/{project}/src/server.ts:{n}:{col}",
    ],
    attempts: [
      { command: "printenv | grep {ENV}", said: "", fails: true },
      { command: "cat src/config.ts", said: "export const config = loadConfig(process.env);" },
    ],
    mend: "cp .env.example .env",
    said: "",
    names: "cp",
    passes: "listening on {port}",
  },
  {
    kind: "wrong node version",
    stack: "node",
    command: "yarn install",
    errors: [
      'yarn install v1.22.{n}\n[1/5] Validating package.json...\nerror {npm}@{version}: The engine "node" is incompatible with this module. Expected version ">=22". Got "18.{n}.0"\nerror Found incompatible module.',
      'yarn install v1.22.{n}\n[1/5] Validating package.json...\nerror {project}@{version}: The engine "node" is incompatible with this module. Expected version "^22.{n}.0". Got "20.{m}.1"\nerror Found incompatible module.',
    ],
    attempts: [
      { command: "yarn cache clean", said: "success Cleared cache." },
      { command: "node --version", said: "v18.{n}.0" },
    ],
    mend: "nvm use 22",
    said: "Now using node v22.{n}.0 (npm v10.{n}.0)",
    names: "nvm use",
    passes: "success Saved lockfile.\nDone in {m}s.",
  },
  {
    kind: "browsers of the tests missing",
    stack: "node",
    command: "npx playwright test",
    errors: [
      "Error: browserType.launch: Executable doesn't exist at {home}/.cache/ms-playwright/chromium-{line}/chrome-linux/chrome\n╔════════════════════════════════════════╗\n║ Looks like Playwright was just installed or updated. ║\n╚════════════════════════════════════════╝",
      "  1) [webkit] › {test}:{line}:{col} › {module} ───\n    Error: browserType.launch: Executable doesn't exist at {home}/.cache/ms-playwright/webkit-{line}/pw_run.sh\n    Looks like Playwright was just installed or updated.",
    ],
    attempts: [{ command: "ls ~/.cache/ms-playwright", said: "ffmpeg-{line}" }],
    mend: "npx playwright install --with-deps",
    said: "Chromium {n}.0.{line} downloaded to {home}/.cache/ms-playwright",
    names: "playwright install",
    passes: "  {n} passed ({m}s)",
  },
  {
    kind: "native module of another version",
    stack: "node",
    command: "npm test",
    script: "test\n> vitest run",
    errors: [
      "Error: The module '{home}/{project}/node_modules/{native}/build/Release/{native}.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 108. This version of Node.js requires\nNODE_MODULE_VERSION 127.",
      " FAIL  {test}\nError: The module '{home}/{project}/node_modules/{native}/lib/binding.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115. This version of Node.js requires\nNODE_MODULE_VERSION 137. Please try re-compiling or re-installing the module",
    ],
    attempts: [
      { command: "npm ci", said: "added {line} packages in {m}s" },
      { command: "node -p process.versions.modules", said: "127" },
    ],
    mend: "npm rebuild {native}",
    said: "rebuilt dependencies successfully",
    names: "npm rebuild",
    passes: " Test Files  {n} passed ({n})\n      Tests  {line} passed ({line})",
  },
  {
    kind: "flaky network",
    stack: "node",
    command: "npm ci",
    errors: [
      "npm error code ECONNRESET\nnpm error network aborted\nnpm error network This is a problem related to network connectivity.\nnpm error network In most cases you are behind a proxy or have bad network settings.",
      "npm error code ECONNRESET\nnpm error errno ECONNRESET\nnpm error network request to https://registry.npmjs.org/{npm} failed, reason: read ECONNRESET\nnpm error network This is a problem related to network connectivity.",
    ],
    attempts: [{ command: "curl -sI https://registry.npmjs.org", said: "HTTP/2 200" }],
    mend: "sleep {m} && npm ci",
    said: "added {line} packages in {m}s",
    names: "npm ci",
    passes: "added {line} packages in {m}s",
  },
];
