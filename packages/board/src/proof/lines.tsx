/** The results of the checks, each as one line with its mark: ✓ only for what was checked here. */
import type { ComponentChildren } from 'preact'
import { instantInWords } from '../dates/instants.ts'
import { readShell } from '../shell.ts'
import { language, say } from '../texts/reader.ts'
import type { CheckedLog, LogResult } from './check.ts'
import type { Continuity, Kept, KeyState } from './continuity.ts'
import { forgetKept, keptEarlier } from './memory.ts'

type Mark = 'ok' | 'bad' | 'unable' | 'caution'

const glyphs: Readonly<Record<Mark, string>> = { ok: '✓', bad: '✗', unable: '?', caution: '!' }

export function CheckLine({ mark, children }: { readonly mark: Mark; readonly children: ComponentChildren }) {
  return (
    <li class={`check ${mark}`}>
      <span class="glyph" aria-hidden="true">
        {glyphs[mark]}
      </span>
      <div>
        <b>{say.value.proof.marks[mark]}</b>: {children}
      </div>
    </li>
  )
}

export function SignatureLine({ log }: { readonly log: LogResult }) {
  const words = say.value.proof
  if (log.outcome === 'unable') return <CheckLine mark="unable">{words.unable[log.why]}</CheckLine>
  if (log.outcome === 'mismatch') return <CheckLine mark="bad">{words.unsigned[log.why]}</CheckLine>
  return <CheckLine mark="ok">{words.signed(log.checkpoint.size)}</CheckLine>
}

export function KeyLine({ state }: { readonly state: KeyState }) {
  const words = say.value.proof
  if (state.outcome === 'known') return <CheckLine mark="ok">{words.keyKnown}</CheckLine>
  if (state.outcome === 'first') return <CheckLine mark="caution">{words.keyFirst}</CheckLine>
  if (state.outcome === 'being-replaced') {
    return (
      <CheckLine mark="caution">
        {words.keyAdded} <Fingerprints all={state.added.map(({ fingerprint }) => fingerprint)} />
      </CheckLine>
    )
  }
  return (
    <CheckLine mark="caution">
      {words.keyReplaced(state.wasBeside)} {words.knownKey} <Fingerprints all={state.known} />
    </CheckLine>
  )
}

export function Fingerprints({ all }: { readonly all: readonly string[] }) {
  return (
    <>
      {all.map((fingerprint) => (
        <code class="hash" key={fingerprint}>
          {fingerprint}
        </code>
      ))}
    </>
  )
}

export function ContinuityLine({ log }: { readonly log: CheckedLog }) {
  const words = say.value.proof
  const { continuity, before } = log
  const day = before === null ? '' : inWords(before.at)
  switch (continuity.outcome) {
    case 'first':
      return <CheckLine mark="caution">{words.first}</CheckLine>
    case 'continued':
      return <Continued />
    case 'older':
      return <CheckLine mark="unable">{words.older(continuity.from)}</CheckLine>
    case 'rewritten':
      return <CheckLine mark="bad">{words.rewritten(continuity.from, day)}</CheckLine>
    case 'other-log':
      return <CheckLine mark="bad">{words.otherLog(continuity.logId)}</CheckLine>
    case 'restored':
      return <Restored continuity={continuity} />
    default:
      return continuity satisfies never
  }
}

/** What an earlier visit kept was continued by all that was kept since, and this checkpoint continues that. */
function Continued() {
  const words = say.value.proof
  const earlier = keptEarlier()
  if (earlier === null) return <CheckLine mark="caution">{words.first}</CheckLine>
  return <CheckLine mark="ok">{words.continued(sizeOf(earlier), inWords(earlier.at))}</CheckLine>
}

function Restored({ continuity }: { readonly continuity: Extract<Continuity, { readonly outcome: 'restored' }> }) {
  const words = say.value.proof
  const { fork, from, intact } = continuity
  return (
    <>
      <CheckLine mark="caution">
        {words.restored(inWords(fork.recordedAt))} <q lang="en">{fork.reason}</q>
      </CheckLine>
      {intact ? (
        <CheckLine mark="ok">{words.restoredIntact(from)}</CheckLine>
      ) : (
        <CheckLine mark="unable">{words.restoredFrom(fork.firstPosition, from)}</CheckLine>
      )}
    </>
  )
}

/** What contradicts the present log stays until the reader has seen it. */
export function BeginAnew({ log, again }: { readonly log: CheckedLog; readonly again: () => void }) {
  const words = say.value.proof
  const { continuity, key, before } = log
  const isSettled =
    continuity.outcome === 'first' || continuity.outcome === 'continued' || continuity.outcome === 'older'
  if (before === null || (isSettled && key.outcome !== 'replaced')) return null
  const anew = () => {
    forgetKept()
    again()
  }
  return (
    <>
      <KeptNote kept={before} />
      <p>
        <button type="button" onClick={anew}>
          {words.beginAnew}
        </button>
      </p>
    </>
  )
}

function KeptNote({ kept: { note, at } }: { readonly kept: Kept }) {
  return (
    <details class="explain">
      <summary>
        {say.value.proof.keptHere} ({inWords(at)})
      </summary>
      <pre class="note">{note.trim()}</pre>
    </details>
  )
}

/** The second line of a checkpoint is the number of its events. */
function sizeOf({ note }: Kept): number {
  return Number(note.split('\n')[1])
}

function inWords(instant: string): string {
  return instantInWords(instant, language.value, readShell().timeZone)
}
