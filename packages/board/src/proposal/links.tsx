/** Its programme, its parts and its other links, each with a title. */
import { useReading } from '../data/reading.ts'
import { askRows } from '../data/rows.ts'
import { labelOf } from '../data/vocabulary.ts'
import { Section } from '../parts/section.tsx'
import { StageName } from '../parts/stage.tsx'
import { Translated } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import type { Stage } from '../url/codes.ts'
import { hrefOf, query } from '../url/location.ts'
import { momentOf } from '../url/moment.ts'
import type { Status } from './status.ts'

/** The most that are named by their titles; the list has all of them. */
const most = 100

export function LinksPart({ status }: { readonly status: Status }) {
  const words = say.value.proposal
  const { proposalId, links, parent, related } = status
  const children = related?.children ?? []
  const linkedFrom = related?.linkedFrom ?? []
  const ids = [
    ...links.map(({ other }) => other),
    ...children.map((one) => one.proposalId),
    ...linkedFrom.map((one) => one.proposalId),
    ...(parent === null ? [] : [parent]),
  ]
  const wanted = [...new Set(ids)].toSorted().slice(0, most)
  const titles = useReading(
    wanted.length === 0
      ? null
      : askRows({ ids: wanted, ...momentOf(query.value), limit: most }, 'proposalId', 'title', 'stage'),
  )
  if (ids.length === 0) return null
  const known = new Map(titles.answer?.value.proposals.map((row) => [row.proposalId, row]))
  const item = (id: string, version?: number) => (
    <>
      <a href={hrefOf({ name: 'proposal', proposalId: id })}>
        {known.has(id) ? <Translated text={known.get(id)?.title ?? {}} /> : id}
      </a>
      <StageOf stage={known.get(id)?.stage} />
      {version === undefined ? null : (
        <>
          {' '}
          <a href={`#v${version}`}>#{version}</a>
        </>
      )}
    </>
  )
  return (
    <Section id="links" title={words.sections.links}>
      {parent === null ? null : (
        <>
          <h3>{words.partOf}</h3>
          <p>{item(parent)}</p>
        </>
      )}
      {children.length === 0 ? null : (
        <>
          <h3>
            <a href={hrefOf({ name: 'proposals' }, { parent: proposalId })}>
              {words.parts(related?.childrenTotal ?? 0)}
            </a>
          </h3>
          <ul class="plain">
            {children.map((one) => (
              <li key={one.proposalId}>{item(one.proposalId)}</li>
            ))}
          </ul>
        </>
      )}
      {links.filter(({ relation }) => relation !== 'child').length === 0 ? null : (
        <ul class="plain">
          {links
            .filter(({ relation }) => relation !== 'child')
            .map(({ relation, other, version }) => (
              <li key={version}>
                <span class="tag">{labelOf('relations', relation)}</span> {item(other, version)}
              </li>
            ))}
        </ul>
      )}
      {linkedFrom.length === 0 ? null : (
        <>
          <h3>{words.linkedFrom}</h3>
          <ul class="plain">
            {linkedFrom.map((one) => (
              <li key={`${one.proposalId} ${one.relation}`}>
                {item(one.proposalId)} <span class="tag">{labelOf('relations', one.relation)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  )
}

function StageOf({ stage }: { readonly stage: Stage | undefined }) {
  return stage === undefined ? null : (
    <span class="quiet">
      {' '}
      · <StageName stage={stage} />
    </span>
  )
}
