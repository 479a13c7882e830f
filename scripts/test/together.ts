/**
 * Runs test files one after the other in this process: `node scripts/test/together.ts files…`. It is for files that need no separate
 * process: loading tap and the sources takes longer than most of them.
 */
import { pathToFileURL } from 'node:url'

for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href)
