/** Conditions and other marks for attention: a glyph, a word and a tone; the first two are enough. */
import type { ComponentChildren } from 'preact'
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { say } from '../texts/reader.ts'
import type { Condition } from '../url/codes.ts'

type Tone = 'critical' | 'warning' | 'good' | 'quiet' | 'unknown' | 'contested'

const looks: Readonly<Record<Condition, { readonly tone: Tone; readonly glyph: string }>> = {
  overdue: { tone: 'critical', glyph: '◆' },
  'at-risk': { tone: 'warning', glyph: '▲' },
  'due-soon': { tone: 'warning', glyph: '◷' },
  suspended: { tone: 'warning', glyph: '‖' },
  stale: { tone: 'quiet', glyph: '◌' },
  unknown: { tone: 'unknown', glyph: '?' },
  'on-track': { tone: 'good', glyph: '→' },
  done: { tone: 'quiet', glyph: '✓' },
  ended: { tone: 'quiet', glyph: '⊘' },
}

interface ChipProps {
  readonly tone: Tone
  readonly glyph: string
  readonly title?: string
  /** The link of a figure. */
  readonly href?: string
  readonly children: ComponentChildren
}

export function Chip({ tone, glyph, title, href, children }: ChipProps) {
  const inner = (
    <>
      <span class="glyph" aria-hidden="true">
        {glyph}
      </span>{' '}
      {children}
    </>
  )
  if (href === undefined) {
    return (
      <span class={`chip ${tone}`} title={title}>
        {inner}
      </span>
    )
  }
  return (
    <a class={`chip ${tone}`} href={href} title={title}>
      {inner}
    </a>
  )
}

export function conditionGlyph(condition: Condition): string {
  return looks[condition].glyph
}

/** The condition of one proposal. For "unknown", the chip says what it means: no date is known. */
export function ConditionChip({ condition }: { readonly condition: Condition }) {
  const { tone, glyph } = looks[condition]
  return (
    <Chip tone={tone} glyph={glyph} title={meaningOf('conditions', condition)}>
      {conditionName(condition)}
    </Chip>
  )
}

/** The number of proposals in a condition. Zero has no tone, because nothing is wrong. */
export function ConditionFigure({
  condition,
  count,
  href,
}: {
  readonly condition: Condition
  readonly count: number
  readonly href: string
}) {
  const { tone, glyph } = looks[condition]
  return (
    <Chip tone={count === 0 ? 'quiet' : tone} glyph={glyph} href={href} title={meaningOf('conditions', condition)}>
      <b>{count}</b> {lowered(conditionName(condition))}
    </Chip>
  )
}

export function conditionName(condition: Condition): string {
  return condition === 'unknown' ? say.value.noDateKnown : labelOf('conditions', condition)
}

/** Within a phrase such as "6 overdue". */
export function lowered(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1)
}

export function ContestedChip({ href }: { readonly href?: string }) {
  return (
    <Chip tone="contested" glyph="≠" {...(href !== undefined && { href })} title={say.value.contestedMeans}>
      {say.value.contested}
    </Chip>
  )
}
