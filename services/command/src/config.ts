import { commonVariables, type Environment, parseConfig, port, publicUrl } from '@commitments/http-kit'
import { z } from 'zod'

const Variables = z.object({
  ...commonVariables,
  PORT: port(8080),
  /** Where callers see the projection service: what was recorded is read there. */
  PROJECTION_PUBLIC_URL: publicUrl.optional(),
})

/** Everything that the command service reads from its environment; `main.ts` alone calls this. @throws ConfigError */
export function readConfig(environment: Environment) {
  return parseConfig(Variables, environment)
}

export type CommandConfig = ReturnType<typeof readConfig>
