import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './folder.ts'
import type { Cleanup } from './tcp-proxy.ts'

/** A key that a service knows. */
interface Caller {
  readonly name: string
  readonly scopes: readonly string[]
  readonly party?: string
}

/** The secret of the key of that name in a {@link keyFile}. */
export function secretOf(name: string): string {
  return `${name}-secret-0123456789`
}

/** A file for `API_KEYS_FILE` with these keys. */
export function keyFile(t: Cleanup, callers: readonly Caller[]): string {
  const file = join(temporaryFolder(t), 'keys.json')
  const entries = callers.map((caller) => ({ ...caller, sha256: hash('sha256', secretOf(caller.name)) }))
  writeFileSync(file, JSON.stringify(entries))
  return file
}
