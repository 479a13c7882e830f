import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// With a small ledger, most of the time goes into loading modules, in each thread. Their compiled form is kept next to the packages that it
// is made from, where only those who can change the packages can write; if we cannot write there, modules are compiled each time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/commitments', import.meta.url))
enableCompileCache(process.env.NODE_COMPILE_CACHE)

await import('./rebuild/main.ts')
