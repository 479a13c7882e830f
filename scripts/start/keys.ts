import { hash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Configuration } from './configuration.ts'

/** The name of the key that records the portfolio. It is constant, because earlier recordings of a key are recognized by its name. */
export const importerName = 'portfolio-import'

export interface Keys {
  /** Environment of the services: API_KEYS_FILE, API_KEYS. */
  readonly environment: Record<string, string>
  /** Created at each start and never stored. */
  readonly importerSecret: string
  /** The key that was created for the person at the terminal, if none is configured. */
  readonly own: { readonly secret: string; readonly file: string } | null
}

interface KeyEntry {
  name: string
  scopes: string[]
  sha256: string
}

/**
 * The keys of this start: the configured ones, or one of our own that is kept in the data folder (readable by its owner only); and one for
 * the import. The services get digests, unless API_KEYS_FILE is somebody else's file, to which we cannot add.
 */
export function prepareKeys(configuration: Configuration, dataDirectory: string): Keys {
  const importerSecret = makeSecret()
  const { API_KEYS_FILE: theirFile, API_KEYS: theirKeys } = configuration
  if (theirFile !== undefined) {
    const keys = [theirKeys, `${importerName}:record+read+audit:${importerSecret}`].filter(
      (entry) => entry !== undefined,
    )
    return { environment: { API_KEYS_FILE: theirFile, API_KEYS: keys.join(',') }, importerSecret, own: null }
  }
  const own = theirKeys === undefined ? keptSecret(join(dataDirectory, 'api-key')) : null
  const entries = [keyEntry(importerName, ['record', 'read', 'audit'], importerSecret)]
  if (own) entries.push(keyEntry('local', ['record', 'read', 'audit', 'admin', 'webhooks'], own.secret))
  const file = join(dataDirectory, 'api-keys.json')
  writePrivately(file, `${JSON.stringify(entries, null, 2)}\n`)
  const environment = { API_KEYS_FILE: file, ...(theirKeys === undefined ? {} : { API_KEYS: theirKeys }) }
  return { environment, importerSecret, own }
}

function keptSecret(file: string): { secret: string; file: string } {
  if (!existsSync(file)) writePrivately(file, `${makeSecret()}\n`)
  return { secret: readFileSync(file, 'utf8').trim(), file }
}

function makeSecret(): string {
  return randomBytes(24).toString('base64url')
}

function keyEntry(name: string, scopes: string[], secret: string): KeyEntry {
  return { name, scopes, sha256: hash('sha256', secret) }
}

/** Written completely or not at all: a start that is killed here must not leave an empty key behind. */
function writePrivately(file: string, text: string): void {
  const unfinished = `${file}.unfinished`
  writeFileSync(unfinished, text, { mode: 0o600 })
  renameSync(unfinished, file)
}
