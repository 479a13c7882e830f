/** The evidence for the record: the signed log, what this browser saw of it, and whether the served data agree with it. */
import type { AnswerTo } from '@commitments/client'
import { addressOf, ask, askText } from '../data/ask.ts'
import { useReading } from '../data/reading.ts'
import { instantInWords } from '../dates/instants.ts'
import { Panel } from '../parts/panel.tsx'
import { Section } from '../parts/section.tsx'
import { ProofOfLog } from '../proof/of-log.tsx'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { Forks } from './forks.tsx'

export function LedgerPage() {
  const words = say.value.ledger
  useTitle(say.value.pages.ledger)
  const checkpoint = useReading(askText('/log/checkpoint'))
  const key = useReading(askText('/log/vkey'))
  const projections = useReading(ask('/v1/projections'))
  const forks = useReading(ask('/v1/log/forks'))
  return (
    <>
      <h1 tabIndex={-1}>{say.value.pages.ledger}</h1>
      <p class="lead">{words.lead}</p>
      <div class="columns">
        <Panel id="checkpoint" title={words.checkpoint} reading={checkpoint}>
          {(note) => <Checkpoint note={note} />}
        </Panel>
        <Panel id="key" title={words.key} reading={key}>
          {(vkey) => (
            <>
              <p>{words.keyMeans}</p>
              <pre class="note">{vkey.trim()}</pre>
            </>
          )}
        </Panel>
      </div>
      <Section id="checks" title={words.checks}>
        <ProofOfLog />
      </Section>
      <Panel id="projections" title={words.projections} reading={projections}>
        {(value) => <Projections value={value} />}
      </Panel>
      <Panel id="forks" title={words.forks} reading={forks}>
        {({ forks: all }) => <Forks all={all} />}
      </Panel>
    </>
  )
}

/** Name of the log, its length, the hash of its tree, and its signers. */
function Checkpoint({ note }: { readonly note: string }) {
  const words = say.value.ledger
  const [name = '', size = '', root = ''] = note.split('\n')
  return (
    <>
      <dl class="members">
        <div>
          <dt>{words.log}</dt>
          <dd>
            <code>{name}</code>
          </dd>
        </div>
        <div>
          <dt>{words.size}</dt>
          <dd>{size}</dd>
        </div>
        <div>
          <dt>{words.root}</dt>
          <dd>
            <code>{root}</code>
          </dd>
        </div>
      </dl>
      <details class="explain">
        <summary>{words.whole}</summary>
        <pre class="note">{note.trim()}</pre>
      </details>
      <p>
        <a href={addressOf('/log/checkpoint')} download>
          {words.download}
        </a>
      </p>
    </>
  )
}

function Projections({ value }: { readonly value: AnswerTo<'/v1/projections'> }) {
  const words = say.value.ledger
  return (
    <>
      {value.alarms.map(({ alarm, detail }) => (
        <p class="banner critical" key={alarm}>
          <code>{alarm}</code>: <span lang="en">{detail}</span>
        </p>
      ))}
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{words.model}</th>
            <th scope="col">{words.upTo}</th>
            <th scope="col">{words.behind}</th>
            <th scope="col">{words.drift}</th>
            <th scope="col">{words.parked}</th>
          </tr>
        </thead>
        <tbody>
          {value.projections.map(({ name, position, head, lag, drift, parkedTotal }) => (
            <tr key={name}>
              <th scope="row">
                {words.models[name]} <code class="sub">{name}</code>
              </th>
              <td data-label={words.upTo}>{words.ofHead(position, head)}</td>
              <td data-label={words.behind}>{lag.events === 0 ? words.notBehind : words.behindBy(lag.events)}</td>
              <td data-label={words.drift}>
                {drift.differing === 0
                  ? words.noDrift(Math.floor(drift.checkedShare * 100))
                  : words.drifted(drift.differing)}
                {drift.completedAt === null ? null : (
                  <span class="sub">{instantInWords(drift.completedAt, language.value, readShell().timeZone)}</span>
                )}
              </td>
              <td data-label={words.parked}>{parkedTotal}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
