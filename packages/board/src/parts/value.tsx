/** A recorded value in its proper form: a text in languages, an amount, a date, a code, a party, or a list of these. */
import type { ComponentChildren } from 'preact'
import { hasWord, labelOf } from '../data/vocabulary.ts'
import { language, say } from '../texts/reader.ts'
import { regionName } from '../texts/regions.ts'
import { hrefOf } from '../url/location.ts'
import { codesOf } from './codes-of-members.ts'
import { When } from './dates.tsx'
import { Money } from './money.tsx'
import { PartyName } from './party.tsx'
import { Translated } from './translated.tsx'

const dates = new Set([
  'occurredOn',
  'start',
  'end',
  'due',
  'firstDue',
  'when',
  'from',
  'to',
  'until',
  'signedOn',
  'valueDate',
  'period',
  'firstPlanned',
  'lastPlanned',
  'actualDate',
  'asOf',
  'lastConfirmedOn',
])

const partyMembers = new Set(['party', 'provider', 'receiver', 'parties', 'acceptedBy', 'assessor', 'by', 'assertedBy'])
const proposalMembers = new Set(['parent', 'other', 'leadsTo'])

/** A date of the API; null is allowed too, because "date not known" is an answer. */
const datePattern = /^(?:\d{4}(?:-\d{2}){0,2}(?:\/(?:\.\.|\d{4}(?:-\d{2}){0,2}))?|\[[\d.-]+\])$/

export function Value({ member, value }: { readonly member: string; readonly value: unknown }): ComponentChildren {
  if (value === null || value === undefined) {
    return dates.has(member) ? <When date={null} /> : <span class="none">{say.value.notKnown}</span>
  }
  if (typeof value === 'boolean') return value ? say.value.filters.yes : say.value.filters.no
  if (typeof value === 'string') return <Text member={member} text={value} />
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object') return null
  if (Array.isArray(value)) return <ListOf member={member} items={value} />
  const entries = Object.entries(value as Record<string, unknown>)
  if (isMoney(value)) return <Money money={value} />
  if (isLanguageMap(entries)) return <Translated text={value as Record<string, string>} />
  if (isTotals(entries)) {
    if (entries.length === 0) return <span class="none">–</span>
    return entries.map(([currency, amount]) => (
      <span key={currency} class="amount-line">
        <Money money={{ currency, value: String(amount) }} />
      </span>
    ))
  }
  return <Members members={entries} />
}

interface MembersProps {
  readonly members: readonly (readonly [string, unknown])[]
  /** The event type, or the component of the API, that these members belong to. */
  readonly of?: string
}

/** The names of members, and their values. */
export function Members({ members, of }: MembersProps) {
  const ofSlippage = members.some(([name]) => name === 'lastPlanned')
  return (
    <dl class="members">
      {members.map(([name, value]) => (
        <div key={name}>
          <dt>{memberName(name, of)}</dt>
          <dd>
            <Value member={ofSlippage && name === 'actual' ? 'actualDate' : name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Some names have a special meaning in some places: the word for that place comes first. */
export function memberName(name: string, of?: string): string {
  const own = `${of}.${name}`
  return labelOf('members', of !== undefined && hasWord('members', own) ? own : name)
}

function Text({ member, text }: { readonly member: string; readonly text: string }) {
  const group = codesOf[member]?.find((one) => hasWord(one, text))
  if (group !== undefined) return <>{labelOf(group, text)}</>
  if (dates.has(member) && datePattern.test(text)) return <When date={text} />
  if (partyMembers.has(member)) return <PartyName party={text} />
  if (proposalMembers.has(member)) return <a href={hrefOf({ name: 'proposal', proposalId: text })}>{text}</a>
  if (member === 'country') return <>{regionName(text, language.value)}</>
  return <>{text}</>
}

function ListOf({ member, items }: { readonly member: string; readonly items: readonly unknown[] }) {
  if (items.length === 0) return <span class="none">–</span>
  return (
    <ul class="values">
      {items.map((item, index) => (
        <li key={index}>
          <Value member={member} value={item} />
        </li>
      ))}
    </ul>
  )
}

function isMoney(value: object): value is { value: string; currency: string } {
  const { value: amount, currency } = value as { value?: unknown; currency?: unknown }
  return typeof amount === 'string' && typeof currency === 'string' && Object.keys(value).length === 2
}

function isLanguageMap(entries: readonly (readonly [string, unknown])[]): boolean {
  const tag = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/
  return (
    entries.length > 0 &&
    entries.every(([name, text]) => tag.test(name) && typeof text === 'string' && !reserved.has(name))
  )
}

/** Names of members that look like language codes. */
const reserved = new Set(['to', 'by', 'of', 'end', 'due'])

function isTotals(entries: readonly (readonly [string, unknown])[]): boolean {
  return entries.every(([name, amount]) => /^[A-Z]{3}$/.test(name) && typeof amount === 'string')
}
