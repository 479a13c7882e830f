import { refuseOldNode } from './node-version.mjs'

// npm start: Postgres (unless DATABASE_URL names one), the migrations, both services, the portfolio. Ends with Ctrl-C.

refuseOldNode()
const { main } = await import('./start/main.ts')
process.exitCode = await main(process.env)
// A connection that hangs somewhere must not keep a launcher alive whose work is done.
process.exit()
