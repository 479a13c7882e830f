/** What a caller may do. */
import type { Caller, Scope } from './key-entries.ts'

/** Who reads: everybody (`public`), or whoever has a key or a token with the scope (`key`). */
export type ReadAccess = 'public' | 'key'

/** What needs no scope where everybody reads. */
const reading: ReadonlySet<Scope> = new Set<Scope>(['read', 'audit'])

/** Whether a scope is needed at all. */
export function isOpen(scope: Scope, readAccess: ReadAccess): boolean {
  return readAccess === 'public' && reading.has(scope)
}

/** Whether a caller has a right: its key or token gives the scope, or everybody has it. To record is not to read. */
export function hasRight(caller: Pick<Caller, 'scopes'> | null, scope: Scope, readAccess: ReadAccess): boolean {
  return isOpen(scope, readAccess) || (caller?.scopes.has(scope) ?? false)
}
