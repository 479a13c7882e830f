import { generateKeyPairSync } from 'node:crypto'
import { emptyRoot, formatCheckpoint, makeCosignatureVerifier, makeCosigner, signNote } from '@commitments/transparency'
import t from 'tap'
import { type Anchor, checkWitnesses } from '../src/verify/anchors.ts'

const name = 'witness.example/w1'
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const verifier = makeCosignatureVerifier({ name, publicKey })
const checkpoint = { origin: 'log.example/public', size: 0, root: emptyRoot }
const within = { since: '2026-11-22T08:00:00.000123Z', now: new Date('2026-11-28T12:00:00Z') }

/** The findings for a checkpoint that the witness cosigned at these times. */
function found(...times: readonly string[]) {
  const signers = times.map((time) => makeCosigner({ name, privateKey, now: () => Date.parse(time) / 1000 }))
  const anchor: Anchor = {
    ...checkpoint,
    what: 'the checkpoint',
    note: signNote(formatCheckpoint(checkpoint), signers),
  }
  return checkWitnesses(anchor, [verifier], within)
}

t.test('a cosignature counts from the first event of the log up to now, give or take five minutes', (t) => {
  for (const time of ['2026-11-22T07:55:00Z', '2026-11-22T08:00:00Z', '2026-11-28T12:05:00Z'])
    t.match(found(time), { outcome: 'held' }, time)
  t.end()
})

t.test('one from before the log, or from the future, is reported and does not count', (t) => {
  for (const time of ['1970-01-01T00:00:01Z', '2026-11-22T07:54:59Z'])
    t.match(found(time), { outcome: 'not-checked', because: /is older than the log/ }, time)
  for (const time of ['2026-11-28T12:05:01Z', '2100-01-01T00:00:00Z', '+250000-01-01T00:00:00Z'])
    t.match(found(time), { outcome: 'not-checked', because: /a time that has not come/ }, time)
  t.end()
})

t.test('two by one witness, both correctly signed, are reported and do not count', (t) => {
  t.match(found('2026-11-25T00:00:00Z', '2026-11-26T00:00:00Z'), {
    outcome: 'not-checked',
    because: /has cosigned it twice/,
  })
  t.end()
})

t.test('a witness that has not cosigned is named', (t) => {
  const anchor = { ...checkpoint, what: 'the checkpoint', note: `${formatCheckpoint(checkpoint)}\n— other AAAAAAAA\n` }
  t.match(checkWitnesses(anchor, [verifier], within), {
    outcome: 'not-checked',
    because: `the checkpoint does not count as cosigned: it is not cosigned by ${name}`,
  })
  t.end()
})
