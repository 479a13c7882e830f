/** Everything about one proposal, on one page without tabs: it is read and printed in the same order. */
import { ask } from '../data/ask.ts'
import { shownOf, useReading } from '../data/reading.ts'
import { FailureNote, isBusy, Skeleton } from '../parts/panel.tsx'
import { PartyNames } from '../parts/party.tsx'
import { best, type LanguageMap } from '../parts/translated.tsx'
import { say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { hereWith, hrefOf, query } from '../url/location.ts'
import { isPast, momentOf } from '../url/moment.ts'
import { AgreementPart } from './agreement.tsx'
import { Axes } from './axes.tsx'
import { Contests } from './contests.tsx'
import { Course } from './course.tsx'
import { useEvents } from './events.ts'
import { EvidencePart } from './evidence.tsx'
import { FieldsOverTime } from './fields-over-time.tsx'
import { Head } from './head.tsx'
import { LinksPart } from './links.tsx'
import { MilestonesPart } from './milestones.tsx'
import { MoneyPart } from './money-part.tsx'
import { PartiesPart } from './parties.tsx'
import { ProofPart } from './proof.tsx'
import { SectionLinks } from './section-links.tsx'
import type { Status } from './status.ts'
import { StatusMap } from './status-map.tsx'
import { TimelinePart } from './timeline.tsx'

export function ProposalPage({ proposalId }: { readonly proposalId: string }) {
  const reading = useReading(ask('/v1/proposals/{proposalId}', momentOf(query.value), { proposalId }))
  const { failure, retry } = reading
  const status = shownOf(reading)
  useTitle(status === null ? proposalId : best(status.title).text)
  if (status === null && failure !== null) {
    return (
      <>
        <h1 tabIndex={-1}>{proposalId}</h1>
        {failure.code === 'unknown-proposal' && isPast(query.value) ? (
          <NothingThen />
        ) : (
          <>
            <FailureNote failure={failure} retry={retry} />
            <p>
              <a href={hrefOf({ name: 'proposals' }, { q: proposalId.replaceAll('-', ' ') })}>
                {say.value.proposal.searchInstead}
              </a>
            </p>
          </>
        )}
      </>
    )
  }
  if (status === null) return <Skeleton />
  return (
    <div aria-busy={isBusy(reading)}>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      <PartyNames.Provider value={namesOf(status)}>
        <Whole status={status} />
      </PartyNames.Provider>
    </div>
  )
}

/** It may well be there at another moment. */
function NothingThen() {
  return (
    <>
      <p class="empty">{say.value.proposal.nothingThen}</p>
      <p>
        <a href={hereWith({ asOf: undefined, knownAt: undefined, knownAtPosition: undefined })}>
          {say.value.time.back}
        </a>
      </p>
    </>
  )
}

function Whole({ status }: { readonly status: Status }) {
  const history = useEvents(status)
  return (
    <article class="proposal">
      <Head status={status} />
      <Axes status={status} />
      <Contests status={status} history={history} />
      <SectionLinks status={status} />
      <TimelinePart status={status} history={history} />
      <MoneyPart status={status} />
      <MilestonesPart status={status} />
      <AgreementPart status={status} />
      <Course status={status} />
      <PartiesPart status={status} />
      <LinksPart status={status} />
      <EvidencePart history={history} />
      <FieldsOverTime status={status} />
      <StatusMap status={status} />
      <ProofPart status={status} history={history} />
    </article>
  )
}

export function namesOf({ parties, formerParties }: Status): ReadonlyMap<string, LanguageMap> {
  const named = [...formerParties, ...parties].flatMap(({ party, name }) =>
    name === undefined ? [] : [[party, name] as const],
  )
  return new Map(named)
}
