import { erasedLine, leafOfLine, parseOfflineProof, verifyInclusion } from '@commitments/transparency'
import { type CallersGiven, findCallers } from '../callers/offline.ts'
import { idOfOrigin, originOfNote } from '../log/identity.ts'
import { givenKeys, isFingerprint, type LogKeys } from '../log/keys.ts'
import { findMemory, type Memory, openMemory, unreadChecks } from '../log/memory.ts'
import { givenWitnesses } from '../log/witnesses.ts'
import { keptFindings } from '../pack/verify.ts'
import { optionalFile } from '../source/published-log.ts'
import {
  CannotCheck,
  type Check,
  type Finding,
  held,
  leftOut,
  notChecked,
  type Verdict,
  verdictOf,
} from '../verdict.ts'
import { type Anchor, checkWitnesses, openAnchor } from '../verify/anchors.ts'
import { envelopeOf, formFault } from '../verify/check-line.ts'
import { checkPolicy, givenPolicy, keysOfPolicy } from '../verify/policy.ts'
import { givenBy, keptKeys, keyFinding } from '../verify/trust.ts'

interface ProofGiven extends CallersGiven {
  /** A `.tlog-proof` file, as the log served it. */
  readonly proof: string
  /** A file with the line of the event. */
  readonly line: string
  readonly keys?: readonly string[]
  readonly witnesses?: readonly string[]
  /** File with a policy (C2SP tlog-policy). */
  readonly policy?: string | undefined
  /** The memory of the log from earlier checks: its folder, or the folder of all memories. */
  readonly memory?: string | undefined
  readonly memories?: string | undefined
}

type Proof = NonNullable<ReturnType<typeof parseOfflineProof>>

const provedCheckpoint = 'the checkpoint of the proof'

/**
 * Checks a kept proof of one event without network: the form of the line, the signature under the checkpoint in the proof, and the way from the
 * line to the signed root. A proof names no key, so the key comes from outside, or from an earlier check of the log.
 * @throws CannotCheck if a file is missing, or is not what it should be
 */
export async function verifyProof(given: ProofGiven): Promise<Verdict> {
  const proof = await proofIn(given.proof)
  const line = await lineIn(given.line)
  const memory = await memoryOf(proof, given)
  const policy = await givenPolicy(given.policy)
  const keys = await keysOf([...(given.keys ?? []), ...keysOfPolicy(policy)], memory)
  const signed = openAnchor(proof.checkpoint, keys?.vkeys ?? [], provedCheckpoint)
  const witnesses = (await givenWitnesses(given.witnesses ?? [])).map(({ verifier }) => verifier)
  const envelope = envelopeOf(line)
  const since = typeof envelope === 'string' ? undefined : envelope.recordedAt
  const within = { since, now: new Date() }
  const stands = lineFinding(line, proof)
  const checks: Check[] = [
    { name: 'lines', finding: stands },
    { name: 'signature', finding: signed.finding },
    { name: 'key', finding: keyFinding(keys) },
    ...keptFindings(signed.anchor, memory, 'proof'),
    { name: 'witnesses', finding: checkWitnesses(signed.anchor, witnesses, within) },
    ...checkPolicy(policy, signed.anchor, within),
    ...unreadChecks(memory),
    {
      name: 'proofs',
      finding: stands.outcome === 'not-checked' ? ofAnother : proofFinding(line, proof, signed.anchor),
    },
  ]
  if (typeof envelope !== 'string' && stands.outcome === 'held')
    checks.push({ name: 'callers', finding: await findCallers([{ envelope, line }], signed.anchor?.origin, given) })
  const position = proof.index + 1
  const { origin = '', size = 0 } = signed.anchor ?? {}
  const valid = `the event at position ${position} stood in the log that ${origin} signed at size ${size}, exactly as it is here.`
  return verdictOf(checks, {
    valid,
    subject: { source: given.proof, position, ...(signed.anchor && { origin, size }) },
  })
}

async function proofIn(path: string): Promise<Proof> {
  const bytes = await optionalFile(path)
  if (bytes === null) throw new CannotCheck(`there is no file ${path}`)
  const proof = parseOfflineProof(bytes)
  if (proof === null)
    throw new CannotCheck(
      `${path} is no proof as GET /v1/log/proofs/{position}.tlog-proof gives it, or an editor or a copy has changed it`,
    )
  return proof
}

/** With its line feed or without, as it may be kept. */
async function lineIn(path: string): Promise<Buffer> {
  const bytes = await optionalFile(path)
  if (bytes === null) throw new CannotCheck(`there is no file ${path}`)
  const line = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes
  // No line begins or ends like this, and a copy by mail or an editor often does.
  if (/^\xef\xbb\xbf|[\r \t]$/.test(line.toString('latin1')))
    throw new CannotCheck(`${path} is not as the log gave it: an editor or a copy has changed white space at its ends`)
  if (line.includes(0x0a))
    throw new CannotCheck(`${path} has more than one line: give a file with the line of the event alone`)
  return line
}

async function memoryOf({ checkpoint }: Proof, { memory, memories }: ProofGiven): Promise<Memory | null> {
  if (memory !== undefined) return openMemory(memory)
  if (memories === undefined) return null
  return findMemory(memories, { id: idOfOrigin(originOfNote(checkpoint)), keys: [], firstLeaf: null, address: null })
}

async function keysOf(given: readonly string[], memory: Memory | null): Promise<LogKeys | null> {
  const known = memory?.kept?.vkeys ?? []
  if (given.some(isFingerprint) && known.length === 0)
    throw new CannotCheck(
      'a proof names no key, so a fingerprint is not enough: give the verifier key, or a file with it',
    )
  if (given.length > 0) return givenBy(await givenKeys(given, known), [])
  return memory?.kept ? keptKeys(memory.kept, []) : null
}

function lineFinding(line: Buffer, { index }: Proof): Finding {
  const envelope = envelopeOf(line)
  if (typeof envelope === 'string') return { outcome: 'broken', because: `of the line ${envelope}` }
  const { position, proposalId, version } = envelope
  if (position !== index + 1)
    return notChecked(`the line is that of position ${position}, and the proof is about position ${index + 1}`)
  const because = formFault(line)
  return because === null
    ? held(`The line is that of version ${version} of ${proposalId}, position ${position}.`)
    : { outcome: 'broken', position, because }
}

const ofAnother = leftOut('The proof was not tried on the line of another position.')

function proofFinding(line: Buffer, { index, hashes }: Proof, anchor: Anchor | null): Finding {
  // The check of the signature explains why there is none.
  if (!anchor) return leftOut('Without a checkpoint whose signature holds, no proof can be checked.')
  const { size, root } = anchor
  const erased = erasedLine(line)
  if (erased !== null && verifyInclusion({ leaf: erased.leaf, index, size, proof: hashes, root }))
    return notChecked(
      `the texts of the event were erased: the hash of what was recorded is in the tree that was signed, and the line does not say it any more. Whether the line is what the event ${erased.by} has left of it, only the log or a pack of its proposal can show`,
    )
  if (verifyInclusion({ leaf: leafOfLine(line), index, size, proof: hashes, root }))
    return held(`The proof leads from the line to the root that was signed: ${root.toString('base64')}.`)
  const because = 'its line is not the one that was signed: the proof leads to another root'
  return { outcome: 'broken', position: index + 1, because }
}
