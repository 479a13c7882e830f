import { runCommand } from './command.ts'
import { main, usage } from './drill/main.ts'

await runCommand(usage, (given) => main(given, process.env))
