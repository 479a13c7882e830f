import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Over a small ledger most of the time goes into loading modules, in each thread anew. Compiled once, they lie beside the packages that
// they are made of, and whoever may write there may change those as well; where we may not, they are compiled each time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/commitments', import.meta.url))
enableCompileCache(process.env.NODE_COMPILE_CACHE)

await import('./rebuild/main.ts')
