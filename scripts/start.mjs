import { refuseOldNode } from './node-version.mjs'

// npm start: Postgres (unless DATABASE_URL names one), the migrations, both services, the portfolio. Ends with Ctrl-C.
// npm run dev: the same, and the services restart whenever their sources change.

refuseOldNode()
const { main } = await import('./start/main.ts')
process.exitCode = await main(process.env, { watch: process.argv.includes('--watch') })
// A connection that hangs somewhere must not keep a launcher alive whose work is done.
process.exit()
