/**
 * The money of one proposal: funding lines with provider and receiver, requests, pledges, planned payments, payments and contributions in
 * kind, each separately.
 */

import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { isZero } from '../money/amounts.ts'
import { When } from '../parts/dates.tsx'
import { DisbursedBar, Money } from '../parts/money.tsx'
import { PartyName } from '../parts/party.tsx'
import { Section } from '../parts/section.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import type { Status } from './status.ts'

export function MoneyPart({ status }: { readonly status: Status }) {
  const words = say.value.money
  const { lines, requested, money } = status
  const empty = lines.length + requested.length + money.pledges.length + money.inKind.length === 0
  return (
    <Section id="money" title={say.value.proposal.sections.money}>
      {empty ? <p class="quiet">{words.noAmounts}</p> : null}
      {lines.length === 0 ? null : (
        <ul class="lines">
          {lines.map((line) => (
            <Line key={line.line} line={line} status={status} />
          ))}
        </ul>
      )}
      <Requests status={status} />
      <Pledges status={status} />
      <Tranches status={status} />
      <Transactions status={status} />
      <InKind status={status} />
      <ProgrammeMoney status={status} />
    </Section>
  )
}

interface LineProps {
  readonly line: Status['lines'][number]
  readonly status: Status
}

function Line({ line, status }: LineProps) {
  const words = say.value.money
  const { currency, committed, disbursed, decommitted, amountStatus, financeType } = line
  const contest = status.contested.find(({ event, resolved }) => event === line.version && resolved === null)
  return (
    <li>
      <p>
        <PartyName party={line.provider} /> → <PartyName party={line.receiver} />{' '}
        <span class="tag" title={meaningOf('financeTypes', financeType)}>
          {labelOf('financeTypes', financeType)}
        </span>{' '}
        <code>{line.line}</code> <a href={`#v${line.version}`}>#{line.version}</a>
      </p>
      <p class="line-amount">
        {committed === null || currency === null ? (
          <span class="none">{amountStatus === 'undisclosed' ? words.notDisclosed : words.amountUnknown}</span>
        ) : (
          <b>
            <Money money={{ value: committed, currency }} />
          </b>
        )}
        {contest === undefined ? null : (
          <a class="contested-mark" href="#contested">
            ≠ {say.value.contested}
          </a>
        )}{' '}
        <When date={line.occurredOn} />
      </p>
      {committed === null || currency === null ? (
        isZero(disbursed) || currency === null ? null : (
          <p>
            {words.disbursed} <Money money={{ value: disbursed, currency }} />
          </p>
        )
      ) : (
        <DisbursedBar committed={committed} disbursed={disbursed} />
      )}
      {isZero(decommitted) || currency === null ? null : (
        <p>
          {words.decommitted} <Money money={{ value: decommitted, currency }} />
        </p>
      )}
    </li>
  )
}

function Requests({ status: { requested } }: { readonly status: Status }) {
  const words = say.value.money
  if (requested.length === 0) return null
  return (
    <>
      <h3>{words.requested}</h3>
      <ul class="plain">
        {requested.map((request, index) => (
          <li key={index}>
            {request.amount ? (
              <Money money={request.amount} />
            ) : (
              <span class="none">
                {request.amountStatus === 'undisclosed' ? words.notDisclosed : words.amountUnknown}
              </span>
            )}
            {request.provider === undefined ? null : (
              <>
                {' '}
                {words.askedOf} <PartyName party={request.provider} />
              </>
            )}
            {request.financeType === undefined ? null : (
              <span class="tag"> {labelOf('financeTypes', request.financeType)}</span>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function Pledges({ status: { money } }: { readonly status: Status }) {
  const words = say.value.money
  if (money.pledges.length === 0) return null
  return (
    <>
      <h3>{words.pledged}</h3>
      <ul class="plain">
        {money.pledges.map((pledge) => (
          <li key={pledge.pledge}>
            <PartyName party={pledge.provider} />:{' '}
            {isZero(pledge.amount.value) ? words.withdrawn : <Money money={pledge.amount} />} ·{' '}
            <When date={pledge.occurredOn} /> <a href={`#v${pledge.version}`}>#{pledge.version}</a>
          </li>
        ))}
      </ul>
    </>
  )
}

function Tranches({ status: { money } }: { readonly status: Status }) {
  const words = say.value.money
  if (money.tranches.length === 0) return null
  return (
    <>
      <h3>{words.tranches}</h3>
      <ul class="plain">
        {money.tranches.map((tranche) => (
          <li key={tranche.tranche}>
            <Money money={tranche.amount} /> · <When date={tranche.when} /> · <code>{tranche.line}</code>{' '}
            <a href={`#v${tranche.version}`}>#{tranche.version}</a>
          </li>
        ))}
      </ul>
    </>
  )
}

function Transactions({ status: { money } }: { readonly status: Status }) {
  const words = say.value.money
  if (money.transactions.length === 0) return null
  return (
    <>
      <h3>{words.disbursed}</h3>
      <ul class="plain">
        {money.transactions.map((transaction) => (
          <li key={transaction.transaction}>
            <Money money={transaction.amount} /> · <When date={transaction.occurredOn} /> ·{' '}
            <code>{transaction.line}</code>
            {isZero(transaction.refunded) ? null : (
              <>
                {' · '}
                {words.refunded}{' '}
                <Money money={{ value: transaction.refunded, currency: transaction.amount.currency }} />
              </>
            )}{' '}
            <a href={`#v${transaction.version}`}>#{transaction.version}</a>
          </li>
        ))}
      </ul>
    </>
  )
}

function InKind({ status: { money } }: { readonly status: Status }) {
  const words = say.value.money
  if (money.inKind.length === 0) return null
  return (
    <>
      <h3>{words.inKindTitle}</h3>
      <ul class="plain">
        {money.inKind.map((gift) => (
          <li key={gift.version}>
            <PartyName party={gift.provider} />: {gift.quantity ?? ''}{' '}
            {gift.unit === undefined ? null : <Translated text={gift.unit} />} <Translated text={gift.item} />
            {gift.valuation === undefined ? null : (
              <>
                {' '}
                ({words.valuedAt} <Money money={gift.valuation.amount} />: <Translated text={gift.valuation.method} />)
              </>
            )}{' '}
            <a href={`#v${gift.version}`}>#{gift.version}</a>
          </li>
        ))}
      </ul>
    </>
  )
}

const figures = ['requested', 'pledged', 'committed', 'disbursed', 'undisbursed'] as const

/** The totals with its parts, each amount once. */
function ProgrammeMoney({ status: { related } }: { readonly status: Status }) {
  const programme = related?.programme ?? null
  const words = say.value.money
  if (programme === null) return null
  const there = figures.filter((figure) => Object.keys(programme.money[figure]).length > 0)
  return (
    <>
      <h3>{words.withParts(programme.leaves)}</h3>
      {there.length === 0 ? <p class="quiet">{words.noAmounts}</p> : null}
      <dl class="card-figures">
        {there.map((figure) => (
          <div key={figure}>
            <dt>{words[figure]}</dt>
            <dd>
              {Object.entries(programme.money[figure]).map(([currency, value]) => (
                <span class="amount-line" key={currency}>
                  <Money money={{ value, currency }} />
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      {programme.ownMoneyBeside.length === 0 ? null : <p class="quiet">{words.ownBeside}</p>}
    </>
  )
}
