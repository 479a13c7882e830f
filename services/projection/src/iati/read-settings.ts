/** The file that IATI_FILE names. */
import { readFileSync } from 'node:fs'
import { ConfigError, type Environment } from '@commitments/http-kit/config'
import { parseSettings, type Settings } from '@commitments/iati'

/**
 * The settings of the publication, checked against the code lists of IATI; null if the variable is absent.
 *
 * @throws ConfigError with every mistake in the file
 */
export function readIatiSettings(environment: Environment): Settings | null {
  const file = environment['IATI_FILE']?.trim() ?? ''
  if (file === '') return null
  const parsed = parseSettings(readJson(file))
  if ('settings' in parsed) return parsed.settings
  throw new ConfigError(parsed.mistakes.map((mistake) => `IATI_FILE: ${file}: ${mistake}`))
}

function readJson(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`IATI_FILE: ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`])
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError([`IATI_FILE: ${file} is not JSON: ${(error as Error).message}`])
  }
}
