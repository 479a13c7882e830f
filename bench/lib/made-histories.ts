/** Generated histories of a portfolio with many programmes. The same number gives the same history. */
import { createHash } from 'node:crypto'
import type { Day, RecordedEvent } from '@commitments/domain'

/** Events of each proposal; the seventh is a correction. */
export const eventsOfHistory = 10

/** The first of the days that questions are about: all dates of the histories lie between these days. */
export const firstYear = 2014
export const lastYear = 2026

/** A whole number from 0 to `below`, exclusive, that depends only on the arguments. */
export function drawn(below: number, ...of: (string | number)[]): number {
  return createHash('sha1').update(of.join(' ')).digest().readUInt32BE(0) % below
}

export function historyId(number: number): string {
  return `made-${String(number).padStart(6, '0')}`
}

/**
 * Position of an event: all first events come first, then all second ones. So at any position every history is in progress, and none has
 * its events next to each other.
 */
export function positionOf(number: number, version: number, histories: number): number {
  return (version - 1) * histories + number + 1
}

/** One event of a history. Of each hundred histories, one is a programme, nine are its parts, and ninety are parts of those. */
export function madeEvent(number: number, version: number, histories: number): RecordedEvent {
  const position = positionOf(number, version, histories)
  const body = bodyOf(number, version)
  return {
    position,
    recordedAt: recordedAt(position / (histories * eventsOfHistory)),
    eventId: uuidOf(`event ${position}`),
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    proposalId: historyId(number),
    version,
    schemaVersion: 1,
    recordedBy: 'key:bench',
    assertedBy: 'most-vn',
    confidence: 'reported',
    ...body,
  } as RecordedEvent
}

/** Recorded from 2018 to the middle of 2026. */
function recordedAt(share: number): string {
  const from = Date.UTC(2018, 0, 1)
  return `${new Date(from + share * (Date.UTC(2026, 6, 1) - from)).toISOString().slice(0, -1)}000Z`
}

function uuidOf(text: string): string {
  const hex = createHash('sha1').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const kinds = ['programme', 'oda-grant-project', 'technical-assistance', 'rnd-centre', 'system']
const fields = ['materials', 'ai', 'energy', 'health', 'agriculture', 'space']
const currencies = ['USD', 'VND', 'KRW']

function bodyOf(number: number, version: number): object {
  const { type, data } = eventOf(number, version)
  const dated = type === 'corrected' ? null : vague(dayOf(number, version), drawn(6, 'precision', number, version))
  return { type, occurredOn: dated, data }
}

/** Each stage of a history is roughly in its own year. */
function dayOf(number: number, version: number): Day {
  const year = firstYear + drawn(4, 'begin', number) + Math.floor((version * 3 + drawn(4, 'year', number, version)) / 4)
  const month = 1 + drawn(12, 'month', number, version)
  const day = 1 + drawn(28, 'day', number, version)
  return [year, String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-')
}

/** A day, with the precision that sources usually give. */
function vague(day: Day, precision: number): string | null {
  const year = day.slice(0, 4)
  return [day, day, day.slice(0, 7), year, `[${Number(year) - 1}..${year}]`, null][precision] ?? null
}

function eventOf(number: number, version: number): { type: string; data: object } {
  const events: (() => { type: string; data: object })[] = [
    () => ({ type: 'proposed', data: proposedData(number) }),
    () => ({ type: 'pledged', data: { pledge: 'first', provider: 'koica', amount: amountOf(number, 9) } }),
    () => ({ type: 'agreed', data: agreedData(number) }),
    () => ({ type: 'funded', data: fundedData(number, 8) }),
    () => disbursed(number, 'first', 1),
    () => rescheduled(number),
    () => correction(number),
    () => disbursed(number, 'second', 2),
    () => ({ type: 'confirmed', data: { asOf: dayOf(number, 9) } }),
    () => last(number),
  ]
  return (events[version - 1] as () => { type: string; data: object })()
}

function proposedData(number: number): object {
  const place = number % 100
  const parent = place === 0 ? undefined : historyId(number - place + (place < 10 ? 0 : 1 + (place % 9)))
  return {
    title: {
      en: `${fields[number % fields.length]} cooperation ${drawn(100_000, 'title', number)}`,
      vi: `Hợp tác ${number}`,
      ko: `협력 ${number}`,
    },
    kind: place === 0 ? 'programme' : kinds[1 + drawn(4, 'kind', number)],
    parties: [
      { party: 'most-vn', name: { en: 'Ministry of Science and Technology' }, country: 'VN', roles: ['proposer'] },
      { party: 'koica', name: { en: 'Cooperation agency' }, country: 'KR', roles: ['funder'] },
      {
        party: `institute-${drawn(500, 'party', number)}`,
        country: drawn(2, 'country', number) === 0 ? 'VN' : 'KR',
        roles: ['implementer'],
      },
    ],
    fields: [fields[number % fields.length]],
    ...(parent !== undefined && { parent }),
    planned: { start: String(firstYear + 4), end: String(2019 + drawn(9, 'end', number)) },
    requestedFunding: [{ provider: 'koica', amount: amountOf(number, 10) }],
  }
}

function agreedData(number: number): object {
  return {
    form: 'record-of-discussions',
    parties: ['most-vn', 'koica'],
    instrument: { title: { en: 'Record of discussions' }, binding: true },
    terms: { objectives: { en: 'A pilot line' }, start: '2018', end: String(2020 + drawn(8, 'agreed end', number)) },
  }
}

function amountOf(number: number, share: number): object {
  const value = String((1 + drawn(900, 'amount', number)) * 1000 * share)
  return { value, currency: currencies[drawn(currencies.length, 'currency', number)] }
}

function fundedData(number: number, share: number): object {
  return {
    line: 'grant',
    provider: 'koica',
    receiver: 'most-vn',
    amount: amountOf(number, share),
    financeType: 'grant',
  }
}

function disbursed(number: number, transaction: string, share: number) {
  return { type: 'disbursed', data: { transaction, line: 'grant', amount: amountOf(number, share) } }
}

function rescheduled(number: number) {
  const to = String(2029 + drawn(3, 'later', number))
  return { type: 'rescheduled', data: { which: 'end', to, reason: { en: 'Late equipment' } } }
}

/** Corrects a vague date, or the amount of the line. */
function correction(number: number) {
  const version = 2 + drawn(4, 'corrected', number)
  const right = version === 4 ? { data: fundedData(number, 7) } : { occurredOn: dayOf(number, version) }
  return {
    type: 'corrected',
    data: { reason: { en: 'The source was misread' }, corrections: [{ event: version, ...right }] },
  }
}

function last(number: number): { type: string; data: object } {
  const way = drawn(3, 'last', number)
  if (way === 0) return { type: 'delivered', data: { acceptedBy: ['most-vn'], complete: true } }
  const ending = way === 1 ? 'cancelled' : number % 50 === 7 ? 'void' : 'terminated'
  if (way === 1 || number % 50 === 7)
    return {
      type: 'ended',
      data: { ending, by: ['most-vn'], reason: { en: 'No interest any more' }, remaining: 'keep' },
    }
  return { type: 'risk-flagged', data: { reason: { en: 'Short of staff' }, severity: 'high' } }
}
