/** The proof of one proposal: each event that is shown, the checkpoint, and whether the log continued what this browser saw. */
import { useMemo } from 'preact/hooks'
import { addressOf } from '../data/ask.ts'
import { FailureNote, Skeleton } from '../parts/panel.tsx'
import { say } from '../texts/reader.ts'
import { hrefOf } from '../url/location.ts'
import type { ProposalResult } from './check.ts'
import type { CheckedEvents, ShownEvent } from './events.ts'
import { CheckLine, ContinuityLine, KeyLine, SignatureLine } from './lines.tsx'
import { isInLog, noteInLog } from './marks.ts'
import { keeping } from './memory.ts'
import { useCheck } from './use-check.ts'

interface ProofProps {
  readonly proposalId: string
  /** The log of the answer that is shown. */
  readonly logId: string
  readonly events: readonly ShownEvent[]
  /** So many events the status has that is shown beside them. */
  readonly version: number
}

export function ProofOfProposal({ proposalId, logId, events, version }: ProofProps) {
  const words = say.value.proof
  // An event that changed is checked again.
  const key = useMemo(() => JSON.stringify([logId, version, events]), [logId, version, events])
  const { result, failure, retry } = useCheck<ProposalResult>({
    key: `${proposalId} ${key}`,
    run: async (checks, service) => {
      const result = await checks.checkProposal(service, keeping, { proposalId, shown: events, version })
      const inLog = new Set(result.events?.inLog)
      noteInLog(events.filter(({ version }) => inLog.has(version)))
      return result
    },
    isOpen: (result) => (result.events?.notYet.length ?? 0) > 0,
  })
  return (
    <>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      {result === null ? failure === null ? <Checking /> : null : <Lines result={result} events={events} />}
      <details class="explain">
        <summary>{words.what}</summary>
        <p>{words.whatMeans}</p>
        <p>
          <a href={addressOf('/audit/audit.html')} lang="en" hreflang="en">
            {words.forAuditors}
          </a>
        </p>
      </details>
      <p>
        <a href={hrefOf({ name: 'ledger' })}>{words.toLedger}</a>
      </p>
    </>
  )
}

function Checking() {
  return <Skeleton says={say.value.proof.checking} />
}

function Lines({ result, events: shown }: { readonly result: ProposalResult; readonly events: readonly ShownEvent[] }) {
  const words = say.value.proof
  const { log, events } = result
  return (
    <ul class="checks plain">
      <SignatureLine log={log} />
      {log.outcome === 'verified' ? <KeyLine state={log.key} /> : null}
      {events === null ? null : <EventLines events={events} shown={shown} />}
      {log.outcome === 'verified' ? <ContinuityLine log={log} /> : null}
      {log.outcome === 'verified' && events === null ? <li>{words.checking}</li> : null}
    </ul>
  )
}

interface EventLinesProps {
  readonly events: CheckedEvents
  readonly shown: readonly ShownEvent[]
}

function EventLines({ events, shown }: EventLinesProps) {
  const words = say.value.proof
  const { notYet, differing, erased } = events
  const byVersion = new Map(shown.map((event) => [event.version, event]))
  // What is shown may have changed since the check.
  const inLog = events.inLog.filter((version) => {
    const event = byVersion.get(version)
    return event === undefined || isInLog(event)
  })
  return (
    <>
      {differing.length === 0 ? null : (
        <CheckLine mark="bad">
          {words.differing}{' '}
          {differing.map((version) => (
            <EventLink key={version} version={version} isShown={byVersion.has(version)} />
          ))}
        </CheckLine>
      )}
      {inLog.length === 0 ? null : <CheckLine mark="ok">{words.events(inLog.length, shown.length)}</CheckLine>}
      {erased.length === 0 ? null : (
        <CheckLine mark="caution">
          {words.erased(erased.length)}{' '}
          {erased.map((version) => (
            <EventLink key={version} version={version} isShown={byVersion.has(version)} />
          ))}
        </CheckLine>
      )}
      {notYet.length === 0 ? null : <CheckLine mark="unable">{words.notYet(notYet.length)}</CheckLine>}
    </>
  )
}

function EventLink({ version, isShown }: { readonly version: number; readonly isShown: boolean }) {
  if (!isShown) {
    return (
      <span>
        #{version} ({say.value.proof.missing}){' '}
      </span>
    )
  }
  return (
    <>
      <a href={`#v${version}`}>#{version}</a>{' '}
    </>
  )
}
