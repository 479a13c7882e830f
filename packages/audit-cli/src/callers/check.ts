import { hash } from 'node:crypto'
import { type RecordedEvent, Signature } from '@commitments/domain'
import { signatureHolds, statementOf } from '@commitments/transparency'
import { type Broken, type Finding, held, leftOut, notChecked } from '../verdict.ts'
import type { Identities } from './identities.ts'
import type { Signers } from './signers.ts'

/** Where a line stands, and since when. */
export interface Place {
  readonly position: number
  readonly recordedAt: string
  readonly type: string
  readonly isErased: boolean
  readonly recordedBy: string | null
  readonly mayBeSigned: boolean
}

/** What the events say about who recorded them, and whether it is more than the word of the service (decision 30). */
export interface CallerCheck {
  readonly signers: Signers | null
  readonly callers: Map<string, Caller>
  /** Position of the first event with each `once` of a key and a recorder: a hash of the three, which is all that is kept of a signed event. */
  readonly said: Map<string, number>
  /** Positions of the first and the last event that is signed for each log. */
  readonly logs: Map<string, { readonly first: number; readonly last: number }>
  events: number
  fault: Broken | null
}

interface Caller {
  signed: number
  /** Events of each key. */
  readonly keys: Map<string, number>
  unsignedSince: { count: number; first: number }
}

export function callerCheck(signers: Signers | null): CallerCheck {
  return { signers, callers: new Map(), said: new Map(), logs: new Map(), events: 0, fault: null }
}

/** Looks at the next event, whose line is in good form. */
export function checkCaller(check: CallerCheck, envelope: Place, line: Buffer): void {
  // An erasure takes the signature away too, and is recorded by the service in the name of the two who decided on it.
  if (envelope.isErased || envelope.type === 'erased') return
  check.events += 1
  // The line is compact and names nothing twice, so that a signature is spelt in this way only. It can also be in other places of a line.
  const isPerhaps = envelope.mayBeSigned && line.includes('"signature":{')
  const event = isPerhaps ? eventOf(line) : null
  const recordedBy = event?.recordedBy ?? envelope.recordedBy ?? eventOf(line).recordedBy
  const because =
    event && 'signature' in event
      ? faultOfSigned(check, event, event.signature)
      : faultOfUnsigned(check, recordedBy, envelope)
  if (because !== null) check.fault ??= { outcome: 'broken', position: envelope.position, because }
}

function eventOf(line: Buffer): RecordedEvent {
  return JSON.parse(line.toString('utf8')) as RecordedEvent
}

function callerOf({ callers }: CallerCheck, recordedBy: string): Caller {
  const known = callers.get(recordedBy)
  if (known) return known
  const caller: Caller = { signed: 0, keys: new Map(), unsignedSince: { count: 0, first: 0 } }
  callers.set(recordedBy, caller)
  return caller
}

function faultOfUnsigned(check: CallerCheck, recordedBy: string, { position, recordedAt }: Place): string | null {
  const caller = callerOf(check, recordedBy)
  if (caller.signed > 0) {
    caller.unsignedSince.first ||= position
    caller.unsignedSince.count += 1
  }
  const signer = check.signers?.byCaller.get(recordedBy)
  if (!signer || Date.parse(recordedAt) < signer.signsFrom) return null
  const since = new Date(signer.signsFrom).toISOString()
  return `it says that ${recordedBy} recorded it, and that caller has signed everything since ${since} (${check.signers?.file}), but not this`
}

function faultOfSigned(check: CallerCheck, event: RecordedEvent, given: unknown): string | null {
  const who = `version ${event.version} of ${event.proposalId}, recorded by ${event.recordedBy}`
  const parsed = Signature.safeParse(given)
  if (!parsed.success) return `the signature of its event (${who}) has no form that signatures have`
  const signature = parsed.data
  if (!holds(event, signature))
    return `the signature of its event (${who}) is not one by its key ${signature.key} on what the event says`
  if (signature.version !== undefined && signature.version !== event.version)
    return `its event (${who}) was signed as version ${signature.version} of its proposal`
  return note(check, event, signature) ?? faultOfSigner(check, event, signature)
}

function holds(event: RecordedEvent, { key, value }: Signature): boolean {
  try {
    return signatureHolds({ key, text: statementOf({ ...event }) as string, value })
  } catch (error) {
    // Nested more deeply than any event that a service takes.
    if (error instanceof RangeError) return false
    throw error
  }
}

function note(check: CallerCheck, { position, recordedBy }: RecordedEvent, signature: Signature): string | null {
  const { key, log, once } = signature
  const caller = callerOf(check, recordedBy)
  caller.signed += 1
  caller.keys.set(key, (caller.keys.get(key) ?? 0) + 1)
  check.logs.set(log, { first: check.logs.get(log)?.first ?? position, last: position })
  const id = hash('sha256', JSON.stringify([key, recordedBy, once]), 'base64url').slice(0, 22)
  const before = check.said.get(id)
  if (before === undefined) check.said.set(id, position)
  return before === undefined
    ? null
    : `its signature has the same \`once\` as that of the event at position ${before}: what its caller said once is recorded twice`
}

function faultOfSigner({ signers }: CallerCheck, event: RecordedEvent, { key }: Signature): string | null {
  const signer = signers?.byCaller.get(event.recordedBy)
  if (!signers || !signer) return null
  const known = signer.keys.find(({ publicKey }) => publicKey === key)
  if (!known)
    return `it is signed in the name of ${event.recordedBy} with the key ${key}, which is none of its keys (${signers.file})`
  const at = Date.parse(event.recordedAt)
  if (at >= known.notBefore && at < known.expires) return null
  return `it is signed by ${event.recordedBy} with the key ${key}, which was not valid when it was recorded (${signers.file})`
}

/** What was found, once all events were looked at. */
export function callerFinding(check: CallerCheck, identities: Identities): Finding {
  const { fault, events, callers } = check
  const foreign = foreignLog(check, identities)
  const first = [fault, foreign].flatMap((one) => (one?.outcome === 'broken' ? one : []))
  if (first.length > 0) return first.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))[0] as Broken
  if (foreign) return foreign
  const signing = [...callers].filter(([, { signed }]) => signed > 0)
  const signed = signing.reduce((sum, [, caller]) => sum + caller.signed, 0)
  if (signed === 0) return leftOut('No event is signed by its caller: who recorded each is the word of the service.')
  const rest = events - signed
  const parts = [
    `${signed} of ${events} events are signed by their callers, and every signature is on what its event says: ${signing.map(callerText).join('; ')}.`,
    ...(rest > 0 ? [`Who recorded the other ${rest} is the word of the service.`] : []),
    ...signing.flatMap(unsignedText),
    knownText(check, signing),
    ...formerText(check, identities),
  ]
  return held(parts.join(' '))
}

type Signing = readonly [string, Caller]

function callerText([recordedBy, { signed, keys }]: Signing): string {
  return `${recordedBy} ${signed} (${[...keys.keys()].map((key) => `key ${key}`).join(', ')})`
}

function unsignedText([recordedBy, { unsignedSince }]: Signing): string[] {
  const { count, first } = unsignedSince
  if (count === 0) return []
  return [
    `Since its first signed event, ${recordedBy} has ${count} that are not signed, the first at position ${first}: ask that caller.`,
  ]
}

function knownText({ signers }: CallerCheck, signing: readonly Signing[]): string {
  if (!signers)
    return 'Whose keys these are is the log’s own word: compare them with those that the callers have published, or give them with --signers.'
  const unknown = signing.flatMap(([name]) => (signers.byCaller.has(name) ? [] : [name]))
  if (unknown.length === 0) return `Their keys are those in ${signers.file}.`
  return `The keys of ${unknown.join(', ')} are not in ${signers.file}, so they are the log’s own word; those of the others are.`
}

function foreignLog({ logs }: CallerCheck, { now, given, declared }: Identities): Finding | null {
  if (now === null) return null
  const found = [...logs]
    .filter(([log]) => log !== now && !given.includes(log))
    .flatMap(([log, at]) => faultOfLog(log, at, now, declared) ?? [])
  return found.find(({ outcome }) => outcome === 'broken') ?? found[0] ?? null
}

function faultOfLog(
  log: string,
  { first, last }: { readonly first: number; readonly last: number },
  now: string,
  declared: Identities['declared'],
): Finding | null {
  const signed = declared?.get(log)
  if (signed !== undefined && last <= signed) return null
  const position = signed !== undefined && first <= signed ? last : first
  if (signed !== undefined)
    return notChecked(
      `the event at position ${position} is signed for the log ${log}; that this log, ${now}, was called so before a restore is the word of its operator alone, since no checkpoint of ${log} by a trusted key covers that position. If you know it from elsewhere, give --former-log ${log}`,
    )
  if (declared)
    return {
      outcome: 'broken',
      position,
      because: `its event was signed for the log ${log}, and this is the log ${now}, which was never called so`,
    }
  return notChecked(
    `the event at position ${position} is signed for the log ${log}, and this is the log ${now}: if it was called so before a restore (/v1/log/forks of its service), give --former-log ${log}`,
  )
}

function formerText({ logs }: CallerCheck, { now }: Identities): string[] {
  const before = [...logs.keys()].filter((log) => log !== now)
  return now === null || before.length === 0
    ? []
    : [`Some were signed for what the log was called before a restore: ${before.join(', ')}.`]
}
