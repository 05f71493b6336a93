/**
 * Errors of projects in other languages, and errors that a change of a file mends.
 *
 * @module
 */

import type { ErrorKind } from "../kind.ts";

export const LANGUAGE_KINDS: readonly ErrorKind[] = [
  {
    kind: "python package missing",
    stack: "python",
    command: "python -m app.{module}",
    errors: [
      "Traceback (most recent call last):\n  File \"{home}/{project}/{pyfile}\", line {line}, in <module>\n    import {py}\nModuleNotFoundError: No module named '{py}'",
      'Traceback (most recent call last):\n  File "<frozen runpy>", line {line}, in _run_module_as_main\n  File "{home}/{project}/{pyfile}", line {n}, in <module>\n    from {py} import {Type}\nModuleNotFoundError: No module named \'{py}\'',
    ],
    attempts: [
      { command: "which python", said: "{home}/{project}/.venv/bin/python" },
      { command: "pip list | grep {py}", said: "", fails: true },
    ],
    mend: "pip install {py}",
    said: "Successfully installed {py}-{version}",
    names: "pip install",
    passes: "started {module}",
  },
  {
    kind: "schema of python's database is old",
    stack: "python",
    command: "pytest tests/test_{module}.py",
    errors: [
      'E   sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) relation "{table}" does not exist\nE   LINE 1: INSERT INTO {table} ({column}) VALUES ($1)\n=== short test summary info ===\nFAILED tests/test_{module}.py::test_{column}',
      "E   sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedColumn) column {table}.{column} does not exist\nE   LINE 1: SELECT {table}.{column} FROM {table}\n=== short test summary info ===\nFAILED tests/test_{module}.py::test_{column}",
    ],
    attempts: [
      { command: "psql -c '\\dt'", said: "Did not find any relations." },
      { command: "alembic current", said: "{hash}" },
    ],
    mend: "alembic upgrade head",
    said: "INFO  [alembic.runtime.migration] Running upgrade {hash} -> {hash2}, {table}",
    names: "alembic upgrade",
    passes: "{n} passed in {m}.{n}s",
  },
  {
    kind: "python format",
    stack: "python",
    command: "black --check .",
    errors: [
      "would reformat {home}/{project}/{pyfile}\n\nOh no! 💥 💔 💥\n1 file would be reformatted, {line} files would be left unchanged.",
      "would reformat {home}/{project}/{pyfile}\nwould reformat {home}/{project}/tests/test_{module}.py\n\nOh no! 💥 💔 💥\n{n} files would be reformatted, {line} files would be left unchanged.",
    ],
    attempts: [{ command: "cat pyproject.toml", said: "[tool.black]\nline-length = 100" }],
    mend: "black app tests",
    said: "reformatted {home}/{project}/{pyfile}\nAll done! ✨ 🍰 ✨",
    names: "black",
    passes: "All done! ✨ 🍰 ✨",
  },
  {
    kind: "go sums missing",
    stack: "go",
    command: "go build ./...",
    errors: [
      "{dir}/{module}.go:{n}:2: missing go.sum entry for module providing package github.com/{user}/{npm} (imported by {project}/{dir}); to add:\n\tgo get {project}/{dir}",
      "go: updates to go.mod needed\n{dir}/{module}.go:{line}:2: missing go.sum entry for module providing package golang.org/x/{module}; to add:\n\tgo get {project}/{dir}",
    ],
    attempts: [
      { command: "go clean -modcache", said: "" },
      { command: "go version", said: "go version go1.23.{n} linux/amd64" },
    ],
    mend: "go mod tidy",
    said: "go: downloading github.com/{user}/{npm} v{version}",
    names: "go mod tidy",
    passes: "",
  },
  {
    kind: "cargo lock is old",
    stack: "rust",
    command: "cargo build --locked",
    errors: [
      "error: the lock file {home}/{project}/Cargo.lock needs to be updated but --locked was passed to prevent this\nIf you want to try to generate the lock file without accessing the network, remove the --locked flag and use --offline instead.",
      "    Updating crates.io index\nerror: the lock file {home}/work/{project}/Cargo.lock needs to be updated but --locked was passed to prevent this",
    ],
    attempts: [{ command: "cargo clean", said: "     Removed {line} files" }],
    mend: "cargo update --workspace",
    said: "    Updating crates.io index\n      Adding {npm} v{version}",
    names: "cargo update",
    passes: "    Finished `dev` profile in {m}.{n}s",
  },
  {
    kind: "type error",
    stack: "node",
    command: "npx tsc --noEmit",
    errors: [
      "{file}({line},{col}): error TS2322: Type 'string | undefined' is not assignable to type 'string'.\n  Type 'undefined' is not assignable to type 'string'.",
      "{file}({line},{col}): error TS2322: Type 'number' is not assignable to type 'string'.\n{test}({n},{col}): error TS2322: Type 'null' is not assignable to type '{Type}'.",
    ],
    attempts: [
      { command: "npm ls typescript", said: "{project}@{version}\n└── typescript@5.{n}.2" },
    ],
    mend: null,
    said: "The file {file} has been updated.",
    names: "Edit",
    passes: "",
  },
  {
    kind: "assertion",
    stack: "node",
    command: "npm test",
    script: "test\n> vitest run",
    errors: [
      " FAIL  {test} > {module} > {subject}\nAssertionError: expected {n} to be {m} // Object.is equality\n\n- Expected\n+ Received\n\n- {m}\n+ {n}\n ❯ {test}:{line}:{col}",
      " FAIL  {test} > {subject}\nAssertionError: expected '{column}' to be '{module}' // Object.is equality\n\n- Expected\n+ Received\n ❯ {test}:{line}:{col}",
    ],
    attempts: [
      {
        command: "npx vitest run {test}",
        said: "AssertionError: expected {n} to be {m}",
        fails: true,
      },
    ],
    mend: null,
    said: "The file {file} has been updated.",
    names: "Edit",
    passes: " Test Files  {n} passed ({n})\n      Tests  {line} passed ({line})",
  },
];
