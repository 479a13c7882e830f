/** What this browser can say about the whole log: signature, key, continuity, and who else signed. */
import { useState } from 'preact/hooks'
import { head } from '../data/connection.ts'
import { RecordedAt } from '../parts/dates.tsx'
import { FailureNote, Skeleton } from '../parts/panel.tsx'
import { say } from '../texts/reader.ts'
import type { CheckedLog, LogResult } from './check.ts'
import { BeginAnew, ContinuityLine, Fingerprints, KeyLine, SignatureLine } from './lines.tsx'
import { keeping } from './memory.ts'
import { useCheck } from './use-check.ts'

export function ProofOfLog() {
  const words = say.value.proof
  const [begun, begin] = useState(0)
  const { position, logId } = head.value ?? { position: 0, logId: '' }
  const { result, failure, retry } = useCheck<LogResult>({
    key: JSON.stringify([logId, position, begun]),
    run: (checks, service) => checks.checkLogOf(service, keeping),
    isOpen: (log) => log.outcome === 'verified' && log.checkpoint.size < position,
  })
  return (
    <>
      {failure === null ? null : <FailureNote failure={failure} retry={retry} />}
      {result === null ? (
        failure === null ? (
          <Skeleton says={words.checking} />
        ) : null
      ) : (
        <Checks log={result} again={() => begin((count) => count + 1)} />
      )}
    </>
  )
}

function Checks({ log, again }: { readonly log: LogResult; readonly again: () => void }) {
  const words = say.value.ledger
  if (log.outcome !== 'verified') {
    return (
      <ul class="checks plain">
        <SignatureLine log={log} />
      </ul>
    )
  }
  return (
    <>
      <ul class="checks plain">
        <SignatureLine log={log} />
        <KeyLine state={log.key} />
        <ContinuityLine log={log} />
      </ul>
      <BeginAnew log={log} again={again} />
      <dl class="members">
        <div>
          <dt>{words.fingerprint}</dt>
          <dd>
            <Fingerprints all={log.signers.map(({ fingerprint }) => fingerprint)} />
          </dd>
        </div>
      </dl>
      <h3>{words.witnesses}</h3>
      <Witnesses log={log} />
    </>
  )
}

function Witnesses({ log: { cosignatures } }: { readonly log: CheckedLog }) {
  const words = say.value.ledger
  if (cosignatures.length === 0) return <p>{words.noWitnesses}</p>
  return (
    <>
      <ul class="plain">
        {cosignatures.map(({ name, at }) => (
          <li key={name}>
            <code>{name}</code> {words.cosigned} <RecordedAt instant={at} />
          </li>
        ))}
      </ul>
      <p class="quiet">{words.witnessesMean}</p>
    </>
  )
}
