import { commonVariables, type Environment, parseConfig, port } from '@commitments/http-kit'
import { z } from 'zod'

const { HOST, LOG_LEVEL, LEDGER_SCHEMA, DATABASE_URL, API_KEYS, API_KEYS_FILE } = commonVariables

const Variables = z.object({
  HOST,
  LEDGER_SCHEMA,
  DATABASE_URL,
  API_KEYS,
  API_KEYS_FILE,
  // The terminal belongs to the person who started us; a line of JSON for each request would bury our messages.
  LOG_LEVEL: LOG_LEVEL.unwrap().default('warn'),
  COMMAND_PORT: port(8080),
  PROJECTION_PORT: port(8081),
  DATA_DIR: z.string().default('.data'),
})

/** What the launcher itself reads. Everything else in the environment is passed on to the services, which check it. @throws ConfigError */
export function readConfiguration(environment: Environment) {
  return parseConfig(Variables, environment)
}

export type Configuration = ReturnType<typeof readConfiguration>
