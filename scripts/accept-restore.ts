import { main, usage } from './accept-restore/main.ts'
import { runCommand } from './command.ts'

await runCommand(usage, (given) => main(given, process.env))
