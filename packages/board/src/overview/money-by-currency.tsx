/** Money: a row for each currency, with five figures that are never added up or converted. */
import { Fragment } from 'preact'
import { currenciesOf } from '../money/amounts.ts'
import { listOf, type Portfolio } from '../parts/figure.ts'
import { Amount, DisbursedBar } from '../parts/money.tsx'
import { say } from '../texts/reader.ts'

const figures = ['requested', 'pledged', 'committed', 'disbursed', 'undisbursed'] as const

export function MoneyByCurrency({ portfolio }: { readonly portfolio: Portfolio }) {
  return (
    <>
      <Currencies portfolio={portfolio} />
      <Beside portfolio={portfolio} />
      <CountedOnce portfolio={portfolio} />
    </>
  )
}

function Currencies({ portfolio: { money } }: { readonly portfolio: Portfolio }) {
  const words = say.value.money
  const currencies = currenciesOf(...figures.map((figure) => money[figure]))
  if (currencies.length === 0) return <p class="quiet">{words.noAmounts}</p>
  return (
    <table class="money-table">
      <thead>
        <tr>
          <th scope="col">{words.currency}</th>
          {figures.map((figure) => (
            <th key={figure} scope="col" class="number">
              {words[figure]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {currencies.map((currency) => (
          <Fragment key={currency}>
            <tr>
              <th scope="row">
                <a href={listOf({ sort: '-committed', currency })}>{currency}</a>
              </th>
              {figures.map((figure) => (
                <td key={figure} class="number" data-label={words[figure]}>
                  <Amount value={money[figure][currency]} />
                </td>
              ))}
            </tr>
            {money.committed[currency] === undefined ? null : (
              <tr class="bar-row">
                <td colSpan={6}>
                  <DisbursedBar committed={money.committed[currency]} disbursed={money.disbursed[currency]} />
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  )
}

/** Money that is in no total, in words. */
function Beside({ portfolio: { money, ownMoneyBeside, contested } }: { readonly portfolio: Portfolio }) {
  const words = say.value.money
  const { requested, committed } = money.undisclosed
  return (
    <ul class="beside">
      {requested + committed === 0 ? null : <li>{words.undisclosed(requested, committed)}</li>}
      {money.inKind.items === 0 ? null : <li>{words.inKind(money.inKind.items)}</li>}
      {ownMoneyBeside.total === 0 ? null : (
        <li>
          <a href={listOf({ ids: ownMoneyBeside.proposals })}>{words.leftOut(ownMoneyBeside.total)}</a>
        </li>
      )}
      {contested === 0 ? null : (
        <li>
          <a href={listOf({ contested: 'true' })}>≠ {words.someContested(contested)}</a>
        </li>
      )}
    </ul>
  )
}

function CountedOnce({ portfolio: { money } }: { readonly portfolio: Portfolio }) {
  const words = say.value.money
  const lapsed = currenciesOf(money.lapsed.requested, money.lapsed.pledged).length + money.lapsed.undisclosed > 0
  return (
    <details class="explain">
      <summary>{words.countedOnce}</summary>
      <p>{words.countedOnceMeans}</p>
      <p>{words.figuresMean}</p>
      {lapsed ? <p>{words.lapsedMeans}</p> : null}
    </details>
  )
}
