/** The five stages, side by side: glyph, word, number and a bar from zero; and separately the number of ended proposals. */
import { labelOf } from '../data/vocabulary.ts'
import { lowered } from '../parts/chips.tsx'
import { listOf, type Portfolio } from '../parts/figure.ts'
import { NewProposalLink } from '../parts/new-proposal-link.tsx'
import { StageName } from '../parts/stage.tsx'
import { say } from '../texts/reader.ts'
import { endings, stages } from '../url/codes.ts'

export function Pipeline({ portfolio }: { readonly portfolio: Portfolio }) {
  const countOf = (stage: string) => portfolio.byStage[stage] ?? 0
  const largest = Math.max(1, ...stages.map(countOf))
  return (
    <>
      <ol class="pipeline" data-day={portfolio.day}>
        {stages.map((stage) => (
          <li key={stage} class={`stage-${stage}`}>
            <a href={listOf({ stage: [stage] })}>
              <StageName stage={stage} /> <b class="figure">{countOf(stage)}</b>
              <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect class="ground" width="100" height="4" />
                <rect class="fill" width={(countOf(stage) / largest) * 100} height="4" />
              </svg>
            </a>
          </li>
        ))}
      </ol>
      <p class="in-all">
        <a href={listOf({})}>{say.value.overview.inAll(portfolio.total)}</a>
        <Endings portfolio={portfolio} />
        <NewProposalLink class="no-print" />
      </p>
    </>
  )
}

/** Endings are not stages: they are shown separately, and only those that occur. */
function Endings({ portfolio }: { readonly portfolio: Portfolio }) {
  const there = endings.filter((ending) => (portfolio.byEnding[ending] ?? 0) > 0)
  if (there.length === 0) return <span>{say.value.overview.noneEnded}</span>
  return (
    <>
      {there.map((ending) => (
        <a key={ending} href={listOf({ ending: [ending] })}>
          <b>{portfolio.byEnding[ending]}</b> {lowered(labelOf('endings', ending))}
        </a>
      ))}
    </>
  )
}
