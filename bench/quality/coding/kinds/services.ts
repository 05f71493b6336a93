/**
 * Errors of what a project needs around it: databases, containers, rights on files.
 *
 * @module
 */

import type { ErrorKind } from "../kind.ts";

export const SERVICE_KINDS: readonly ErrorKind[] = [
  {
    kind: "database refused",
    stack: "node",
    command: "npm test",
    script: "test\n> vitest run",
    errors: [
      " FAIL  {test} > {module}\nError: connect ECONNREFUSED 127.0.0.1:5432\n ❯ TCPConnectWrap.afterConnect [as oncomplete] node:net:{line}:{col}\nSerialized Error: { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: 5432 }",
      " FAIL  {test}\nAggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:{line}:{col})\n  Error: connect ECONNREFUSED ::1:5432\n  Error: connect ECONNREFUSED 127.0.0.1:5432",
      " FAIL  {test} > {module}\nError: connect ECONNREFUSED 127.0.0.1:54{n}2\n    at {home}/{project}/node_modules/pg-pool/index.js:{line}:{col}\n    at {home}/{project}/{file}:{line}:{col}",
    ],
    attempts: [
      { command: "docker ps", said: "CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS" },
      {
        command: "cat docker-compose.yml",
        said: "services:\n  {service}:\n    image: postgres:16",
      },
    ],
    mend: "docker compose up -d {service}",
    said: " Container {project}-{service}-1  Started",
    names: "docker compose up",
    passes: " Test Files  {n} passed ({n})\n      Tests  {line} passed ({line})",
  },
  {
    kind: "cache refused",
    stack: "node",
    command: "npm run test:integration",
    script: "test:integration\n> vitest run --dir integration",
    errors: [
      "[ioredis] Unhandled error event: Error: connect ECONNREFUSED 127.0.0.1:6379\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:{line}:{col})\nMaxRetriesPerRequestError: Reached the max retries per request limit (which is {n}).",
      '[ioredis] Unhandled error event: Error: connect ECONNREFUSED ::1:6379\nMaxRetriesPerRequestError: Reached the max retries per request limit (which is 20). Refer to "maxRetriesPerRequest" option for details.',
    ],
    attempts: [
      {
        command: "redis-cli ping",
        said: "Could not connect to Redis at 127.0.0.1:6379",
        fails: true,
      },
      { command: "grep -rn REDIS_URL src", said: "src/config.ts:{line}: url: env.REDIS_URL" },
    ],
    mend: "redis-server --daemonize yes",
    said: "{pid}:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
    names: "redis-server",
    passes: " Test Files  {n} passed ({n})",
  },
  {
    kind: "migration not run",
    stack: "node",
    command: "npm test",
    script: "test\n> vitest run",
    errors: [
      ' FAIL  {test} > {module}\nerror: relation "{table}" does not exist\n    at Parser.parseErrorMessage ({home}/{project}/node_modules/pg-protocol/src/parser.ts:{line}:{col})',
      ' FAIL  {test}\nerror: insert into "{table}" ("id", "{column}") values ($1, $2) - relation "{table}" does not exist\n    at Parser.parseErrorMessage ({home}/{project}/node_modules/pg-protocol/src/parser.ts:{line}:{col})',
    ],
    attempts: [
      { command: "ls migrations", said: "{line}_create_{table}.js" },
      {
        command: "docker compose restart {service}",
        said: " Container {project}-{service}-1  Started",
      },
    ],
    mend: "npx knex migrate:latest",
    said: "Batch {n} run: {m} migrations",
    names: "knex migrate:latest",
    passes: " Test Files  {n} passed ({n})",
  },
  {
    kind: "container runtime is down",
    stack: "docker",
    command: "docker compose up -d",
    errors: [
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "unable to get image 'postgres:16': Cannot connect to the Docker daemon at unix:///home/{user}/.docker/run/docker.sock. Is the docker daemon running?",
    ],
    attempts: [
      { command: "docker info", said: "ERROR: Cannot connect to the Docker daemon", fails: true },
    ],
    mend: "sudo systemctl start docker",
    said: "",
    names: "systemctl start",
    passes: " Container {project}-{service}-1  Started",
  },
  {
    kind: "disk full",
    stack: "docker",
    command: "docker build -t {project} .",
    errors: [
      "#{n} ERROR: failed to solve: write /var/lib/docker/overlay2/{hash40}/diff/usr/lib/{module}.so: no space left on device",
      "ERROR: failed to solve: failed to copy files: copy file range failed: no space left on device",
    ],
    attempts: [
      {
        command: "df -h /",
        said: "Filesystem  Size  Used Avail Use%\n/dev/sda1   59G   59G   0   100%",
      },
      { command: "rm -rf dist", said: "" },
    ],
    mend: "docker system prune -af",
    said: "Total reclaimed space: {n}.{m}GB",
    names: "docker system prune",
    passes: "#{n} naming to docker.io/library/{project} done",
  },
  {
    kind: "container name taken",
    stack: "docker",
    command: "docker run -d --name {project}-{service} postgres:16",
    errors: [
      'docker: Error response from daemon: Conflict. The container name "/{project}-{service}" is already in use by container "{hash40}". You have to remove (or rename) that container to be able to reuse that name.',
      'Error response from daemon: Conflict. The container name "/{service}" is already in use by container "{hash40}". You have to remove (or rename) that container to be able to reuse that name.',
    ],
    attempts: [{ command: "docker ps", said: "CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS" }],
    mend: "docker rm -f {project}-{service}",
    said: "{project}-{service}",
    names: "docker rm",
    passes: "{hash40}",
  },
  {
    kind: "folder is another user's",
    stack: "node",
    command: "npm run seed",
    script: "seed\n> node scripts/seed.ts",
    errors: [
      "Error: EACCES: permission denied, mkdir '{home}/{project}/uploads/{module}'\n    at Object.mkdirSync (node:fs:{line}:{col}) {\n  errno: -13,\n  code: 'EACCES',\n  syscall: 'mkdir'\n}",
      "Error: EACCES: permission denied, open '{home}/{project}/data/{module}.json'\n    at Object.openSync (node:fs:{line}:{col}) {\n  errno: -13,\n  code: 'EACCES',\n  syscall: 'open'\n}",
    ],
    attempts: [{ command: "ls -la", said: "drwxr-xr-x {n} root root 4096 uploads" }],
    mend: "sudo chown -R {user} .",
    said: "",
    names: "chown",
    passes: "seeded {line} rows",
  },
  {
    kind: "script not executable",
    stack: "shell",
    command: "./scripts/{module}.sh",
    errors: [
      "/bin/bash: line 1: ./scripts/{module}.sh: Permission denied",
      "bash: ./scripts/{module}.sh: Permission denied",
    ],
    attempts: [{ command: "head -1 scripts/{module}.sh", said: "#!/usr/bin/env bash" }],
    mend: "chmod +x scripts/{module}.sh",
    said: "",
    names: "chmod",
    passes: "done in {m}s",
  },
];
