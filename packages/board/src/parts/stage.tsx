/** A stage: its word, and a clock that fills, so that it can be read without colour. */
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import type { Stage } from '../url/codes.ts'

/** The filled part of the circle; a closed stage has a tick. */
const filled: Readonly<Record<Stage, string | null>> = {
  proposed: null,
  agreed: 'M8 8V2a6 6 0 0 1 6 6z',
  funded: 'M8 2a6 6 0 0 1 0 12z',
  delivered: 'M8 2a6 6 0 0 1 0 12a6 6 0 0 1 0-12z',
  closed: 'M8 2a6 6 0 0 1 0 12a6 6 0 0 1 0-12z',
}

export function StageGlyph({ stage }: { readonly stage: Stage }) {
  const fill = filled[stage]
  return (
    <svg class={`stage-glyph stage-${stage}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" />
      {fill === null ? null : <path d={fill} fill="currentColor" />}
      {stage === 'closed' ? <path class="tick" d="M5 8.2l2.1 2.1L11 6" fill="none" stroke-width="1.8" /> : null}
    </svg>
  )
}

export function StageName({ stage }: { readonly stage: Stage }) {
  return (
    <span class="stage-name" title={meaningOf('stages', stage)}>
      <StageGlyph stage={stage} /> {labelOf('stages', stage)}
    </span>
  )
}
