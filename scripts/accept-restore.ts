import { main } from './accept-restore/main.ts'

process.exitCode = await main(process.argv.slice(2), process.env)
