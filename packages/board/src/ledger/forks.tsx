/** Accepted restores: which log replaced which, what was given up, and why, in the words of the operator. */
import type { AnswerTo } from '@commitments/client'
import { labelOf, meaningOf } from '../data/vocabulary.ts'
import { RecordedAt } from '../parts/dates.tsx'
import { say } from '../texts/reader.ts'

type Fork = AnswerTo<'/v1/log/forks'>['forks'][number]

export function Forks({ all }: { readonly all: readonly Fork[] }) {
  const words = say.value.ledger
  if (all.length === 0) return <p>{words.noForks}</p>
  return (
    <ul class="plain">
      {all.map((fork) => (
        <li key={[fork.newLogId, fork.source, fork.witness].join(' ')}>
          <p>
            <RecordedAt instant={fork.recordedAt} />: <code>{fork.oldLogId}</code> → <code>{fork.newLogId}</code>
          </p>
          <LastSigned fork={fork} />
          <p>
            {words.operatorsWord} <q lang="en">{fork.reason}</q>
          </p>
        </li>
      ))}
    </ul>
  )
}

/** The second line of a checkpoint is the number of its events. */
function LastSigned({ fork: { note, source, witness, firstPosition } }: { readonly fork: Fork }) {
  const words = say.value.ledger
  if (note === null) return null
  const size = Number(note.split('\n')[1])
  return (
    <p>
      {words.lastSigned(size)} (<span title={meaningOf('forkSources', source)}>{labelOf('forkSources', source)}</span>
      {witness === null ? '' : `, ${witness}`}
      ). {size < firstPosition ? words.gaveNothingUp : words.gaveUp(firstPosition, size)}
    </p>
  )
}
