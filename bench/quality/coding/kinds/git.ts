/**
 * Errors of git.
 *
 * @module
 */

import type { ErrorKind } from "../kind.ts";

export const GIT_KINDS: readonly ErrorKind[] = [
  {
    kind: "lock file left behind",
    stack: "git",
    command: 'git commit -m "{subject}"',
    errors: [
      "fatal: Unable to create '{home}/{project}/.git/index.lock': File exists.\n\nAnother git process seems to be running in this repository, e.g.\nan editor opened by 'git commit'. Please make sure all processes\nare terminated then try again.",
      "fatal: Unable to create '{home}/work/{project}/.git/index.lock': File exists.\n\nAnother git process seems to be running in this repository. If it still fails, a git process\nmay have crashed in this repository earlier:\nremove the file manually to continue.",
    ],
    attempts: [
      { command: "ps aux | grep git", said: "{user}  {pid}  0.0  0.0 grep git" },
      { command: "git status", said: "On branch {branch}\nChanges to be committed:" },
    ],
    mend: "rm -f .git/index.lock",
    said: "",
    names: "rm",
    passes: "[{branch} {hash}] {subject}\n {n} files changed, {line} insertions(+)",
  },
  {
    kind: "push rejected",
    stack: "git",
    command: "git push origin {branch}",
    errors: [
      "To github.com:{user}/{project}.git\n ! [rejected]        {branch} -> {branch} (fetch first)\nerror: failed to push some refs to 'github.com:{user}/{project}.git'\nhint: Updates were rejected because the remote contains work that you do not have locally.",
      "To https://github.com/{user}/{project}.git\n ! [rejected]        {branch} -> {branch} (non-fast-forward)\nerror: failed to push some refs to 'https://github.com/{user}/{project}.git'\nhint: Updates were rejected because the tip of your current branch is behind its remote counterpart.",
    ],
    attempts: [
      { command: "git fetch --dry-run", said: "   {hash}..{hash2}  {branch} -> origin/{branch}" },
      { command: "git remote -v", said: "origin github.com:{user}/{project}.git (push)" },
    ],
    mend: "git pull --rebase origin {branch}",
    said: "Successfully rebased and updated refs/heads/{branch}.",
    names: "git pull",
    passes: "   {hash}..{hash2}  {branch} -> {branch}",
  },
  {
    kind: "merge conflict",
    stack: "git",
    command: "git merge {branch}",
    errors: [
      "Auto-merging {file}\nCONFLICT (content): Merge conflict in {file}\nAutomatic merge failed; fix conflicts and then commit the result.",
      "Auto-merging package-lock.json\nCONFLICT (content): Merge conflict in package-lock.json\nAuto-merging {file}\nCONFLICT (content): Merge conflict in {file}\nAutomatic merge failed; fix conflicts and then commit the result.",
    ],
    attempts: [
      { command: "git diff --name-only --diff-filter=U", said: "{file}" },
      {
        command: "git commit -m merge",
        said: "error: Committing is not possible because you have unmerged files.",
        fails: true,
      },
    ],
    mend: "git checkout --theirs {file} && git add {file} && git commit --no-edit",
    said: "[main {hash}] Merge branch '{branch}'",
    names: "git checkout",
    passes: "Already up to date.",
  },
  {
    kind: "local changes in the way",
    stack: "git",
    command: "git checkout {branch}",
    errors: [
      "error: Your local changes to the following files would be overwritten by checkout:\n\t{file}\nPlease commit your changes or stash them before you switch branches.\nAborting",
      "error: Your local changes to the following files would be overwritten by checkout:\n\t{file}\n\t{test}\n\tpackage.json\nPlease commit your changes or stash them before you switch branches.\nAborting",
    ],
    attempts: [{ command: "git status --short", said: " M {file}" }],
    mend: "git stash push -u",
    said: "Saved working directory and index state WIP on main: {hash} {subject}",
    names: "git stash",
    passes: "Switched to branch '{branch}'",
  },
  {
    kind: "dubious ownership",
    stack: "git",
    command: "git log --oneline -5",
    errors: [
      "fatal: detected dubious ownership in repository at '{home}/{project}'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory {home}/{project}",
      "fatal: detected dubious ownership in repository at '/workspaces/{project}'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /workspaces/{project}",
    ],
    attempts: [{ command: "ls -ld .git", said: "drwxr-xr-x {n} root root 4096 .git" }],
    mend: "git config --global --add safe.directory {home}/{project}",
    said: "",
    names: "git config",
    passes: "{hash} {subject}\n{hash2} first",
  },
];
