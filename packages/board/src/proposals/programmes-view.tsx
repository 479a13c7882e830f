/** Programmes with their parts folded in, then the proposals that are in no programme. */
import type { AnswerTo } from '@commitments/client'
import { useState } from 'preact/hooks'
import { ask } from '../data/ask.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { ConditionChip } from '../parts/chips.tsx'
import { listOf } from '../parts/figure.ts'
import { NoAnswer } from '../parts/panel.tsx'
import { StageGlyph } from '../parts/stage.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { filtersOf, momentOf, without } from '../url/moment.ts'
import { MoneyOfRow } from './money-of-row.tsx'
import type { Row } from './pages-of-list.tsx'

const most = 100

/** The filters of the list apply to the parts: a programme is shown if any of its parts matches. */
export function ProgrammesView() {
  const words = say.value.list
  const asked = { ...filtersOf(query.value), ...momentOf(query.value) }
  const portfolio = useReading(ask('/v1/portfolio', asked))
  const counted = shownOf(portfolio)
  if (counted === null) return <NoAnswer reading={portfolio} />
  const { byParent, byParentNone, total } = counted
  if (total === 0) return <p class="empty">{words.empty}</p>
  return (
    <>
      <p class="quiet">{words.programmesMean}</p>
      <ul class="programmes">
        {byParent.map((programme) => (
          <Programme key={programme.proposalId} programme={programme} />
        ))}
      </ul>
      {byParentNone === 0 ? null : (
        <>
          <h2>
            <a href={listOf({ parent: 'none' })}>{words.inNoProgramme(byParentNone)}</a>
          </h2>
          <Parts parent="none" />
        </>
      )}
    </>
  )
}

function Programme({ programme }: { readonly programme: AnswerTo<'/v1/portfolio'>['byParent'][number] }) {
  const [open, setOpen] = useState(false)
  const { proposalId, title, total } = programme
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          {title === null ? proposalId : <Translated text={title} />} <b>{say.value.list.parts(total)}</b>
        </summary>
        <p>
          <a href={hrefOf({ name: 'proposal', proposalId })}>{say.value.list.openProgramme}</a> ·{' '}
          <a href={listOf({ parent: proposalId })}>{say.value.list.partsAsList}</a>
        </p>
        {open ? <Parts parent={proposalId} /> : null}
      </details>
    </li>
  )
}

function Parts({ parent }: { readonly parent: string }) {
  const filters = without(filtersOf(query.value), ['parent'])
  const question = {
    ...filters,
    ...momentOf(query.value),
    parent,
    sort: 'title',
    limit: most,
  } as const
  const reading = useReading(askRows(question, 'proposalId', 'title', 'kind', 'stage', 'condition', 'money'))
  if (reading.answer === null) return <NoAnswer reading={reading} />
  const { proposals, total } = reading.answer.value
  return (
    <>
      <ul class="parts">
        {proposals.map((row) => (
          <Part key={row.proposalId} row={row} />
        ))}
      </ul>
      {total <= proposals.length ? null : <a href={listOf({ parent })}>{say.value.list.allParts(total)}</a>}
    </>
  )
}

type PartRow = Pick<Row, 'proposalId' | 'title' | 'kind' | 'stage' | 'condition' | 'money'>

function Part({ row }: { readonly row: PartRow }) {
  const { proposalId, title, kind, stage, condition, money } = row
  return (
    <li>
      <span class="part-title">
        <StageGlyph stage={stage} />
        <span class="spoken">{labelOf('stages', stage)}</span>{' '}
        <a href={hrefOf({ name: 'proposal', proposalId })}>
          <Translated text={title} />
        </a>
        <span class="sub">{labelOf('kinds', kind)}</span>
      </span>
      <ConditionChip condition={condition} />
      <MoneyOfRow money={money} />
    </li>
  )
}
