import { refuseOldNode } from './node-version.mjs'

// npm start: Postgres (unless DATABASE_URL is set), the migrations, both services, the portfolio. Ctrl-C ends it.
// npm run dev: the same, and the services restart whenever their sources change.

refuseOldNode()
const { main } = await import('./start/main.ts')
process.exitCode = await main(process.env, { watch: process.argv.includes('--watch') })
// A hanging connection must not keep a finished launcher alive.
process.exit()
