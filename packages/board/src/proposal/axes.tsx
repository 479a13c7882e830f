/** Act, money, delivery and condition: they change independently of each other, so they are shown side by side and never combined. */
import { daysBetween, todayIn } from '../dates/days.ts'
import { currenciesOf } from '../money/amounts.ts'
import { ConditionChip } from '../parts/chips.tsx'
import { RecordedAt, When } from '../parts/dates.tsx'
import { Money } from '../parts/money.tsx'
import { StageName } from '../parts/stage.tsx'
import { readShell } from '../shell.ts'
import { say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import type { Status } from './status.ts'

export function Axes({ status }: { readonly status: Status }) {
  const words = say.value.proposal
  return (
    <div class="axes">
      <section class="axis-card">
        <h2>{words.act}</h2>
        <p class="large">
          <StageName stage={status.stage} />
        </p>
        <ActDate status={status} />
      </section>
      <section class="axis-card">
        <h2>{words.money}</h2>
        <MoneyCard status={status} />
      </section>
      <section class="axis-card">
        <h2>{words.delivery}</h2>
        <DeliveryCard status={status} />
      </section>
      <section class="axis-card">
        <h2>{words.condition}</h2>
        <p class="large">
          <ConditionChip condition={status.condition} />
        </p>
        <Due status={status} />
        <p class="quiet">
          {words.lastHeard} <RecordedAt instant={status.lastEventAt} />
        </p>
      </section>
    </div>
  )
}

function ActDate({ status: { stage, stageHistory } }: { readonly status: Status }) {
  const step = stageHistory.findLast((one) => one.stage === stage)
  if (step === undefined) return null
  return (
    <p>
      <When date={step.occurredOn} /> <a href={`#v${step.version}`}>#{step.version}</a>
    </p>
  )
}

const figures = ['requested', 'pledged', 'committed', 'disbursed'] as const

function MoneyCard({ status: { money, contested, lines } }: { readonly status: Status }) {
  const words = say.value.money
  const there = figures.filter((figure) => currenciesOf(money[figure]).length > 0)
  const disputed = contested.some(
    ({ event, resolved }) => resolved === null && lines.some(({ version }) => version === event),
  )
  if (there.length === 0 && money.undisclosed.length === 0) return <p class="quiet">{words.noAmounts}</p>
  return (
    <dl class="card-figures">
      {there.map((figure) => (
        <div key={figure}>
          <dt>{words[figure]}</dt>
          <dd>
            {currenciesOf(money[figure]).map((currency) => (
              <span class="amount-line" key={currency}>
                <Money money={{ value: money[figure][currency] ?? '0', currency }} />
                {disputed && figure === 'committed' ? (
                  <a class="contested-mark" href="#contested" title={say.value.contested}>
                    ≠<span class="spoken"> {say.value.contested}</span>
                  </a>
                ) : null}
              </span>
            ))}
          </dd>
        </div>
      ))}
      {money.undisclosed.length === 0 ? null : (
        <div class="sub">{words.undisclosedLines(money.undisclosed.length)}</div>
      )}
    </dl>
  )
}

function DeliveryCard({ status: { milestones, planned, delivery } }: { readonly status: Status }) {
  const words = say.value.proposal
  const met = milestones.filter(({ reached }) => reached?.outcome === 'met').length
  return (
    <>
      {milestones.length === 0 ? null : (
        <p class="large">
          <a href="#milestones">{words.milestonesMet(met, milestones.length)}</a>
        </p>
      )}
      {delivery.started === null ? null : (
        <p>
          {words.started} <When date={delivery.started.occurredOn} />
        </p>
      )}
      <p>
        {words.plannedStart} <When date={planned.start} />
      </p>
      <p>
        {words.plannedEnd} <When date={planned.end} />
      </p>
    </>
  )
}

/** The day from which it is overdue, and how long ago that was, on the selected day. */
function Due({ status: { due, condition } }: { readonly status: Status }) {
  const words = say.value.proposal
  if (due === null) return null
  const day = query.value.asOf ?? todayIn(readShell().timeZone)
  const late = condition === 'overdue' ? daysBetween(due.day, day) : null
  return (
    <p>
      {due.of === 'milestone' ? words.dueMilestone : words.dueEnd} <When date={due.day} />
      {late === null ? null : <b> · {say.value.daysLate(late)}</b>}
    </p>
  )
}
