import { commonVariables, type Environment, parseConfig, port, wholeNumber } from '@commitments/http-kit'
import { z } from 'zod'

const Variables = z.object({
  ...commonVariables,
  PORT: port(8081),
  /** Feed and CSV downloads that go on at the same time. */
  DOWNLOADS: wholeNumber(1, 1_000).default(16),
})

/**
 * Everything that the projection service reads from its environment; `main.ts` alone calls this. @throws ConfigError
 */
export function readConfig(environment: Environment) {
  return parseConfig(Variables, environment)
}

export type ProjectionConfig = ReturnType<typeof readConfig>
