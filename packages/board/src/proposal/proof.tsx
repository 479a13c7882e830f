/** The section with the proof. */
import { FailureNote, Skeleton } from '../parts/panel.tsx'
import { Section } from '../parts/section.tsx'
import { ProofOfProposal } from '../proof/of-proposal.tsx'
import { say } from '../texts/reader.ts'
import type { History } from './events.ts'
import type { Status } from './status.ts'

export function ProofPart({ status, history }: { readonly status: Status; readonly history: History }) {
  const { answer, failure, retry } = history.reading
  const { proposalId } = status
  return (
    <Section id="proof" title={say.value.proposal.sections.proof}>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      {answer !== null ? (
        <ProofOfProposal
          proposalId={proposalId}
          logId={answer.logId}
          events={answer.value.events.map(({ event }) => event)}
        />
      ) : failure === null ? (
        <Skeleton />
      ) : null}
    </Section>
  )
}
