/** What the claims of a verified token mean here: who the caller is, what it may do, and for which party it speaks. */
import type { Caller, Scope } from '../keys/key-entries.ts'
import { tokenScopes } from '../keys/key-entries.ts'
import { faultOfCallerValue, type IssuerSettings } from './issuer-settings.ts'

export type Claims = Readonly<Record<string, unknown>>

/** The caller, or why the token names none; the sentence goes on after "The token". */
export function callerOfClaims(settings: IssuerSettings, claims: Claims): Caller | string {
  const found = callerValue(settings, claims)
  if (found.fault !== null) return found.fault
  if (settings.refused.has(found.value)) return 'is of a caller whose tokens the operator refuses'
  const recordedBy = `oidc:${settings.name}:${found.value}` as const
  const signing = settings.signing.get(found.value)
  return Object.freeze({
    name: recordedBy,
    recordedBy,
    ...partyOf(settings, claims),
    scopes: scopesOf(settings, claims),
    ...(signing === undefined ? {} : { signing }),
  })
}

/** The name that a token gives its caller, verified or not; null if it gives none. */
export function claimedCaller(settings: IssuerSettings, claims: Claims): string | null {
  const { value, fault } = callerValue(settings, claims)
  return fault === null ? `oidc:${settings.name}:${value}` : null
}

type CallerValue = { readonly value: string; readonly fault: null } | { readonly value: null; readonly fault: string }

function callerValue({ caller }: IssuerSettings, claims: Claims): CallerValue {
  const claim = caller.find((name) => valueOf(claims, name) !== undefined)
  const value = claim === undefined ? undefined : valueOf(claims, claim)
  if (typeof value !== 'string' || value === '') {
    return { value: null, fault: `has no text in the claim ${caller.join(' or ')}, which names the caller` }
  }
  const fault = faultOfCallerValue(value)
  if (fault === null) return { value, fault }
  return { value: null, fault: `cannot be taken: its claim ${claim}, which names the caller, ${fault}` }
}

function scopesOf({ scopes: { claims: names, map } }: IssuerSettings, claims: Claims): ReadonlySet<Scope> {
  const claim = names.find((name) => valueOf(claims, name) !== undefined)
  const values = claim === undefined ? [] : listOf(valueOf(claims, claim))
  return new Set(values.flatMap((value) => (map === null ? (isScope(value) ? [value] : []) : (map.get(value) ?? []))))
}

function isScope(value: string): value is Scope {
  return (tokenScopes as readonly string[]).includes(value)
}

/** The members of the caller that say for whom it speaks: none for a caller that speaks for anybody. */
function partyOf({ party }: IssuerSettings, claims: Claims): Pick<Caller, 'party' | 'speaksForNobody'> {
  if (party.rule === 'any') return {}
  if (party.rule === 'always') return { party: party.party }
  if (party.rule === 'none') return nobody('The tokens of this issuer speak for no party.')
  const { claim, map, anyWithout } = party
  const value = valueOf(claims, claim)
  if (value === undefined) {
    return anyWithout ? {} : nobody(`The token has no claim \`${claim}\`, which would name the party it speaks for.`)
  }
  // A party in a list is one value: names of organisations have spaces.
  const values = typeof value === 'string' ? [value] : listOf(value)
  const parties = new Set(values.flatMap((one) => (map === null ? (isParty(one) ? [one] : []) : (map.get(one) ?? []))))
  const [first] = parties
  if (first === undefined) return nobody(`The claim \`${claim}\` of the token names no party that is configured here.`)
  return parties.size === 1 ? { party: first } : nobody(`The claim \`${claim}\` of the token names several parties.`)
}

function nobody(why: string): Pick<Caller, 'speaksForNobody'> {
  return { speaksForNobody: why }
}

function isParty(value: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$/.test(value)
}

/** The words of a text (RFC 8693: `scope`), or the texts in a list. */
function listOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '')
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** The claim of that name; if there is none, the member at that path, such as `realm_access.roles`. Names in it may have dots themselves. */
function valueOf(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null) return undefined
  if (Object.hasOwn(claims, path)) return (claims as Claims)[path] ?? undefined
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const head = path.slice(0, dot)
    if (Object.hasOwn(claims, head)) return valueOf((claims as Claims)[head], path.slice(dot + 1))
  }
  return undefined
}
