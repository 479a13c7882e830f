import { generateKeyPairSync } from 'node:crypto'
import {
  cosignatureTime,
  formatCheckpoint,
  leafHash,
  makeCosigner,
  makeSigner,
  openCheckpoint,
  openCosignatures,
  parseVerifierKey,
  parseWitnessKey,
  signNote,
  verifierKey,
  witnessKey,
} from '@commitments/transparency'
import t from 'tap'

// A checkpoint of a public log (the Certificate Transparency staging log arche2025h1), as it was published with the cosignatures of four
// public witnesses; and the verifier keys of the log and of one of them. It also has a signature of a type that we do not know.
const published = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`
const logKey = 'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f'
const remoraKey = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'

const known = <Key>(key: Key | null): Key => {
  if (key === null) throw new Error('The key is one')
  return key
}

t.test("a public log's checkpoint opens with its key, and a public witness's cosignature holds", async (t) => {
  const opened = openCheckpoint(published, { verifiers: [known(parseVerifierKey(logKey))] })
  t.match(opened, { outcome: 'verified', checkpoint: { size: 1432088532 } })
  const cosigned = openCosignatures(published, [known(parseWitnessKey(remoraKey))])
  t.match(cosigned, { outcome: 'opened', cosignatures: [{ name: 'remora.n621.de', time: 0x6a122120 }] })
})

t.test('the cosignature of another text is refused', async (t) => {
  const altered = published.replace('\n1432088532\n', '\n42\n')
  t.match(openCosignatures(altered, [known(parseWitnessKey(remoraKey))]), {
    outcome: 'bad-signature',
    name: 'remora.n621.de',
  })
})

t.test("a witness's key is no log's key, and the other way round", async (t) => {
  t.equal(parseVerifierKey(remoraKey), null)
  t.equal(parseWitnessKey(logKey), null)
  t.equal(parseWitnessKey(''), null)
})

const origin = 'log.example/a'
const text = formatCheckpoint({ origin, size: 1, root: leafHash(Buffer.from('a')) })
const { privateKey } = generateKeyPairSync('ed25519')
const name = 'witness.example/w1'
const verifier = known(parseWitnessKey(witnessKey(name, privateKey)))
const cosigner = (time: number) => makeCosigner({ name, privateKey, now: () => time })

t.test('a cosignature covers the time and the whole text', async (t) => {
  const note = signNote(text, [cosigner(1679315147)])
  t.match(openCosignatures(note, [verifier]), { outcome: 'opened', cosignatures: [{ name, time: 1679315147 }] })
  const extended = note.replace('\n\n', '\nan extension\n\n')
  t.match(openCosignatures(extended, [verifier]), { outcome: 'bad-signature' }, 'extension lines are covered as well')
})

t.test('the time of a cosignature cannot be changed', async (t) => {
  const signature = cosigner(1679315147).sign(text)
  t.ok(verifier.verify(text, signature))
  signature[7] = (signature[7] as number) ^ 1
  t.notOk(verifier.verify(text, signature))
})

t.test('a cosignature is not a log signature by the same key, and vice versa', async (t) => {
  const log = makeSigner({ name, privateKey })
  const asLog = known(parseVerifierKey(verifierKey(name, privateKey)))
  t.not(log.keyId, verifier.keyId)
  t.notOk(verifier.verify(text, log.sign(text)))
  t.notOk(asLog.verify(text, cosigner(1).sign(text)))
  const note = signNote(text, [log, cosigner(1)])
  t.match(openCosignatures(note, [verifier]), { outcome: 'opened', cosignatures: [{ time: 1 }] })
  t.match(openCheckpoint(note, { origin, verifiers: [asLog] }), { outcome: 'verified' })
})

t.test('without a time, or with an unusable one, it is not a cosignature', async (t) => {
  const timed = (high: number, low: number, length = 72) => {
    const bytes = Buffer.alloc(length)
    bytes.writeUInt32BE(high, 0)
    bytes.writeUInt32BE(low, 4)
    return bytes
  }
  t.equal(cosignatureTime(timed(0, 1679315147)), 1679315147)
  for (const wrong of [
    timed(0, 0),
    timed(0xffffffff, 0xffffffff),
    timed(0x80000000, 0),
    timed(0, 1, 71),
    timed(0, 1, 73),
    Buffer.alloc(0),
  ]) {
    t.equal(cosignatureTime(wrong), null)
    t.notOk(verifier.verify(text, wrong))
  }
  for (const time of [0, -1, 1.5, Number.NaN]) t.throws(() => cosigner(time).sign(text), RangeError, String(time))
})

t.test('a witness that cosigned twice counts once; unknown witnesses do not count', async (t) => {
  const note = signNote(text, [
    cosigner(10),
    cosigner(20),
    makeCosigner({ name: 'stranger', privateKey, now: () => 30 }),
  ])
  t.match(openCosignatures(note, [verifier]), { outcome: 'opened', cosignatures: [{ name, time: 10 }] })
  t.strictSame(openCosignatures(note, []), { outcome: 'opened', cosignatures: [], again: [] })
  t.match(openCosignatures('no note', [verifier]), { outcome: 'malformed' })
})
