import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@commitments/test-kit'
import { newKey } from '@commitments/test-kit/services'
import { verifierKey } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { verify } from '../src/index.ts'
import { fingerprintOf } from '../src/log/keys.ts'
import { verifyProof } from '../src/proof/verify.ts'
import { openAudited, recordPortfolio } from './services.ts'

t.setTimeout(120_000)

const position = 42

/** A proof and its line as an auditor keeps them, and a memory of the log. */
async function keptProof(t: Test) {
  const audited = await openAudited(t)
  await audited.signed(await recordPortfolio(audited))
  const place = temporaryFolder(t)
  const take = async (path: string, accept = '*/*') =>
    (await fetch(`${audited.url}${path}`, { headers: { accept } })).text()
  const text = await take(`/v1/log/proofs/${position}.tlog-proof`)
  const lineText = await take(`/v1/events?after=${position - 1}&limit=1`, 'application/x-ndjson')
  const vkey = (await take('/log/vkey')).trim()
  const [proof, line] = [join(place, 'proof'), join(place, 'line')]
  writeFileSync(proof, text)
  writeFileSync(line, lineText)
  return { audited, place, proof, line, text, lineText, vkey }
}

t.test('a kept proof, its line and the key from elsewhere show that the event stood in the signed log', async (t) => {
  const { audited, place, proof, line, lineText, vkey } = await keptProof(t)
  await audited.stop()
  const verdict = await verifyProof({ proof, line, keys: [vkey] })
  const sentence = new RegExp(`^VALID: the event at position ${position} stood in the log that log\\.example/ledger/`)
  t.match(verdict, { outcome: 'valid', sentence }, verdict.sentence)
  writeFileSync(join(place, 'key'), `${vkey}\n`)
  writeFileSync(line, lineText.trimEnd())
  t.match(
    await verifyProof({ proof, line, keys: [join(place, 'key')] }),
    { outcome: 'valid' },
    'also without a line feed',
  )
})

t.test('without a key from elsewhere or from an earlier check a proof could not be checked', async (t) => {
  const { audited, place, proof, line, vkey } = await keptProof(t)
  t.match(await verifyProof({ proof, line }), { outcome: 'could-not-be-checked', sentence: /give one with --key/ })
  const memories = join(place, 'memories')
  t.match(await verifyProof({ proof, line, memories }), { outcome: 'could-not-be-checked' })
  await t.rejects(verifyProof({ proof, line, keys: [fingerprintOf(vkey)] }), /a fingerprint is not enough/)
  await verify({ source: audited.url, status: false, memories })
  const remembered = await verifyProof({ proof, line, memories })
  t.match(remembered, { outcome: 'valid' }, remembered.sentence)
  t.match(
    remembered.checks.find(({ name }) => name === 'earlier'),
    { finding: { sentence: /^The proof is of the log that was checked here/ } },
  )
  t.match(await verifyProof({ proof, line, memories, keys: [fingerprintOf(vkey)] }), { outcome: 'valid' })
  const stranger = verifierKey(vkey.split('+')[0] as string, newKey())
  t.match(await verifyProof({ proof, line, keys: [stranger] }), { outcome: 'could-not-be-checked' })
})

t.test('a changed line is invalid, another line or a damaged proof could not be checked', async (t) => {
  const { audited, place, proof, line, text, lineText, vkey } = await keptProof(t)
  const given = { proof, line, keys: [vkey] }
  writeFileSync(line, lineText.replace('"recordedBy":"', '"recordedBy":"x'))
  t.match(await verifyProof(given), { outcome: 'invalid', position, sentence: /not the one that was signed/ })
  const other = await fetch(`${audited.url}/v1/events?after=6&limit=1`, { headers: { accept: 'application/x-ndjson' } })
  writeFileSync(line, await other.text())
  const verdict = await verifyProof(given)
  t.match(verdict.sentence, new RegExp(`the line is that of position 7, and the proof is about position ${position}`))
  writeFileSync(line, `${lineText}${lineText}`)
  await t.rejects(verifyProof(given), /more than one line/)
  for (const damaged of [lineText.replace('\n', '\r\n'), `\ufeff${lineText}`, `${lineText.trimEnd()} \n`]) {
    writeFileSync(line, damaged)
    await t.rejects(verifyProof(given), /changed white space at its ends/)
  }
  writeFileSync(line, lineText)
  writeFileSync(proof, text.replaceAll('\n', '\r\n'))
  await t.rejects(verifyProof(given), /an editor or a copy has changed it/)
  writeFileSync(
    proof,
    text.replace(/\n\d+\n/, (size) => `\n${Number(size) + 1}\n`),
  )
  t.match(await verifyProof(given), { outcome: 'invalid', sentence: /not by its key/ })
  await t.rejects(verifyProof({ ...given, proof: join(place, 'nothing') }), /there is no file/)
})
