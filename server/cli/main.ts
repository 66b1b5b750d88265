#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Types are stripped and modules compiled once, not at every start: those of the program itself, too, which is why it is loaded from
// here. Threads learn of it from the environment.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'almanac');
enableCompileCache(process.env['NODE_COMPILE_CACHE']);

await import('./program.ts');
