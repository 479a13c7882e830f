import { refuseOldNode } from './node-version.mjs'

// npm start: Postgres (unless DATABASE_URL is set), the migrations, both services, the portfolio. Ctrl-C ends it.
// npm run dev: the same, and the services restart whenever their sources change.

refuseOldNode()
if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(
    'Usage: npm start, or npm run dev\n' +
      'Starts Postgres (unless DATABASE_URL is set), brings the ledger up to this version, starts both services, and records the portfolio.\n' +
      'Ctrl-C ends it. With npm run dev, the services restart whenever their sources change. Configuration: the environment (README).',
  )
  process.exit(0)
}
const { main } = await import('./start/main.ts')
process.exitCode = await main(process.env, { watch: process.argv.includes('--watch') })
// A hanging connection must not keep a finished launcher alive.
process.exit()
