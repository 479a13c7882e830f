/** The content of an event in a few words, if its data have a characteristic fact. */
import type { ComponentChildren } from 'preact'
import { labelOf } from '../data/vocabulary.ts'
import { When } from '../parts/dates.tsx'
import { Money } from '../parts/money.tsx'
import { PartyName } from '../parts/party.tsx'
import { type LanguageMap, Translated } from '../parts/translated.tsx'
import { memberName } from '../parts/value.tsx'
import { say } from '../texts/reader.ts'

type Data = Readonly<Record<string, unknown>>

/** The facts that an event may have, in the order in which they are shown. */
const facts: readonly ((data: Data) => ComponentChildren)[] = [
  ({ form }) => (typeof form === 'string' ? labelOf('forms', form) : null),
  ({ ending }) => (typeof ending === 'string' ? labelOf('endings', ending) : null),
  ({ outcome }) => (typeof outcome === 'string' ? labelOf('outcomes', outcome) : null),
  ({ instrument }) => textOf((instrument as Data | undefined)?.['title']),
  titleOf,
  ({ item }) => textOf(item),
  ({ amount, amountStatus }) => amountOf(amount, amountStatus),
  ({ provider, receiver }) => fromTo(provider, receiver),
  ({ party }) => (typeof party === 'string' ? <PartyName party={party} /> : null),
  ({ which, to }) => rescheduled(which, to),
  ({ claim }) => textOf(claim),
  ({ chosen }) => textOf(chosen),
  ({ reason, corrections, events }) => (corrections === undefined && events === undefined ? null : textOf(reason)),
  ({ decidedBy }) => textOf(decidedBy),
]

export function sentenceOf(type: string, data: Data): ComponentChildren {
  // The title of a proposal is the title of the page.
  const told = type === 'proposed' ? facts.filter((fact) => fact !== titleOf) : facts
  const said = told.map((fact) => fact(data)).filter((one) => one !== null)
  if (said.length === 0) return null
  return said.map((one, index) => (
    <span key={index}>
      {index === 0 ? '' : ' · '}
      {one}
    </span>
  ))
}

function titleOf({ title }: Data): ComponentChildren {
  return textOf(title)
}

function textOf(text: unknown): ComponentChildren {
  return typeof text === 'object' && text !== null ? <Translated text={text as LanguageMap} /> : null
}

function amountOf(amount: unknown, status: unknown): ComponentChildren {
  const words = say.value.money
  if (amount !== null && typeof amount === 'object')
    return <Money money={amount as { value: string; currency: string }} />
  if (amount !== null) return null
  return status === 'undisclosed' ? words.notDisclosed : words.amountUnknown
}

function fromTo(provider: unknown, receiver: unknown): ComponentChildren {
  if (typeof provider !== 'string') return null
  return (
    <>
      <PartyName party={provider} />
      {typeof receiver === 'string' ? (
        <>
          {' → '}
          <PartyName party={receiver} />
        </>
      ) : null}
    </>
  )
}

function rescheduled(which: unknown, to: unknown): ComponentChildren {
  if (typeof which !== 'string' || (typeof to !== 'string' && to !== null)) return null
  return (
    <>
      {memberName(which)} → <When date={to} />
    </>
  )
}
