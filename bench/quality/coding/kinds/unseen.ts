/**
 * Errors whose way out nobody has shown: they are only asked about. Some are close to ones that
 * were seen: of the same command, or with the same words.
 *
 * @module
 */

import type { ErrorKind } from "../kind.ts";

export const UNSEEN_KINDS: readonly ErrorKind[] = [
  {
    kind: "out of memory",
    stack: "node",
    command: "npm run build",
    script: "build\n> vite build",
    errors: [
      "<--- Last few GCs --->\n[{pid}:0x{hash}]  {line} ms: Mark-Compact 2046.{n} (2083.{m}) -> 2045.{n} MB\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    ],
    attempts: [{ command: "rm -rf dist", said: "" }],
    mend: "NODE_OPTIONS=--max-old-space-size=4096 npm run build",
    said: "✓ built in {m}s",
    names: "NODE_OPTIONS",
    passes: "✓ built in {m}s",
  },
  {
    kind: "certificate not trusted",
    stack: "node",
    command: "npm ci",
    errors: [
      "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error errno SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to https://registry.npmjs.org/{npm} failed, reason: self-signed certificate in certificate chain",
    ],
    attempts: [{ command: "curl -sI https://registry.npmjs.org", said: "", fails: true }],
    mend: "npm config set cafile /etc/ssl/certs/company.pem",
    said: "",
    names: "npm config",
    passes: "added {line} packages in {m}s",
  },
  {
    kind: "peer dependencies clash",
    stack: "node",
    command: "npm install {npm}",
    errors: [
      'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error\nnpm error While resolving: {project}@{version}\nnpm error Found: react@19.{n}.0\nnpm error Could not resolve dependency:\nnpm error peer react@"^18.0.0" from {npm}@{version2}',
    ],
    attempts: [{ command: "npm view {npm} peerDependencies", said: "{ react: '^18.0.0' }" }],
    mend: "npm install {npm} --legacy-peer-deps",
    said: "added {n} packages in {m}s",
    names: "--legacy-peer-deps",
    passes: "added {n} packages in {m}s",
  },
  {
    kind: "system python is managed",
    stack: "python",
    command: "pip install -r requirements.txt",
    errors: [
      "error: externally-managed-environment\n\n× This environment is externally managed\n╰─> To install Python packages system-wide, try apt install\n    python3-xyz, where xyz is the package you are trying to\n    install.",
    ],
    attempts: [{ command: "python3 --version", said: "Python 3.12.{n}" }],
    mend: "python3 -m venv .venv && . .venv/bin/activate",
    said: "",
    names: "python3 -m venv",
    passes: "Successfully installed {py}-{version}",
  },
  {
    kind: "no upstream branch",
    stack: "git",
    command: "git push",
    errors: [
      "fatal: The current branch {branch} has no upstream branch.\nTo push the current branch and set the remote as upstream, use\n\n    git push --set-upstream origin {branch}",
    ],
    attempts: [{ command: "git branch -vv", said: "* {branch} {hash} {subject}" }],
    mend: "git push --set-upstream origin {branch}",
    said: "branch '{branch}' set up to track 'origin/{branch}'.",
    names: "--set-upstream",
    passes: "Everything up-to-date",
  },
  {
    kind: "linker missing",
    stack: "rust",
    command: "cargo build --locked",
    errors: [
      "   Compiling {npm} v{version}\nerror: linker `cc` not found\n  |\n  = note: No such file or directory (os error 2)\n\nerror: could not compile `{npm}` (build script) due to 1 previous error",
    ],
    attempts: [{ command: "rustup show", said: "stable-x86_64-unknown-linux-gnu (default)" }],
    mend: "sudo apt-get install -y build-essential",
    said: "Setting up build-essential (12.{n}) ...",
    names: "apt-get install",
    passes: "    Finished `dev` profile in {m}.{n}s",
  },
  {
    kind: "state is locked",
    stack: "terraform",
    command: "terraform plan",
    errors: [
      "╷\n│ Error: Error acquiring the state lock\n│\n│ Error message: ConditionalCheckFailedException: The conditional request failed\n│ Lock Info:\n│   ID:        {uuid}\n│   Path:      {project}/terraform.tfstate\n╵",
    ],
    attempts: [{ command: "terraform version", said: "Terraform v1.9.{n}" }],
    mend: "terraform force-unlock -force {uuid}",
    said: "Terraform state has been successfully unlocked!",
    names: "terraform force-unlock",
    passes: "Plan: {n} to add, 0 to change, 0 to destroy.",
  },
  {
    kind: "sign-in expired",
    stack: "terraform",
    command: "aws s3 ls s3://{project}-state",
    errors: ["Error when retrieving token from sso: Token has expired and refresh failed"],
    attempts: [{ command: "aws configure list", said: "profile  {project}  manual --profile" }],
    mend: "aws sso login --profile {project}",
    said: "Successfully logged into Start URL: https://{project}.awsapps.com/start",
    names: "aws sso login",
    passes: "2026-03-0{n} 10:0{n}:11  {line} terraform.tfstate",
  },
  {
    kind: "wrong java version",
    stack: "java",
    command: "./gradlew build",
    errors: [
      "FAILURE: Build failed with an exception.\n\n* What went wrong:\nCould not open settings generic class cache for settings file '{home}/{project}/settings.gradle'.\n> BUG! exception in phase 'semantic analysis' Unsupported class file major version 65",
    ],
    attempts: [{ command: "./gradlew --stop", said: "Stopping Daemon(s)" }],
    mend: "sdk use java 17.0.{n}-tem",
    said: "Using java version 17.0.{n}-tem in this shell.",
    names: "sdk use",
    passes: "BUILD SUCCESSFUL in {m}s",
  },
  {
    kind: "submodule not fetched",
    stack: "shell",
    command: "make build",
    errors: ["make: *** No rule to make target 'vendor/{npm}/Makefile', needed by 'build'.  Stop."],
    attempts: [{ command: "ls vendor/{npm}", said: "" }],
    mend: "git submodule update --init --recursive",
    said: "Submodule path 'vendor/{npm}': checked out '{hash40}'",
    names: "git submodule update",
    passes: "built {module}",
  },
];
