/** The section with the proof. */
import { useMemo } from 'preact/hooks'
import { FailureNote, Skeleton } from '../parts/panel.tsx'
import { Section } from '../parts/section.tsx'
import { ProofOfProposal } from '../proof/of-proposal.tsx'
import { say } from '../texts/reader.ts'
import type { History } from './events.ts'
import type { Status } from './status.ts'

export function ProofPart({ status, history }: { readonly status: Status; readonly history: History }) {
  const { answer, failure, retry } = history.reading
  const { proposalId } = status
  const events = useMemo(() => answer?.value.events.map(({ event }) => event) ?? [], [answer])
  return (
    <Section id="proof" title={say.value.proposal.sections.proof}>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      {answer !== null ? (
        <ProofOfProposal
          proposalId={proposalId}
          logId={answer.logId}
          events={events}
          version={answer.position >= status.position ? status.version : 0}
        />
      ) : failure === null ? (
        <Skeleton />
      ) : null}
    </Section>
  )
}
