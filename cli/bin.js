#!/usr/bin/env node
// Where `memory-cli` was before: hooks that were installed then name it.
import "./bin.cjs";
